"""Calls of functions in what models and data sets write: JSON, the marks of chat templates, Python's call syntax, ReAct."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operators.bases.exact_json import parsed_json, written_json
from operators.bases.messages.turns import ToolCall
from operators.bases.thoughts import without_thought
from operators.sandboxes import parse_python
from operators.tools.call_marks import MarkedCall, element_arguments, has_elements, has_unreadable_call, marked_calls
from operators.tools.definitions import Tool
from operators.tools.python_values import python_value, value_of

_FENCE: Final = re.compile(r"^[ \t]*```[\w-]*[ \t]*$", re.MULTILINE)
_MARKS_BEFORE: Final = re.compile(r"(?:\s|<\|\w{1,40}\|>|\[TOOL_CALLS\])*+")
_MARK_AFTER: Final = re.compile(r"(?:<\|\w{1,40}\|>|</s>)\Z")
_MOST_MARKS_AFTER: Final = 8
_ACTION: Final = re.compile(
    r"^Action:[ \t]*([\w.-]{1,80})[ \t]*\n+Action Input:(.*?)(?=^(?:Observation|Thought|Action|Final Answer):|\Z)", re.DOTALL | re.MULTILINE
)
_BETWEEN: Final = re.compile(r"[\s,;]*+")
_NAME_KEYS: Final = ("name", "tool_name")
_ARGUMENT_KEYS: Final = ("arguments", "parameters", "args", "input", "kwargs")
_OBJECTS: Final = re.compile(r"(?:\[\s*+)?\{")
_KEYS_OF_A_CALL: Final = (
    re.compile(rf"""["'](?:{"|".join(_NAME_KEYS)})["']\s*+:"""),
    re.compile(rf"""["'](?:{"|".join(_ARGUMENT_KEYS)})["']\s*+:"""),
)
_HOLDERS: Final = ("tool_calls", "function_call", "functionCall")
"""Where messages of the assistant, and their parts, have calls."""
_SAID: Final = ("text", "input_text", "output_text", "refusal", "thinking", "redacted_thinking", "reasoning")
"""Types of parts that call nothing."""


class NotCalls(ValueError):
    """Text that is meant as a call, and is none; the message says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function's name with its arguments by name, as JSON values."""

    name: str
    arguments: Mapping[str, Any]

    def as_text(self) -> str:
        """As Python writes it: find_train(start='Bern', end='Basel')."""
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


def call_of(turn_call: ToolCall) -> Call:
    """A call of a conversation with its arguments parsed.

    Raises:
        NotCalls: the arguments are no JSON object.
    """
    try:
        arguments = parsed_json(turn_call.arguments)
    except ValueError as error:
        raise NotCalls(f"the arguments of {turn_call.name[:60]} are no JSON: {error}") from None
    if not isinstance(arguments, dict):
        raise NotCalls(f"the arguments of {turn_call.name[:60]} are {type(arguments).__name__}, not an object")
    return Call(turn_call.name, arguments)


def as_tool_call(call: Call, id_: str = "") -> ToolCall:
    """As a conversation has it."""
    return ToolCall(call.name, written_json(dict(call.arguments)), id_)


def read_calls(value: Any, tools: Sequence[Tool] = ()) -> list[Call]:
    """The calls in an answer, in order; none where it is prose.

    Understood: {"name", "arguments"}, messages and their parts (OpenAI's, Anthropic's, Gemini's), {"function name": {arguments}}, lists of these; all
    of these as text, also several after each other, between <tool_call> and </tool_call> or in a code fence; <function=name>{arguments}</function>,
    [TOOL_CALLS]name[ARGS]{arguments}; and [name(argument=value), ...] in Python's syntax. Arguments without a name get theirs from `tools`. What is
    thought before calls nothing.

    Raises:
        NotCalls: it is meant as a call, and cannot be read.
    """
    if value is None:
        return []
    if not isinstance(value, str):
        return list(_calls_of(value, tools))
    value = without_thought(value)
    known = {tool.name: tool for tool in tools}
    text = _without_marks(value)
    if text.startswith("```") and text.endswith("```"):
        text = _FENCE.sub("", text).strip()
    if text.startswith(("[", "{", '"')) and (found := _written_values(text)) is not None:
        return list(_calls_of(found, tools)) if _looks_like_calls(found, known) else []
    if marked := marked_calls(value):
        return [call for one in marked for call in _marked(one, known)]
    if has_unreadable_call(value):
        raise NotCalls(f"the call {text[:80]!r} is marked in a way that is not known")
    if actions := list(_ACTION.finditer(value)):
        return [_action(match[1], match[2].strip(), known) for match in actions]
    if _OBJECTS.match(text) and all(key.search(text) for key in _KEYS_OF_A_CALL):
        raise NotCalls(f"the call {text[:80]!r} is no JSON")
    return _python_calls(text, known)


