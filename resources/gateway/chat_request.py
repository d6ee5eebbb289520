"""A body of /v1/chat/completions as the question that the engine knows: with the same key in the cache as the question asked without a gateway."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args

import orjson

from operators.asking.requests import Message, Part, Request, Role, Sampling

_READ = frozenset(
    ("model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stop", "response_format", "stream", "n", "user")
)
_CHANGES_NOTHING: Mapping[str, Any] = {"logprobs": False, "store": False, "tools": [], "parallel_tool_calls": False}
"""Fields that may be there with this value, which is what happens without them."""
_ROLES = get_args(Role)
_MOST_MESSAGES = 10_000
_MOST_STOPS = 64
_MOST_NUMBER = 2**62


class BadRequest(Exception):
    """What is wrong with a request, and what to do."""


def request_of(body: Mapping[str, Any], sample: int, extra_body: Mapping[str, Any]) -> Request:
    """`sample`: which of several answers is asked for. `extra_body`: what the gateway adds to every request.

    Raises:
        BadRequest: a field that the engine cannot ask for, or a value that it cannot be.
    """
    given = {name: value for name, value in body.items() if value is not None}
    if given.get("stream", False) is not False:
        raise BadRequest("stream: the gateway answers whole, when the answer is kept. Leave stream out.")
    if given.get("n", 1) != 1:
        raise BadRequest("n: one answer a request, so that each has its place in the cache. Ask several times, with a seed each.")
    for name, value in given.items():
        if name not in _READ and (name not in _CHANGES_NOTHING or value != _CHANGES_NOTHING[name]) and not _is_added(name, value, extra_body):
            raise BadRequest(f"{name[:80]}: this field is not passed on. Put it into extra_body of the gateway's settings, or leave it out.")
    return Request(_messages(given.get("messages")), _sampling(given, sample), _schema(given.get("response_format")), sample)


def _is_added(name: str, value: Any, extra_body: Mapping[str, Any]) -> bool:
    return name in extra_body and extra_body[name] == value


def _messages(given: Any) -> tuple[Message, ...]:
    if not isinstance(given, list) or not given or len(given) > _MOST_MESSAGES:
        raise BadRequest(f"messages: a list of 1 to {_MOST_MESSAGES} messages is needed.")
    return tuple(_message(message, place) for place, message in enumerate(given))


def _message(given: Any, place: int) -> Message:
    where = f"messages[{place}]"
    if not isinstance(given, dict) or given.get("role") not in _ROLES or set(given) - {"role", "content"}:
        raise BadRequest(f"{where}: a role ({', '.join(_ROLES)}) and a content are needed, and nothing else is passed on.")
    content = given.get("content")
    if isinstance(content, str):
        return Message(given["role"], content)
    if not isinstance(content, list):
        raise BadRequest(f"{where}.content: a text or a list of parts is needed.")
    return Message(given["role"], tuple(_part(part, f"{where}.content[{number}]") for number, part in enumerate(content)))


def _part(given: Any, where: str) -> Part:
    """As resources/llm/backends/chat_messages.py writes it."""
    match given:
        case {"type": "text", "text": str(text), **rest} if not rest:
            return Part("text", text)
        case {"type": "image_url", "image_url": {"url": str(address), **others}, **rest} if not rest and not others:
            return Part("image_url", address)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(kind), **others}, **rest} if not rest and not others:
            return Part("input_audio", f"data:audio/{kind};base64,{data}")
    raise BadRequest(f"{where}: a part is a text, an image_url with its url, or an input_audio with data and format.")


def _sampling(given: Mapping[str, Any], sample: int) -> Sampling:
    if "max_tokens" in given and "max_completion_tokens" in given:
        raise BadRequest("max_tokens and max_completion_tokens mean the same: give one.")
    seed = _whole(given, "seed", -_MOST_NUMBER)
    return Sampling(
        temperature=_number(given, "temperature"),
        max_tokens=_whole(given, "max_completion_tokens" if "max_completion_tokens" in given else "max_tokens", 0),
        top_p=_number(given, "top_p"),
        seed=None if seed is None else seed - sample,
        stop=_stop(given.get("stop")),
    )


def _number(given: Mapping[str, Any], name: str) -> Any:
    """As it was written: 0 and 0.0 have different keys, as they have without a gateway."""
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1_000):
        raise BadRequest(f"{name}: a number is needed.")
    return value


def _whole(given: Mapping[str, Any], name: str, least: int) -> int | None:
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST_NUMBER):
        raise BadRequest(f"{name}: a whole number{' of 0 or more' if least == 0 else ''} is needed.")
    return value


def _stop(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    stops = [given] if isinstance(given, str) else given
    if not isinstance(stops, list) or len(stops) > _MOST_STOPS or not all(isinstance(stop, str) for stop in stops):
        raise BadRequest(f"stop: a text, or a list of at most {_MOST_STOPS}, is needed.")
    return tuple(stops)


def _schema(given: Any) -> Mapping[str, Any] | None:
    match given:
        case None | {"type": "text"}:
            return None
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            try:
                orjson.dumps(schema)
            except TypeError as error:  # deeper than can be written again
                raise BadRequest(f"response_format: this schema cannot be sent on ({error}).") from None
            return schema
    raise BadRequest('response_format: {"type": "json_schema", "json_schema": {"name": ..., "schema": {...}}} is needed, or none.')
