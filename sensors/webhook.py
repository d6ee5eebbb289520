"""A failed run to a chat: JSON as Slack's incoming webhooks take it, which Mattermost, Discord (with /slack) and others take too."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from sensors.failed_run import FailedRun

TRIES = 3
SECONDS = 10.0
_SLACK_TEXT = 2900
"""Slack takes 3,000 characters in one block."""


class AlertNotSent(Exception):
    """An alert did not arrive. The message never has the address or a password in it."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address of a webhook is a secret: what is sent to it goes nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def slack_message(run: FailedRun) -> dict[str, Any]:
    """`text` is what a notification shows; the blocks are the message."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": run.title[:150]}}]
    for step in run.steps[:10]:
        said = f"*{_escaped(step.name)}*\n{_escaped(step.message)}" + (f"\n{_escaped(step.remedy)}" if step.remedy else "")
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": said[:_SLACK_TEXT]}})
    where = f"<{run.address}|run {run.run_id[:8]}>" if run.address else f"run {run.run_id[:8]}"
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": where}]})
    return {"text": f"{run.title}: {run.steps[0].message}"[:_SLACK_TEXT], "blocks": blocks}


def send_to_webhook(address: str, run: FailedRun, wait: float = 2.0) -> None:
    """`wait` are the seconds before the second try, doubled before the third.

    Raises:
        AlertNotSent: it was refused, or nobody answered in three tries.
    """
    content = json.dumps(slack_message(run)).encode()
    request = urllib.request.Request(address, content, {"Content-Type": "application/json", "User-Agent": "dataflow"})
    opener = urllib.request.build_opener(_NoRedirect)
    why = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(wait * 2 ** (attempt - 1))
        try:
            with opener.open(request, timeout=SECONDS):
                return
        except urllib.error.HTTPError as error:
            why = f"it answered {error.code}"
            if error.code < 500 and error.code != 429:
                break
        except OSError as error:
            why = f"it cannot be reached ({type(error).__name__})"
    raise AlertNotSent(f"the webhook of DATAFLOW_ALERT_WEBHOOK did not take the message: {why}. Check the address with its owner.")


def _escaped(text: str) -> str:
    """Slack's three special characters: a row's text must not become a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
