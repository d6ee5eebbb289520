"""Messages as the chat completions API writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from operators.asking.requests import Message, Part


def as_json(messages: Iterable[Message]) -> list[dict[str, Any]]:
    return [{"role": message.role, "content": _content(message.content)} for message in messages]


def in_turns(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """For chat templates that know no system message, or no two messages of one side after another, such as Gemma's.

    What the system says stands before what the user says, and messages of one side are one.
    """
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "user" if message["role"] == "system" else message["role"]
        if turns and turns[-1]["role"] == role:
            turns[-1] = {"role": role, "content": _joined(turns[-1]["content"], message["content"])}
        else:
            turns.append({"role": role, "content": message["content"]})
    return turns


def _joined(first: str | list[dict[str, Any]], second: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [part for content in (first, second) for part in ([{"type": "text", "text": content}] if isinstance(content, str) else content)]


def _content(content: str | tuple[Part, ...]) -> str | list[dict[str, Any]]:
    return content if isinstance(content, str) else [_part(part) for part in content]


def _part(part: Part) -> dict[str, Any]:
    if part.type == "text":
        return {"type": "text", "text": part.value}
    if part.type == "image_url":
        return {"type": "image_url", "image_url": {"url": part.value}}
    header, separator, data = part.value.partition(";base64,")
    if not separator or not header.startswith("data:audio/"):
        raise ValueError("an input_audio part should be a data URL such as data:audio/wav;base64,...: the API takes no address of a sound.")
    return {"type": "input_audio", "input_audio": {"data": data, "format": header.removeprefix("data:audio/").removeprefix("x-")}}
