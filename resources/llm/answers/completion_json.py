"""A chat completion as it comes over the wire, and what of it counts."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import orjson

from resources.llm.answers import gateway_words
from resources.llm.answers.endings import ending_of
from resources.llm.answers.numbers import count_of
from resources.llm.answers.reasoning import parts_of, reasoning_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.server_words import BOM, ServerWords, error_in, error_in_events, words_in, words_of

logger = logging.getLogger(__name__)

_CHARACTERS_A_TOKEN = 4
_MOST_SHOWN = 200
"""Characters of a page."""


class HasLength(Protocol):
    @property
    def characters(self) -> int: ...


class ErrorInAnswer(Exception):
    """An answer with the status of a success that holds an error: what it means is for who knows the provider to say."""

    def __init__(self, said: ServerWords) -> None:
        super().__init__(said.message)
        self.said = said


def reply_of(content: bytes, request: HasLength, model: str, seconds: float, server: str) -> Reply:
    """A reply whole or not, its thinking apart where the server parts it.

    Raises:
        BackendError: of kind "malformed" for what is not a chat completion.
        ErrorInAnswer: the server answered with an error.
    """
    try:
        completion = orjson.loads(content.removeprefix(BOM))
    except orjson.JSONDecodeError as error:
        if (said := error_in_events(content)) is not None:
            raise ErrorInAnswer(said) from None
        page = words_of(content).message[:_MOST_SHOWN] if content.lstrip()[:1] == b"<" else ""
        raise _malformed(server, f"what is no JSON ({page or error}; {len(content)} bytes)") from None
    if not isinstance(completion, dict):
        raise _malformed(server, f"what is no chat completion (a {type(completion).__name__}; {len(content)} bytes)")
    if (said := error_in(completion)) is not None:
        raise ErrorInAnswer(said)
    if (reason := _blocked(completion)) is not None:
        return Reply("", model, *_tokens(completion, request, "", server), "content_filter", seconds, reason)
    choice = _first(completion.get("choices"), server)
    finish_reason = choice.get("finish_reason")
    if finish_reason is not None and not isinstance(finish_reason, str):
        raise _malformed(server, f"a finish_reason that is no text ({str(finish_reason)[:80]})")
    message = choice.get("message")
    if message is None and ending_of(finish_reason or "") in ("truncated", "filtered"):
        message = {}  # Gemini leaves it out where thinking took all tokens, or the answer is withheld
    if not isinstance(message, dict):
        raise _malformed(server, f"a choice without a message ({len(content)} bytes)")
    text, reasoning, refusal = _texts(message, server)
    if refusal:
        text, finish_reason = refusal, "refusal"
    named = completion.get("model")
    name = named if isinstance(named, str) and 0 < len(named) <= 300 else model
    tokens = _tokens(completion, request, text + reasoning, server)
    keeper, caution = gateway_words.keeper_and_caution(completion)
    if keeper and isinstance(thought := message.get("reasoning_content"), str):
        reasoning = thought  # to the last space as the gateway has it: a table must not depend on who was asked
    return Reply(text, name, *tokens, (finish_reason or "stop")[:80], seconds, reasoning, keeper, caution)


def _malformed(server: str, what: str) -> BackendError:
    return BackendError("malformed", f"{server} sent {what}", retryable=True)


def _first(choices: Any, server: str) -> dict[str, Any]:
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _malformed(server, "what is no chat completion: it has no choices")
    return choices[0]


def _blocked(completion: dict[str, Any]) -> str | None:
    """Gemini's own way of refusing a prompt: no choice, and why."""
    feedback = completion.get("promptFeedback") or completion.get("prompt_feedback")
    if not completion.get("choices") and isinstance(feedback, dict) and (feedback.get("blockReason") or feedback.get("block_reason")):
        return words_in(feedback).message
    return None


def _texts(message: dict[str, Any], server: str) -> tuple[str, str, str]:
    """Text, thinking, refusal."""
    content = message.get("content")
    text = thought = refused = ""
    if isinstance(content, str):
        text = content
    elif isinstance(content, list | dict):
        text, thought, refused = parts_of(content if isinstance(content, list) else [content])
    elif content is not None:
        raise _malformed(server, f"a message whose content is a {type(content).__name__}")
    refusal = message.get("refusal")
    found = [part for part in (reasoning_of(message), thought) if part]
    return text, "\n\n".join(dict.fromkeys(found)), refusal if isinstance(refusal, str) and refusal else refused


def _tokens(completion: dict[str, Any], request: HasLength, text: str, server: str) -> tuple[int, int]:
    usage = completion.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    if all(not usage.get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")):
        usage = {}  # no prompt has no tokens: zeros are of a server that does not count
    try:
        prompt, completed = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    except ValueError as error:
        raise _malformed(server, f"a count of tokens that cannot be ({error})") from None
    if prompt is None or completed is None:
        if server not in _told:
            _told.add(server)
            logger.warning("%s does not report token usage: counting %d characters as a token", server, _CHARACTERS_A_TOKEN)
        estimated = request.characters // _CHARACTERS_A_TOKEN + 1, len(text) // _CHARACTERS_A_TOKEN + 1
        return (estimated[0] if prompt is None else prompt), (estimated[1] if completed is None else completed)
    return prompt, completed + _thinking_beside(usage, prompt, completed)


def _thinking_beside(usage: dict[str, Any], prompt: int, completed: int) -> int:
    """Tokens that are paid as part of the answer and counted beside it: Gemini has its thinking only in the total, xAI in the details too."""
    details = usage.get("completion_tokens_details")
    thought = details.get("reasoning_tokens") if isinstance(details, dict) else None
    try:
        total, thinking = count_of(usage.get("total_tokens")) or 0, count_of(thought) or 0
    except ValueError:
        return 0
    return max(total - prompt - completed, thinking if thinking > completed else 0, 0)


_told: set[str] = set()