def _without_marks(text: str) -> str:
    """Without the marks of a chat template at its ends."""
    text = text[_MARKS_BEFORE.match(text).end() :].rstrip()  # type: ignore[union-attr]  # it matches nothing too
    for _ in range(_MOST_MARKS_AFTER):
        text = _MARK_AFTER.sub("", text).rstrip()
    return text


def _marked(marked: MarkedCall, tools: Mapping[str, Tool]) -> Iterator[Call]:
    name, body = marked.name, marked.body
    if name and (not body or has_elements(body)):
        if not marked.ended:
            raise NotCalls(f"the call of {name} is cut off")
        try:
            yield Call(name, element_arguments(body, tools[name].properties if name in tools else {}))
        except ValueError as error:
            raise NotCalls(f"in the call of {name} {error}") from None
    elif name:
        yield from _calls_of({"name": name, "arguments": _only(_json_call(_FENCE.sub("", body) if body.startswith("```") else body))}, ())
    elif python := _python_calls(_without_marks(body), tools):
        yield from python
    else:
        yield from _calls_of(_json_call(body), tuple(tools.values()))


def _action(name: str, given: str, tools: Mapping[str, Tool]) -> Call:
    """As ReAct writes a call: its arguments as JSON, or as a text where the function takes no more than one."""
    found = _json(given) if given else {}
    if isinstance(found, Mapping):
        return Call(name, dict(found))
    if given.startswith(("{", "[")):
        raise NotCalls(f"what {name[:60]} is given is no JSON object: {given[:40]!r}")
    (only,) = names if name in tools and len(names := list(tools[name].properties)) == 1 else (None,)
    if only is None:
        raise NotCalls(f"{name[:60]} is given {given[:40]!r}, which has no name")
    return Call(name, {only: given})


def _json(text: str) -> Any:
    try:
        return parsed_json(text)
    except ValueError:
        return None


def _written_values(text: str) -> list[Any] | None:
    """The values that a text consists of: one or several of JSON, or one as Python shows it; None where it consists of anything else."""
    try:
        return _json_values(text)
    except ValueError:
        shown = python_value(text)
        return None if shown is None else [shown]


def _json_values(text: str) -> list[Any]:
    """One value of JSON, or several with white space, commas or semicolons between them. Line feeds may stand in texts.

    Raises:
        ValueError: the text is anything else.
    """
    decoder, place = json.JSONDecoder(strict=False), 0
    values: list[Any] = []
    try:
        while place < len(text) or not values:
            found, end = decoder.raw_decode(text, place)
            values.append(found)
            place = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return values


_QUOTED_ARGUMENTS: Final = re.compile(r"""("arguments"\s*:\s*)'(.*)'(\s*}\s*)\Z""", re.DOTALL)


def _json_call(text: str) -> list[Any]:
    """The JSON values of a text; also as Glaive writes a call, with the arguments as JSON between single quotation marks."""
    stripped = _without_marks(text)
    try:
        return _json_values(stripped)
    except ValueError as error:
        glaive = _QUOTED_ARGUMENTS.search(stripped)
        if glaive:
            try:
                return _json_values(f"{stripped[: glaive.start()]}{glaive[1]}{glaive[2]}{glaive[3]}")
            except ValueError:
                pass
        if (shown := python_value(stripped)) is not None:
            return [shown]
        raise NotCalls(f"the call {stripped[:80]!r} is no JSON: {error}") from None


