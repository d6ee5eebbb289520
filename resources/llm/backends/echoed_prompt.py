"""Log-probabilities of a given text from servers that send the prompt back with those of its tokens: vLLM, SGLang and others.

OpenAI's older /completions with `echo` and `logprobs`, and nothing to be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from operators.asking.requests import GivenText
from resources.llm.answers import gateway_words
from resources.llm.answers.log_probabilities import none_given, read_from, reply_with
from resources.llm.answers.numbers import count_of, log_probability_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.backends.asks_server import AsksServer

_NO_SUCH_ENDPOINT = ("HTTP 404", "HTTP 405", "HTTP 501")
_COMPLAINTS = ("echo", "logprobs")


@dataclass(frozen=True, slots=True)
class _Echo:
    """The tokens of a prompt as the server shows them, and the value of each; the first may have none."""

    tokens: list[str]
    values: list[float | None]
    seconds: float


async def log_probabilities(connection: AsksServer, given: GivenText) -> Reply:
    prompt = given.context + given.text
    content, seconds = await _completion(connection, prompt, len(given.context))
    if (reply := _of_gateway(content, connection, seconds)) is not None:
        return reply
    echo = _read(content, connection, prompt, seconds)
    span = span_of(echo.tokens, prompt, len(given.context))
    tokens, seconds = len(echo.tokens), echo.seconds
    if span is None:
        # Shown in another way than they were given (halves of characters, other spaces): then the context is counted on its own.
        context = await _echo(connection, given.context) if given.context else _Echo([], [], 0.0)
        span, tokens, seconds = (len(context.tokens), len(echo.tokens)), tokens + len(context.tokens), seconds + context.seconds
    values = echo.values[max(span[0], _unjudged(echo.values)) : span[1]]
    if any(value is None for value in values):
        raise BackendError("malformed", f"{connection.name} left out the log-probabilities of some tokens", retryable=True)
    return reply_with([value for value in values if value is not None], connection.model, tokens, seconds)


def span_of(tokens: Sequence[str], prompt: str, context: int) -> tuple[int, int] | None:
    """The places of the tokens that come after the first `context` characters of the prompt; None where the tokens do not spell the prompt.

    What a server puts before the prompt (a mark of its start) or writes after it belongs to neither. A token across the border is of the text.
    """
    begin = "".join(tokens).find(prompt)
    if begin < 0:
        return None
    first, last, at = len(tokens), len(tokens), 0
    for place, token in enumerate(tokens):
        if at == begin + context or at + len(token) > begin + context:
            first = min(first, place)
        if at >= begin + len(prompt):
            last = min(last, place)
        at += len(token)
    return first, last


def _unjudged(values: Sequence[float | None]) -> int:
    """Nothing stands before the first token, so it has no probability."""
    return 1 if values and values[0] is None else 0


async def _echo(connection: AsksServer, prompt: str) -> _Echo:
    content, seconds = await _completion(connection, prompt)
    return _read(content, connection, prompt, seconds)


def _of_gateway(content: bytes, connection: AsksServer, seconds: float) -> Reply | None:
    """A gateway keeps the values of the text that is meant, and not how the model cuts it into tokens: it sends them as they are."""
    with read_from(connection.name, "completion"):
        answer = orjson.loads(content)
        keeper, caution = gateway_words.keeper_and_caution(answer)
        if not keeper:
            return None
        values = [log_probability_of(value) for value in answer["log_probabilities"]]
        tokens = count_of(answer["usage"]["prompt_tokens"]) or 0
    return replace(reply_with(values, connection.model, tokens, seconds), keeper=keeper, caution=caution)


async def _completion(connection: AsksServer, prompt: str, context: int = 0) -> tuple[bytes, float]:
    body = {"model": connection.model, "prompt": prompt, "echo": True, "logprobs": 1, "max_tokens": 0, "temperature": 0}
    try:
        return await connection.send("/completions", {**body, **connection.settings.extra_body}, context=context)
    except BackendError as error:
        cannot = error.message.startswith(_NO_SUCH_ENDPOINT) or any(word in error.message.lower() for word in _COMPLAINTS)
        if cannot and error.kind == "bad_request" and not error.fatal and not error.final:
            raise none_given(connection.name, error.message) from None
        raise


def _read(content: bytes, connection: AsksServer, prompt: str, seconds: float) -> _Echo:
    with read_from(connection.name, "completion"):
        choice = orjson.loads(content)["choices"][0]
        found = choice.get("logprobs") or {}
        tokens, values, text = found.get("tokens"), found.get("token_logprobs"), str(choice.get("text"))
    if not isinstance(tokens, list) or not isinstance(values, list) or len(tokens) != len(values) or not _is_echo(text, prompt):
        raise none_given(connection.name, "it did not send the prompt back with them, as `echo` and `logprobs` ask of /completions")
    with read_from(connection.name, "log-probabilities"):
        return _Echo([str(token) for token in tokens], [None if value is None else log_probability_of(value) for value in values], seconds)


def _is_echo(text: str, prompt: str) -> bool:
    """Some servers put a mark before it, or show bytes that are no character in another way: then the length tells it from an answer."""
    return prompt in text or (len(prompt) > 0 and len(text) >= 0.8 * len(prompt) and text[:1] == prompt[:1])
