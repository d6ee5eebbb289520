"""Conversations from the shapes that are published: OpenAI's messages, ShareGPT's conversations, the same as JSON text.

A turn names its speaker under "role" or "from", and its text under "content", "value" or "text". The text may be a list of parts (text, reasoning,
tool calls, pictures). Tool calls are read from "tool_calls" and "function_call", from parts, and from ShareGPT's turns of "function_call"; results of
tools also from Anthropic's parts: each is a turn of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operators.asking.requests import Role
from operators.bases.exact_json import parsed_json, written_json
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
_OTHER_SHAPES: Final = "ParseMessages reads texts of chat templates, pairs and exports"
_TEXTS: Final = ("text", "input_text", "output_text", "refusal")
_THOUGHTS: Final = ("reasoning", "thinking")
_HOLDERS: Final = ("messages", "conversations", "conversation")
_PICTURES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("image_url", "image", "input_image"), "<image>"),
    **dict.fromkeys(("input_audio", "audio", "audio_url"), "<audio>"),
    **dict.fromkeys(("video", "video_url"), "<video>"),
    **dict.fromkeys(("file", "input_file", "document"), "<document>"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A text inside a conversation, and where it can be written: `holder[key]`."""

    turn: int
    role: Role
    holder: Any
    key: str | int


def read_turns(value: Any) -> list[Turn]:
    """A conversation from a value of its column.

    Raises:
        NotMessages: it has another shape, or a turn names no known role.
    """
    return [turn for number, raw in enumerate(raw_turns(value), 1) for turn in _turns(raw, number)]


def raw_turns(value: Any) -> list[dict[str, Any]]:
    """The turns as they are written, as dicts. JSON text is parsed; a dict that holds the list under "messages" or "conversations" is opened."""
    if isinstance(value, str | bytes):
        try:
            value = parsed_json(value)
        except ValueError as error:
            raise NotMessages(f"is text that is no JSON ({error}); messages are a list of turns. {_OTHER_SHAPES}") from None
    if isinstance(value, Mapping):
        value = next((value[name] for name in _HOLDERS if isinstance(value.get(name), list)), value)
    if not isinstance(value, list):
        raise NotMessages(f"is {_kind(value)}, not a list of turns")
    for number, raw in enumerate(value, 1):
        if not isinstance(raw, dict):
            raise NotMessages(
                f"turn {number} is {_kind(raw)}, which does not say who speaks: give {{role, content}} or {{from, value}}. {_OTHER_SHAPES}"
            )
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
            for place, part in enumerate(content):
                part_key = _part_key(part)
                if isinstance(part, str):
                    yield Piece(number, role, content, place)
                elif part_key and _part_type(part) in _TEXTS and isinstance(part[part_key], str):
                    yield Piece(number, role, part, part_key)


def _turns(raw: dict[str, Any], number: int) -> Iterator[Turn]:
    role, calling = _role(raw, number)
    key = _text_key(raw, number)
    content = raw[key] if key else raw.get("refusal")
    if calling:
        yield Turn("assistant", "", calls=_calls_in_text(content, number))
        return
    texts: list[str] = []
    thoughts = [raw[name] for name in ("reasoning_content", "reasoning", "thinking") if isinstance(raw.get(name), str) and raw[name]]
    calls = [*_calls(raw.get("tool_calls"), number), *_calls(raw.get("function_call"), number)]
    if isinstance(content, list):
        results = [part for part in content if _part_type(part) == "tool_result"]
        yield from (_result(part, number) for part in results)
        for part in content:
            if _part_type(part) != "tool_result":
                _add_part(part, number, texts, thoughts, calls)
        if results and not texts and not calls:
            return
    elif isinstance(content, str):
        texts.append(content)
    elif content is not None:
        raise NotMessages(f"turn {number}: its {key} is {_kind(content)}, not text")
    answers = raw.get("tool_call_id")
    yield Turn(role, "\n".join(texts), "\n".join(thoughts), tuple(calls), answers if isinstance(answers, str) else "")


def _result(part: Mapping[str, Any], number: int) -> Turn:
    """What a tool returned, as Anthropic has it among the parts of the user's turn."""
    content, answers = part.get("content"), part.get("tool_use_id")
    texts: list[str] = []
    for inner in content if isinstance(content, list) else [content] if content is not None else []:
        _add_part(inner, number, texts, [], [])
    return Turn("tool", "\n".join(texts), answers=answers if isinstance(answers, str) else "")


