"""The three shapes that trainers read, to the letter: OpenAI's messages, ShareGPT's conversations, Alpaca's columns.

`operators.bases.messages.reading` reads anything that is published; this says whether a value is exactly what a trainer will not trip over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import orjson

from operators.bases.messages.order import repeated_answer, wrong_order
from operators.bases.messages.reading import raw_turns, read_turns
from operators.bases.messages.turns import NotMessages

MessagesFormat: TypeAlias = Literal["openai", "sharegpt"]

_OPENAI_ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_OPENAI_KEYS: Final = frozenset(
    "role content name tool_calls tool_call_id function_call reasoning_content reasoning refusal weight audio annotations".split()
)
_OPENAI_OWNERS: Final = {"weight": "assistant", "refusal": "assistant", "audio": "assistant", "function_call": "assistant", "tool_call_id": "tool"}
"""Fields that only messages of one role have."""
_OPENAI_PARTS: Final[Mapping[str, type]] = {"text": str, "image_url": Mapping, "input_audio": Mapping, "file": Mapping, "refusal": str}
"""Types of parts, each with what stands under its own name."""
_OPENAI_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHAREGPT_ROLES: Final = ("system", "human", "gpt", "function_call", "observation", "tool", "user", "assistant")
_SHAREGPT_KEYS: Final = frozenset(("from", "value", "weight"))


def format_fault(value: Any, shape: MessagesFormat, assistant_last: bool = True) -> str | None:
    """Why a conversation is not in a shape, or its turns are not in order; the first turn that is wrong. None where nothing is."""
    try:
        raw = raw_turns(value)
        fault = next((f"turn {number}{said}" for number, turn in enumerate(raw, 1) if (said := _turn_fault(turn, shape))), None)
        if fault or not raw:
            return fault or "has no turns"
        turns = read_turns(raw)
    except NotMessages as error:
        return str(error)
    return wrong_order(turns, assistant_last) or repeated_answer(turns)


def _turn_fault(turn: Mapping[str, Any], shape: MessagesFormat) -> str | None:
    turn = {key: value for key, value in turn.items() if value is not None or key in ("content", "value")}
    return _openai_fault(turn) if shape == "openai" else _sharegpt_fault(turn)


def _openai_fault(turn: Mapping[str, Any]) -> str | None:
    if "role" not in turn:
        return ' has no "role"; it has ' + (", ".join(turn) or "nothing")
    role = turn["role"]
    if role not in _OPENAI_ROLES:
        return f" has the role {str(role)[:40]!r}, and OpenAI knows {', '.join(_OPENAI_ROLES)}"
    if unknown := [key for key in turn if key not in _OPENAI_KEYS]:
        return f' has "{unknown[0]}", which is no field of a message'
    if misplaced := [key for key, owner in _OPENAI_OWNERS.items() if key in turn and role != owner]:
        return f' has "{misplaced[0]}", which only the {_OPENAI_OWNERS[misplaced[0]]} has'
    if "name" in turn and not isinstance(turn["name"], str):
        return f" has a name that is {type(turn['name']).__name__}, not text"
    if turn.get("weight") not in (None, 0, 1):
        return f" has a weight of {turn['weight']}, which is 0 or 1"
    calls, call = turn.get("tool_calls"), turn.get("function_call")
    fault = _calls_fault(calls, role) if calls is not None else _function_fault(call) if call is not None else None
    if fault:
        return fault
    if role == "tool" and not isinstance(turn.get("tool_call_id"), str):
        return ' is the result of a function without "tool_call_id"'
    if role == "function" and "name" not in turn:
        return ' is the result of a function without its "name"'
    content = turn.get("content")
    if content is None and not calls and not call and not turn.get("refusal"):
        return ' has no "content"'
    if isinstance(content, list):
        return next((fault for part in content if (fault := _part_fault(part, role))), None)
    if content is not None and not isinstance(content, str):
        return f" has a content that is {type(content).__name__}, not text"
    return None


def _part_fault(part: Any, role: str) -> str | None:
    kind = str(part.get("type", "")) if isinstance(part, Mapping) else type(part).__name__
    if kind not in _OPENAI_PARTS:
        return f' has a part of the type "{kind}", and OpenAI knows {", ".join(_OPENAI_PARTS)}'
    if kind != "text" and (role != "user") != (kind == "refusal"):
        return f' has a part of the type "{kind}", which the {role} does not have'
    if not isinstance(part.get(kind), _OPENAI_PARTS[kind]):
        return f' has a part of the type "{kind}" without {"an" if kind[0] in "aeiou" else "a"} "{kind}"'
    return None


def _calls_fault(calls: Any, role: str) -> str | None:
    if role != "assistant":
        return f" ({role}) calls functions, which only the assistant does"
    if not isinstance(calls, list) or not calls:
        return ' has "tool_calls" that are no list of calls'
    return next((fault for call in calls if (fault := _call_fault(call))), None)


def _call_fault(call: Any) -> str | None:
    named = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(named, Mapping) or not isinstance(named.get("name"), str):
        return " has a call without function.name"
    name = named["name"][:40]
    if not isinstance(call.get("id"), str):
        return f' calls {name} without an "id"'
    if fault := _function_fault(named):
        return fault
    if call.get("type") is None:
        return f' calls {name} without the type "function"'
    if call["type"] != "function":
        return f' calls {name} with the type "{str(call["type"])[:40]}", which is not "function"'
    if unknown := [key for key in call if key not in ("id", "type", "function") and call[key] is not None]:
        return f' has "{unknown[0]}", which is no field of a call'
    return None


def _function_fault(named: Any) -> str | None:
    if not isinstance(named, Mapping) or not isinstance(named.get("name"), str):
        return " has a call without a name"
    if not isinstance(named.get("arguments"), str) or not _is_object(named["arguments"]):
        return f" calls {named['name'][:40]} with arguments that are not the text of a JSON object"
    if not _OPENAI_NAME.fullmatch(named["name"]):
        return f" calls {named['name'][:80]!r}, which is no name of a function: letters, digits, _ and -, at most 64"
    if unknown := [key for key in named if key not in ("name", "arguments") and named[key] is not None]:
        return f' has "{unknown[0]}", which is no field of a function'
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _sharegpt_fault(turn: Mapping[str, Any]) -> str | None:
    if "from" not in turn or "value" not in turn:
        return ' has no "from" and "value"; it has ' + (", ".join(turn) or "nothing")
    if turn["from"] not in _SHAREGPT_ROLES:
        return f" is from {str(turn['from'])[:40]!r}, and ShareGPT knows {', '.join(_SHAREGPT_ROLES)}"
    if unknown := [key for key in turn if key not in _SHAREGPT_KEYS]:
        return f' has "{unknown[0]}", which is no field of a turn'
    if not isinstance(turn["value"], str):
        return f" has a value that is {type(turn['value']).__name__}, not text"
    return _sharegpt_call_fault(turn["value"]) if turn["from"] == "function_call" else None


def _sharegpt_call_fault(text: str) -> str | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return f" is a call of a tool, but no JSON: {error}"
    for call in found if isinstance(found, list) else [found]:
        if not isinstance(call, Mapping) or not isinstance(call.get("name"), str) or "arguments" not in call:
            return ' has a call without "name" and "arguments"'
        if not isinstance(call["arguments"], Mapping):
            return f" calls {call['name'][:40]} with arguments that are {type(call['arguments']).__name__}, not an object"
    return None


def alpaca_fault(instruction: Any, given: Any, output: Any, history: Any) -> str | None:
    """What is wrong with a row of Alpaca's columns; None where nothing is."""
    for name, value, needed in (("instruction", instruction, True), ("input", given, False), ("output", output, True)):
        if value is not None and not isinstance(value, str):
            return f"{name} is {type(value).__name__}, not text"
        if needed and not (value or "").strip():
            return f"{name} is empty"
    if history is not None and (not isinstance(history, Sequence) or isinstance(history, str)):
        return f"history is {type(history).__name__}, not a list of [question, answer]"
    for number, pair in enumerate(history or (), 1):
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            return f"exchange {number} of the history is not [question, answer]"
        if not all(isinstance(part, str) and part.strip() for part in pair):
            return f"exchange {number} of the history has an empty part"
    return None
