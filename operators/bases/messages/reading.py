"""Conversations from the shapes that are published: OpenAI's messages, ShareGPT's conversations, the same as JSON text.

A turn names its speaker under "role" or "from", and its text under "content", "value" or "text". The text may be a list of parts (text, reasoning,
tool calls, pictures). Tool calls are read from "tool_calls" and "function_call", from parts, and from ShareGPT's turns of "function_call".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from operators.asking.requests import Role
from operators.bases.messages.turns import NotMessages, ToolCall, Turn
from operators.tables.errors import closest

ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "model", "bot", "chatbot", "ai", "bard", "bing", "claude"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "ipython", "tool_response"), "tool"),
}
"""What data sets call the sides of a conversation -> what they are."""
CALLING: Final = ("function_call", "tool_call")
"""Roles of ShareGPT's turns that are nothing but a call, as JSON."""
SPEAKER_KEYS: Final = ("role", "from")
TEXT_KEYS: Final = ("content", "value", "text")
_HOLDERS: Final = ("messages", "conversations", "conversation")
_PICTURES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("image_url", "image", "input_image"), "<image>"),
    **dict.fromkeys(("input_audio", "audio", "audio_url"), "<audio>"),
    **dict.fromkeys(("video", "video_url"), "<video>"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A text inside a conversation, and where it can be written: `holder[key]`."""

    turn: int
    role: Role
    holder: dict[str, Any]
    key: str


def read_turns(value: Any) -> list[Turn]:
    """A conversation from a value of its column.

    Raises:
        NotMessages: it has another shape, or a turn names no known role.
    """
    return [_turn(raw, number) for number, raw in enumerate(raw_turns(value), 1)]


def raw_turns(value: Any) -> list[dict[str, Any]]:
    """The turns as they are written, as dicts. JSON text is parsed; a dict that holds the list under "messages" or "conversations" is opened."""
    if isinstance(value, str | bytes):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise NotMessages(f"is text that is no JSON ({error}); messages are a list of turns") from None
    if isinstance(value, Mapping):
        value = next((value[name] for name in _HOLDERS if isinstance(value.get(name), list)), value)
    if not isinstance(value, list):
        raise NotMessages(f"is {_kind(value)}, not a list of turns")
    for number, raw in enumerate(value, 1):
        if not isinstance(raw, dict):
            raise NotMessages(f"turn {number} is {_kind(raw)}, which does not say who speaks: give {{role, content}} or {{from, value}}")
    return value


def text_pieces(turns: list[dict[str, Any]]) -> Iterator[Piece]:
    """The texts of raw turns, one a turn or one a part; what is thought or called is none.

    Raises:
        NotMessages: as `read_turns`.
    """
    for number, raw in enumerate(turns, 1):
        role, calling = _role(raw, number)
        key = _text_key(raw, number)
        if calling or key is None:
            continue
        content = raw[key]
        if isinstance(content, str):
            yield Piece(number, role, raw, key)
        elif isinstance(content, list):
            for part in content:
                part_key = _part_key(part)
                if part_key and _part_type(part) == "text" and isinstance(part[part_key], str):
                    yield Piece(number, role, part, part_key)


def _turn(raw: dict[str, Any], number: int) -> Turn:
    role, calling = _role(raw, number)
    key = _text_key(raw, number)
    content = raw[key] if key else None
    if calling:
        return Turn("assistant", "", calls=_calls_in_text(content, number))
    texts: list[str] = []
    thoughts = [raw[name] for name in ("reasoning_content", "reasoning") if isinstance(raw.get(name), str) and raw[name]]
    calls = [*_calls(raw.get("tool_calls"), number), *_calls(raw.get("function_call"), number)]
    if isinstance(content, list):
        for part in content:
            _add_part(part, number, texts, thoughts, calls)
    elif isinstance(content, str):
        texts.append(content)
    elif content is not None:
        raise NotMessages(f"turn {number}: its {key} is {_kind(content)}, not text")
    answers = raw.get("tool_call_id")
    return Turn(role, "\n".join(texts), "\n".join(thoughts), tuple(calls), answers if isinstance(answers, str) else "")


def _add_part(part: Any, number: int, texts: list[str], thoughts: list[str], calls: list[ToolCall]) -> None:
    if isinstance(part, str):
        texts.append(part)
        return
    kind, key = _part_type(part), _part_key(part)
    if kind in ("text", "input_text", "output_text") and key and isinstance(part[key], str):
        texts.append(part[key])
    elif kind in ("reasoning", "thinking") and (thought := part.get("thinking") or (part[key] if key else None)):
        thoughts.append(str(thought))
    elif kind == "tool_call" and key:
        calls += _calls_in_text(part[key], number)
    elif kind == "tool_use":
        calls += _calls([part], number)
    elif kind in _PICTURES:
        texts.append(_PICTURES[kind])
    else:
        raise NotMessages(f'turn {number} has a part of the type "{kind}", which is not known')


def _part_type(part: Any) -> str:
    return str(part.get("type") or ("text" if _part_key(part) else "")) if isinstance(part, Mapping) else ""


def _part_key(part: Any) -> str | None:
    return next((name for name in ("text", "value", "content") if part.get(name) is not None), None) if isinstance(part, Mapping) else None


def _role(raw: Mapping[str, Any], number: int) -> tuple[Role, bool]:
    """The side that speaks, and whether the turn is nothing but a call."""
    written = next((raw[name] for name in SPEAKER_KEYS if raw.get(name) is not None), None)
    if not isinstance(written, str):
        listed = ", ".join(raw) or "no keys"
        raise NotMessages(f'turn {number} does not say who speaks: it has {listed}, and neither "role" nor "from"')
    name = re.sub(r"[\s-]+", "_", written.strip().lower())
    if name in CALLING:
        return "assistant", True
    if name not in ROLES:
        raise NotMessages(f'turn {number} has the role "{written[:40]}", which is not known. {closest(name, (*ROLES, *CALLING))}'.rstrip())
    return ROLES[name], False


def _text_key(raw: Mapping[str, Any], number: int) -> str | None:
    """Where the text stands; None where there is none beside calls."""
    present = [name for name in TEXT_KEYS if name in raw]
    if not present and not raw.get("tool_calls") and not raw.get("function_call"):
        raise NotMessages(f'turn {number} has no text: none of "content", "value" and "text" is there')
    return next((name for name in present if raw[name] is not None), None)


def _calls_in_text(content: Any, number: int) -> tuple[ToolCall, ...]:
    if isinstance(content, str):
        try:
            content = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise NotMessages(f"turn {number} is a call of a tool, but no JSON: {error}") from None
    found = tuple(_calls(content, number))
    if not found:
        raise NotMessages(f"turn {number} is a call of a tool, and calls none")
    return found


def _calls(written: Any, number: int) -> Iterator[ToolCall]:
    for one in written if isinstance(written, list) else [written] if written else []:
        named = one.get("function") or one if isinstance(one, Mapping) else {}
        name = named.get("name") if isinstance(named, Mapping) else None
        if not isinstance(name, str) or not name:
            raise NotMessages(f"turn {number} calls a tool without a name")
        arguments: Any = next((named[key] for key in ("arguments", "parameters", "input") if named.get(key) is not None), {})
        written_id = one.get("id")
        yield ToolCall(name, arguments if isinstance(arguments, str) else _json(arguments), written_id if isinstance(written_id, str) else "")


def _json(arguments: Any) -> str:
    """As JSON. What is null is left out: a table of structs has a null for every argument that only other calls have."""
    given = {name: value for name, value in arguments.items() if value is not None} if isinstance(arguments, Mapping) else arguments
    return orjson.dumps(given).decode()


def _kind(value: Any) -> str:
    names = {dict: "a JSON object", list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}
    return names.get(type(value), type(value).__name__)
