"""The files that a batch ends with: one JSON line for each request, with its answer or why there is none."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, TypeAlias

import orjson

from operators.asking.requests import Request
from resources.llm.answers.completion_json import reply_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.request_key import RequestKey
from resources.llm.backends.http_errors import error_of_status, message_of

logger = logging.getLogger(__name__)

Result: TypeAlias = "Reply | BackendError"

_PASSES = ("batch_expired", "batch_cancelled", "server_error", "rate_limit")
"""Codes of errors after which the same request may succeed in another batch."""


def line_of(key: RequestKey, body: dict[str, Any]) -> bytes:
    """One request of a batch, as a line of its input file."""
    return orjson.dumps({"custom_id": key.hex(), "method": "POST", "url": "/v1/chat/completions", "body": body}, default=dict) + b"\n"


def results_of(files: Iterable[bytes], model: str, seconds: float, server: str) -> dict[RequestKey, Result]:
    """By request key. A line that cannot be read is told of and left out: its request counts as not answered."""
    results: dict[RequestKey, Result] = {}
    for content in files:
        for number, line in enumerate(content.splitlines(), 1):
            if not line.strip():
                continue
            try:
                entry = orjson.loads(line)
                key = bytes.fromhex(entry["custom_id"])
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                logger.warning("line %d of an answer file of %s cannot be read (%s)", number, server, error)
                continue
            results[key] = _result(entry, model, seconds, server)
    return results


def _result(entry: dict[str, Any], model: str, seconds: float, server: str) -> Result:
    response, error = entry.get("response"), entry.get("error")
    if not isinstance(response, dict):
        said = error if isinstance(error, dict) else {}
        code = str(said.get("code") or "no answer")
        message = f"{server} gave no answer in the batch ({code}: {said.get('message') or 'no reason given'})"
        return BackendError("unavailable", message, retryable=code.startswith(_PASSES))
    body = orjson.dumps(response.get("body"))
    status = int(response.get("status_code") or 0)
    if status != 200:
        return error_of_status(status, {}, message_of(body), server)
    try:
        return reply_of(body, _UNKNOWN, model, seconds, server)
    except BackendError as malformed:
        return malformed


_UNKNOWN = Request(())
"""The request matters to `reply_of` only where the server counts no tokens."""
