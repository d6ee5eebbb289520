"""What a gateway (resources/llm/gateway) and those who ask it say to each other beside OpenAI's protocol.

Headers of a request say for whom it is, and which sample of several. A field of each answer says that the gateway keeps it and has written down
what it cost. Errors have codes of our own, so that they mean the same behind the gateway as before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from operators.asking.answers import FailureKind, ServingStopped, StopCause
from operators.asking.usage_label import UsageLabel
from resources.llm.answers.reply import Keeper
from resources.llm.answers.server_words import ServerWords

PIPELINE, STAGE, RUN = "X-DataFlow-Pipeline", "X-DataFlow-Stage", "X-DataFlow-Run"
"""For whom: percent-encoded UTF-8."""
SAMPLE = "X-DataFlow-Sample"
"""Which of several answers to one question; a seed in the request is that of the first, plus this."""
WAIT = "X-DataFlow-Wait"
"""Seconds after which whoever asks would rather hear that its question is under way (status 202), and ask again."""
CONTEXT = "X-DataFlow-Context"
"""How many characters of a prompt stand before the text whose log-probabilities are asked for."""

FIELD = "dataflow"
"""Of an answer."""
ERROR_TYPE = "dataflow_gateway"
MOST_IN_A_LABEL = 200
"""Characters of a pipeline's, a stage's or a run's name."""
MOST_SAMPLES = 1_000_000
_MOST_CAUTION = 2_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a gateway's error means: of the row, or, with a cause, for all that could be asked."""

    status: int
    kind: FailureKind
    cause: StopCause | None = None


REFUSALS: dict[str, Refusal] = {
    "invalid_request": Refusal(400, "bad_request"),
    "content_filter": Refusal(400, "filtered"),
    "attempts_rate_limited": Refusal(429, "rate_limited"),
    "attempts_unavailable": Refusal(503, "unavailable"),
    "attempts_timed_out": Refusal(504, "timeout"),
    "attempts_malformed": Refusal(502, "malformed"),
    "budget_spent": Refusal(402, "rate_limited", "budget"),
    "account_empty": Refusal(402, "rate_limited", "money"),
    "key_refused_upstream": Refusal(403, "bad_request", "key"),
    "model_missing": Refusal(404, "bad_request", "model"),
    "server_unreachable": Refusal(503, "unavailable", "unreachable"),
    "stopped": Refusal(500, "unavailable", "other"),
}
"""By the code of the error. A gateway says them after it has tried again what can succeed again: nobody else has to."""


def code_of_kind(kind: FailureKind) -> str:
    """Of a row's failure. One that no server can cause (`truncated`, `invalid_answer`) counts as the row's own."""
    return next((code for code, refusal in REFUSALS.items() if refusal.cause is None and refusal.kind == kind), "invalid_request")


def code_of_stop(stop: ServingStopped) -> str:
    return next(code for code, refusal in REFUSALS.items() if refusal.cause == stop.cause)


def refusal_in(said: ServerWords) -> Refusal | None:
    """None for an error that is no gateway's."""
    if ERROR_TYPE not in said.codes:
        return None
    return next((refusal for code, refusal in REFUSALS.items() if code in said.codes), None)


def headers_of(label: UsageLabel, run: str, seconds: float, sample: int = 0, context: int | None = None) -> dict[str, str]:
    """Of a request to what may be a gateway. `seconds`: how long its connection may last."""
    named = {PIPELINE: label.pipeline, STAGE: label.stage, RUN: label.run or run}
    headers = {name: quote(value[:MOST_IN_A_LABEL], safe=" /:") for name, value in named.items() if value}
    headers[WAIT] = f"{seconds / 2:g}"
    if sample:
        headers[SAMPLE] = str(sample)
    if context is not None:
        headers[CONTEXT] = str(context)
    return headers


def label_in(headers: Mapping[str, str]) -> UsageLabel:
    """Raises ValueError for a name that is too long, or no text."""
    return UsageLabel(*(_name(header, headers.get(header, "")) for header in (PIPELINE, STAGE, RUN)))


def _name(header: str, written: str) -> str:
    name = unquote(written, errors="strict") if len(written) <= 12 * MOST_IN_A_LABEL else written
    if len(name) > MOST_IN_A_LABEL or not name.isprintable():
        raise ValueError(f"the header {header} should be a name of at most {MOST_IN_A_LABEL} characters.")
    return name


def number_in(headers: Mapping[str, str], header: str, most: int) -> int | None:
    """A whole number from 0 to `most`; None where the header is not there. Raises ValueError for anything else."""
    written = headers.get(header)
    if written is None:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= 18 and int(written) <= most):
        raise ValueError(f"the header {header} should be a whole number from 0 to {most}.")
    return int(written)


def kept_field(cached: bool, caution: str = "") -> dict[str, Any]:
    """Of an answer. `cached`: it cost nothing this time."""
    return {"kept": True, "cached": cached, "caution": caution[:_MOST_CAUTION]}


def keeper_and_caution(answer: Mapping[str, Any]) -> tuple[Keeper, str]:
    said = answer.get(FIELD)
    if not isinstance(said, dict) or said.get("kept") is not True:
        return "", ""
    caution = said.get("caution")
    return "gateway's cache" if said.get("cached") is True else "gateway", caution[:_MOST_CAUTION] if isinstance(caution, str) else ""


def is_under_way(status: int, content: bytes) -> bool:
    """Whether an answer says that the question is being worked on, and should be asked again."""
    return status == 202 and content == UNDER_WAY


UNDER_WAY = b'{"dataflow":{"under_way":true}}'
