"""The files that a batch ends with: one JSON line for each request, with its answer or why there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import orjson

from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.request_key import RequestKey

logger = logging.getLogger(__name__)

Result: TypeAlias = "Reply | BackendError"

_PASSES = ("batch_expired", "batch_cancelled", "server_error", "rate_limit")
"""Codes of errors after which the same request may succeed in another batch."""

_LONGEST_MESSAGE = 400
_BOM = b"\xef\xbb\xbf"


def line_of(key: RequestKey, body: dict[str, Any]) -> bytes:
    """One request of a batch, as a line of its input file."""
    return orjson.dumps({"custom_id": key.hex(), "method": "POST", "url": "/v1/chat/completions", "body": body}, default=dict) + b"\n"


def results_of(files: Iterable[bytes], server: str, read: Callable[[int, bytes], Reply]) -> dict[RequestKey, Result]:
    """By request key. A line that cannot be read is told of and left out: its request counts as not answered. Of several lines an answer counts.

    Args:
        read: the reply in an answer of a given HTTP status, as of one that was asked for directly; raises BackendError.
    """
    results: dict[RequestKey, Result] = {}
    for content in files:
        for number, line in enumerate(content.removeprefix(_BOM).splitlines(), 1):
            if not line.strip():
                continue
            try:
                entry = orjson.loads(line)
                key = bytes.fromhex(entry["custom_id"])
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                logger.warning("line %d of an answer file of %s cannot be read (%s)", number, server, error)
                continue
            if not isinstance(results.get(key), Reply):
                results[key] = _result(entry, server, read)
    return results


def _result(entry: dict[str, Any], server: str, read: Callable[[int, bytes], Reply]) -> Result:
    response, error = entry.get("response"), entry.get("error")
    if not isinstance(response, dict):
        said = error if isinstance(error, dict) else {}
        code = str(said.get("code") or "no answer")
        message = f"{server} gave no answer in the batch ({code}: {said.get('message') or 'no reason given'})"
        return BackendError("unavailable", message[:_LONGEST_MESSAGE], retryable=code.startswith(_PASSES))
    status = _status(response)
    if status is None:
        return BackendError("malformed", f"{server} gave an answer without a status in the batch", retryable=True)
    try:
        return read(status, orjson.dumps(response.get("body")))
    except BackendError as refused:
        return refused


def _status(response: dict[str, Any]) -> int | None:
    """Also where it is written as text; and where there is none, that of an answer."""
    told = response.get("status_code", response.get("status"))
    if told is None:
        body = response.get("body")
        return 200 if isinstance(body, dict) and body.get("choices") else None
    written = str(told).strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) == 3 else None
