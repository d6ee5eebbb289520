"""What a server says went wrong, read from whichever of the usual places it is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from resources.llm.answers.numbers import delay_of

_MOST_READ = 20_000
"""Characters of a message."""
_DEEPEST = 6
_CODES = ("code", "type", "error_type", "errortype", "status", "reason", "error_code", "blockreason", "native_finish_reason", "quotaid")
_MESSAGES = ("message", "msg", "detail", "error", "raw", "title", "description", "error_message", "errormessage", "error_msg", "errmsg", "status_msg")
BOM = b"\xef\xbb\xbf"
_TAG = re.compile(r"<[^<>]{0,300}>")


@dataclass(frozen=True, slots=True)
class ServerWords:
    """An error as a server told it."""

    message: str
    codes: frozenset[str] = frozenset()
    """Its codes, types and reasons, and the names of its metadata, in lower case: one of them is what a program should go by."""
    status: int | None = None
    """The HTTP status that it names itself: some errors come with 200."""
    parameters: frozenset[str] = frozenset()
    """The fields of the request that it complains about."""
    delay: float | None = None
    """Seconds that it asks to wait."""
    is_page: bool = False
    """It is no JSON: who speaks is more likely a firewall or a proxy than the server."""

    def __bool__(self) -> bool:
        return bool(self.message or self.codes)

    @property
    def says_no_more_than_403(self) -> bool:
        return self.is_page or self.message.strip(" .").lower() in ("", "forbidden", "access denied")


def words_of(body: bytes) -> ServerWords:
    """Never raises: what is no JSON is the message."""
    try:
        content = orjson.loads(body.removeprefix(BOM))
    except orjson.JSONDecodeError:
        text = body[: 4 * _MOST_READ].decode("utf-8", "replace")
        return ServerWords(" ".join(_TAG.sub(" ", text).split())[:_MOST_READ], is_page=True)
    return words_in(content)


def words_in(content: Any) -> ServerWords:
    """Of what JSON holds: `{"error": {...}}`, a list of such, `{"message": ...}`, `{"detail": ...}`, one within the message of another."""
    found = list(_entries(content, 0))

    def values(*names: str) -> list[Any]:
        return [value for name, value in found if name in names]

    messages = list(dict.fromkeys(text for value in values(*_MESSAGES) if (text := _text(value))))
    codes = [str(value).strip() for value in values(*_CODES) if isinstance(value, str | int)]
    metadata = [str(name) for value in values("metadata") if isinstance(value, dict) for name in value]
    fields = [value for value in values("param", "parameter") if isinstance(value, str) and value not in ("", "None")]
    fields += [str(value[-1]) for value in values("loc") if isinstance(value, list) and value]
    delays = [delay_of(value) for value in values("retrydelay", "retry_after", "retry_after_seconds")]
    statuses = [_status(value) for value in (*values("code"), *values("status", "status_code"))]
    return ServerWords(
        _with_code("; ".join(messages) or ("" if content in (None, {}, []) else str(content)), codes)[:_MOST_READ],
        frozenset(text.lower() for text in (*codes, *metadata)),
        next((status for status in statuses if status is not None), None),
        frozenset(field.lower() for field in fields),
        max((delay for delay in delays if delay is not None), default=None),
    )


def _with_code(message: str, codes: list[str]) -> str:
    """Its first code that is a word says more than most messages do."""
    word = next((code for code in codes if not code.isdigit() and code.lower() not in ("", "error", "none")), "")
    return message if not word or word in message else f"{message} ({word})"


def _entries(content: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Names and values of an error, the nearest first; those of an error within a message too (a proxy's, around its provider's)."""
    if depth > _DEEPEST:
        return
    if isinstance(content, list):
        for item in content[:20]:
            yield from _entries(item, depth + 1)
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        yield str(name).lower(), value
    for name, value in content.items():
        if str(name).lower() in ("input", "ctx", "body", "flagged_input"):  # the question itself, sent back
            continue
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            try:
                value = orjson.loads(value)
            except orjson.JSONDecodeError:
                continue
        if isinstance(value, dict | list):
            yield from _entries(value, depth + 1)


def _text(value: Any) -> str:
    """One line; "" for what is no text, or is JSON that was read on its own."""
    if not isinstance(value, str):
        return ""
    text = " ".join(value.split())
    if text[:1] in ("{", "["):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        return ""
    return text


def _status(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value.strip()) == 3:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600 else None


def error_in(content: Mapping[str, Any]) -> ServerWords | None:
    """The error that an answer with status 200 holds instead of, or inside, its choices; None where there is none."""
    if content.get("error"):
        return words_in({"error": content["error"]})
    choices = content.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(first, dict) and first.get("error"):
        return words_in({"error": first["error"]})
    if not choices and (content.get("object") == "error" or any(name in _MESSAGES and _text(value) for name, value in _entries(content, 0))):
        return words_in(content)
    return None


def error_in_events(body: bytes) -> ServerWords | None:
    """The error in a stream of events (`data: {...}`), which a server may send although it was not asked to."""
    for line in body[:_MOST_READ].splitlines():
        if line.startswith(b"data:"):
            with suppress(orjson.JSONDecodeError):
                content = orjson.loads(line.removeprefix(b"data:"))
                if isinstance(content, dict) and (said := error_in(content)) is not None:
                    return said
    return None