def _add_part(part: Any, number: int, texts: list[str], thoughts: list[str], calls: list[ToolCall]) -> None:
    if isinstance(part, str):
        texts.append(part)
        return
    kind, key = _part_type(part), _part_key(part)
    if kind in _TEXTS and key and isinstance(part[key], str):
        texts.append(part[key])
    elif kind in _THOUGHTS and (thought := part.get("thinking") or (part[key] if key else None)):
        _add_thought(thought, number, thoughts)
    elif kind == "redacted_thinking":
        return  # encrypted: nobody but the model can read it
    elif kind == "tool_call" and key:
        calls += _calls_in_text(part[key], number)
    elif kind == "tool_use":
        calls += _calls([part], number)
    elif kind in _PICTURES:
        texts.append(_PICTURES[kind])
    else:
        raise NotMessages(f'turn {number} has a part of the type "{kind}", which is not known')


def _add_thought(thought: Any, number: int, thoughts: list[str]) -> None:
    """A text, or, as Mistral has it, a list of parts."""
    for part in thought if isinstance(thought, list) else [thought]:
        _add_part(part, number, thoughts, [], [])


def has_pictures(value: Any) -> bool:
    """Whether a conversation holds pictures, sounds or films among its parts, which `read_turns` has placeholders for."""
    return any(
        isinstance(raw.get(key), list) and any(_part_type(part) in _PICTURES for part in raw[key]) for raw in raw_turns(value) for key in TEXT_KEYS
    )


def _part_type(part: Any) -> str:
    return str(part.get("type") or ("text" if _part_key(part) else "")) if isinstance(part, Mapping) else ""


def _part_key(part: Any) -> str | None:
    return next((name for name in ("text", "value", "content", "refusal") if part.get(name) is not None), None) if isinstance(part, Mapping) else None


def _role(raw: Mapping[str, Any], number: int) -> tuple[Role, bool]:
    """The side that speaks, and whether the turn is nothing but a call."""
    written = next((raw[name] for name in SPEAKER_KEYS if raw.get(name) is not None), None)
    if not isinstance(written, str):
        listed = ", ".join(raw) or "no keys"
        raise NotMessages(f'turn {number} does not say who speaks: it has {listed}, and neither "role" nor "from". {_OTHER_SHAPES}')
    name = re.sub(r"[\s-]+", "_", written.strip().lower())
    if name in CALLING:
        return "assistant", True
    if name not in ROLES:
        raise NotMessages(f'turn {number} has the role "{written[:40]}", which is not known. {closest(name, (*ROLES, *CALLING))}'.rstrip())
    return ROLES[name], False


def _text_key(raw: Mapping[str, Any], number: int) -> str | None:
    """Where the text stands; None where there is none beside calls."""
    present = [name for name in TEXT_KEYS if name in raw]
    if not present and not any(raw.get(name) for name in ("tool_calls", "function_call", "refusal")):
        raise NotMessages(f'turn {number} has no text: none of "content", "value" and "text" is there')
    return next((name for name in present if raw[name] is not None), None)


def _calls_in_text(content: Any, number: int) -> tuple[ToolCall, ...]:
    written = isinstance(content, str)
    if isinstance(content, str):
        try:
            content = parsed_json(content)
        except ValueError as error:
            raise NotMessages(f"turn {number} is a call of a tool, but no JSON: {error}") from None
    found = tuple(_calls(content, number, keep_nulls=written))
    if not found:
        raise NotMessages(f"turn {number} is a call of a tool, and calls none")
    return found


def _calls(written: Any, number: int, keep_nulls: bool = False) -> Iterator[ToolCall]:
    for one in written if isinstance(written, list) else [written] if written else []:
        named = one.get("function") or one if isinstance(one, Mapping) else {}
        name = named.get("name") if isinstance(named, Mapping) else None
        if not isinstance(name, str) or not name:
            raise NotMessages(f"turn {number} calls a tool without a name")
        arguments: Any = next((named[key] for key in ("arguments", "parameters", "input") if named.get(key) is not None), {})
        if isinstance(arguments, str) and not arguments.strip():
            arguments = {}
        written_id = one.get("id")
        yield ToolCall(
            name, arguments if isinstance(arguments, str) else _json(arguments, keep_nulls), written_id if isinstance(written_id, str) else ""
        )


def _json(arguments: Any, keep_nulls: bool) -> str:
    """As JSON. Without `keep_nulls` what is null is left out: a table of structs has a null for every argument that only other calls have."""
    if isinstance(arguments, Mapping) and not keep_nulls:
        arguments = {name: value for name, value in arguments.items() if value is not None}
    return written_json(arguments)


def _kind(value: Any) -> str:
    names = {dict: "a JSON object", list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}
    return names.get(type(value), type(value).__name__)