def _only(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _looks_like_calls(found: Sequence[Any], known: Collection[str]) -> bool:
    """Whether values that stand alone are meant as calls: a list of numbers, or a record, is an answer."""
    return all(_looks_like_call(item, known) for item in _flat(found))


def _looks_like_call(item: Any, known: Collection[str]) -> bool:
    if isinstance(item, str):
        written = _written_values(item) if item.lstrip().startswith(("[", "{")) else None
        return written is not None and _looks_like_calls(written, known)
    if not isinstance(item, Mapping):
        return False
    return _is_named(item) or _is_message(item) or _is_said(item) or _is_keyed(item) or item.get("name") in known


def _flat(found: Any) -> Iterator[Any]:
    """The items of lists, at any depth."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        else:
            yield item


def _is_message(item: Mapping[str, Any]) -> bool:
    """A message of the assistant, or the part of it that has the calls."""
    return isinstance(item.get("role"), str) or any(isinstance(item.get(key), list | Mapping) for key in _HOLDERS)


def _is_said(item: Mapping[str, Any]) -> bool:
    """A part of a message that calls nothing."""
    return item.get("type") in _SAID or isinstance(item.get("text"), str)


def _is_named(item: Mapping[str, Any]) -> bool:
    named = item.get("function") if isinstance(item.get("function"), Mapping) else item
    return isinstance(named, Mapping) and any(isinstance(named.get(key), str) for key in _NAME_KEYS) and any(key in named for key in _ARGUMENT_KEYS)


def _is_keyed(item: Mapping[str, Any]) -> bool:
    """{"function name": {argument: value}}"""
    return len(item) == 1 and all(isinstance(value, Mapping) and name not in _ARGUMENT_KEYS for name, value in item.items())


def _calls_of(found: Any, tools: Sequence[Tool]) -> Iterator[Call]:
    for item in _flat(found):
        if isinstance(item, str):
            yield from read_calls(item, tools)
        elif not isinstance(item, Mapping):
            raise NotCalls(f"a call is {type(item).__name__}, not an object with a name and arguments")
        elif _is_named(item):
            yield _named_call(item)
        elif _is_message(item):
            for key in ("content", "parts", *_HOLDERS):
                yield from _calls_of([part for part in _flat(item.get(key)) if isinstance(part, str | Mapping)], tools)
        elif _is_keyed(item):
            ((name, arguments),) = item.items()
            yield Call(str(name), dict(arguments))
        elif not _is_said(item):
            yield _named_call(item)


def _named_call(item: Mapping[str, Any]) -> Call:
    inner = item.get("function")
    named: Mapping[str, Any] = inner if isinstance(inner, Mapping) else item
    name = next((named[key] for key in _NAME_KEYS if named.get(key)), inner)
    if not isinstance(name, str) or not name:
        raise NotCalls("a call names no function")
    arguments: Any = next((named[key] for key in _ARGUMENT_KEYS if named.get(key) is not None), {})
    if isinstance(arguments, str):
        arguments = _json(arguments) if arguments.strip() else {}
    if not isinstance(arguments, Mapping):
        raise NotCalls(f"the arguments of {name[:60]} are no JSON object")
    return Call(name, dict(arguments))


_CALL_START: Final = re.compile(r"[\[(]?\s*[A-Za-z_][\w.\-]*\s*\(")


def _python_calls(text: str, tools: Mapping[str, Tool]) -> list[Call]:
    """Calls in Python's syntax: one a line, or a list of them. Anything else is prose."""
    if not _CALL_START.match(text):
        return []
    try:
        tree = parse_python(text)
    except SyntaxError:
        return []
    nodes: list[ast.expr] = []
    for statement in tree.body:
        if not isinstance(statement, ast.Expr):
            return []
        value = statement.value
        nodes += value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    if not all(isinstance(node, ast.Call) for node in nodes):
        return []
    return [_python_call(node, tools) for node in nodes if isinstance(node, ast.Call)]


def _python_call(node: ast.Call, tools: Mapping[str, Tool]) -> Call:
    name = ast.unparse(node.func)
    if not re.fullmatch(r"[A-Za-z_][\w.]*", name):
        raise NotCalls(f"{name[:60]} is no name of a function")
    arguments: dict[str, Any] = {}
    if node.args:
        names = list(tools[name].properties) if name in tools else []
        if len(node.args) > len(names):
            raise NotCalls(f"{name} is called with an argument that has no name")
        arguments = {known: value_of(given) for known, given in zip(names, node.args, strict=False)}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise NotCalls(f"{name} is called with **, which names no argument")
        if keyword.arg in arguments:
            raise NotCalls(f'{name} is given "{keyword.arg}" twice')
        arguments[keyword.arg] = value_of(keyword.value)
    return Call(name, arguments)
