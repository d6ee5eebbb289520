"""What an HTTP status or a broken connection means for a request."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping

import orjson

from resources.llm.answers.reply import BackendError

_LONGEST_MESSAGE = 400
_KEY_REMEDY = "Give a valid one in DATAFLOW_LLM_API_KEY, or in the variable that api_key_variable names."
_OVERLOADED = (429, 503, 529)


def error_of_status(status: int, headers: Mapping[str, str], message: str, server: str) -> BackendError:
    """`message` is the server's own, already without secrets."""
    said = f"HTTP {status} from {server}" + (f": {message}" if message else "")
    if status in (401, 403):
        return BackendError("bad_request", f"{server} refused the key (HTTP {status}{': ' + message if message else ''}). {_KEY_REMEDY}", fatal=True)
    if status == 429 and _quota_is_spent(message):
        return BackendError("rate_limited", f"{server} says that the account's quota is spent ({message}). Add credit, then run again.", fatal=True)
    if status == 429:
        return BackendError("rate_limited", said, retryable=True, overload=True, retry_after=retry_after(headers))
    if status == 408:
        return BackendError("timeout", said, retryable=True, overload=True)
    if status in _OVERLOADED:
        return BackendError("unavailable", said, retryable=True, overload=True, retry_after=retry_after(headers))
    if status == 501:
        return BackendError("bad_request", said)
    if status >= 500 or status in (409, 425):
        return BackendError("unavailable", said, retryable=True, retry_after=retry_after(headers))
    if "content_filter" in message or "content_policy" in message:
        return BackendError("filtered", said)
    if 200 <= status < 400:
        return BackendError("malformed", said)
    return BackendError("bad_request", said)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    if (milliseconds := headers.get("retry-after-ms")) and milliseconds.replace(".", "", 1).isdigit():
        return float(milliseconds) / 1000
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        date = email.utils.parsedate_tz(value)
        return None if date is None else max(0.0, email.utils.mktime_tz(date) - time.time())


def message_of(body: bytes) -> str:
    """The server's own words, in whichever of the usual places they are."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return " ".join(body.decode("utf-8", "replace").split())
    for name in ("error", "message", "detail"):
        value = content.get(name) if isinstance(content, dict) else None
        if isinstance(value, dict):
            code = value.get("code") or value.get("type")
            return f"{value.get('message', value)}" + (f" ({code})" if isinstance(code, str) else "")
        if value:
            return str(value)
    return str(content)


def without_secrets(message: str, secrets: list[str]) -> str:
    """Cut only after the secrets are gone: half a key is a secret too."""
    for secret in secrets:
        message = message.replace(secret, "[secret]")
    return message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "..."


def _quota_is_spent(message: str) -> bool:
    """A 429 that waiting does not cure."""
    return "insufficient_quota" in message or "insufficient balance" in message.lower()
