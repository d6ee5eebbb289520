"""A chat completion as it comes over the wire, and what of it counts."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from operators.asking.requests import Request
from resources.llm.answers.reply import Asked, BackendError, Reply

logger = logging.getLogger(__name__)

_CHARACTERS_A_TOKEN = 4


def reply_of(content: bytes, request: Request, model: str, seconds: float, server: str) -> Reply:
    """Raises BackendError of kind "malformed" for what is not a chat completion, "filtered" for a refusal."""
    try:
        completion = orjson.loads(content)
        choice = completion["choices"][0]
        message = choice["message"]
        text, finish_reason = message["content"], choice.get("finish_reason") or "stop"
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        message = f"{server} sent what is no chat completion ({type(error).__name__}: {error}; {len(content)} bytes)"
        raise BackendError("malformed", message, retryable=True) from None
    if text is None and (refusal := message.get("refusal")):
        text, finish_reason = str(refusal), "content_filter"
    if text is None and finish_reason in ("length", "content_filter"):
        text = ""
    if not isinstance(text, str):
        raise BackendError("malformed", f"{server} sent a completion without text (finish_reason {finish_reason!r})", retryable=True)
    prompt_tokens, completion_tokens = _tokens(completion, request, text, server)
    return Reply(text, str(completion.get("model") or model), prompt_tokens, completion_tokens, finish_reason, seconds)


def _tokens(completion: dict[str, Any], request: Request, text: str, server: str) -> tuple[int, int]:
    usage = completion.get("usage")
    try:
        return int(usage["prompt_tokens"]), int(usage["completion_tokens"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        if server not in _told:
            _told.add(server)
            logger.warning("%s does not report token usage: counting %d characters as a token", server, _CHARACTERS_A_TOKEN)
        return prompt_characters(request) // _CHARACTERS_A_TOKEN + 1, len(text) // _CHARACTERS_A_TOKEN + 1


_told: set[str] = set()


def prompt_characters(request: Asked) -> int:
    """Length of the text in a request; pictures and sounds are not counted."""
    if not isinstance(request, Request):
        return len(request.context) + len(request.text)
    count = 0
    for message in request.messages:
        content = message.content
        count += len(content) if isinstance(content, str) else sum(len(part.value) for part in content if part.type == "text")
    return count
