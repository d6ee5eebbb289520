"""Calls of functions in what models and data sets write: JSON, Hermes's <tool_call>, Python's call syntax."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operators.bases.exact_json import parsed_json, written_json
from operators.bases.messages.turns import ToolCall
from operators.sandboxes import parse_python
from operators.tools.definitions import Tool

_TAG: Final = "tool_call|functioncall|function_call"
_TAGGED: Final = re.compile(rf"<(?P<tag>{_TAG})>(?P<body>.*?)(?:</(?P=tag)>|(?=<(?:{_TAG})>)|\Z)", re.DOTALL)
_NAMED: Final = re.compile(
    r"(?:<function=([\w.-]{1,80})>|\[TOOL_CALLS\]\s{0,9}([\w.-]{1,80})\[ARGS\])(?P<body>.*?)"
    r"(?:</function>|(?=<function=|\[TOOL_CALLS\])|\Z)",
    re.DOTALL,
)
"""As Llama and Mistral write a call: its name in the mark, its arguments after it."""
_FENCE: Final = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_MARKS: Final = ("<|python_tag|>", "[TOOL_CALLS]", "<|endoftext|>", "<|eom_id|>", "<|eot_id|>")
_END_OF_TURN: Final = "<|endoftext|>"
_ARGUMENT_KEYS: Final = ("arguments", "parameters", "args", "input", "kwargs")


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

    Understood: {"name", "arguments"}, OpenAI's tool_calls, {"function name": {arguments}}, lists of these, all of these as text, between <tool_call>
    and </tool_call> or in a code fence; <function=name>{arguments}</function>, [TOOL_CALLS]name[ARGS]{arguments}; and [name(argument=value), ...] in
    Python's syntax. Arguments without a name get theirs from `tools`. What is thought before </think> calls nothing.

    Raises:
        NotCalls: it is meant as a call, and cannot be read.
    """
    if value is None:
        return []
    if not isinstance(value, str):
        return list(_calls_of(value))
    value = value.rpartition("</think>")[2]
    if named := list(_NAMED.finditer(value)):
        return [call for match in named for call in _calls_of({"name": match[1] or match[2], "arguments": _json_call(match["body"])})]
    if tagged := list(_TAGGED.finditer(value)):
        return [call for match in tagged for call in _calls_of(_json_call(match["body"]))]
    text = value
    for mark in _MARKS:
        text = text.replace(mark, " ")
    if fence := _FENCE.match(text):
        text = fence[1]
    text = text.strip()
    known = {tool.name: tool for tool in tools}
    if not text:
        return []
    if text[0] in "[{" and (found := _json(text)) is not None:
        return list(_calls_of(found)) if _looks_like_calls(found, known) else []
    return _python_calls(text, known)


def without_calls(text: str) -> str:
    """What an answer says beside its tagged calls."""
    said = (part.strip() for part in _TAGGED.sub("\0", text).replace(_END_OF_TURN, "").split("\0"))
    return "\n".join(part for part in said if part)


def _json(text: str) -> Any:
    try:
        return parsed_json(text)
    except ValueError:
        return None


_QUOTED_ARGUMENTS: Final = re.compile(r"""("arguments"\s*:\s*)'(.*)'(\s*}\s*)\Z""", re.DOTALL)


def _json_call(text: str) -> Any:
    """JSON; also as Glaive writes it, with the arguments as JSON between single quotation marks."""
    stripped = text.replace(_END_OF_TURN, "").strip()
    try:
        return json.loads(stripped, strict=False)
    except (ValueError, RecursionError) as error:
        glaive = _QUOTED_ARGUMENTS.search(stripped)
        if glaive:
            try:
                return json.loads(f"{stripped[: glaive.start()]}{glaive[1]}{glaive[2]}{glaive[3]}", strict=False)
            except (ValueError, RecursionError):
                pass
        raise NotCalls(f"the call {stripped[:80]!r} is no JSON: {error}") from None


def _looks_like_calls(found: Any, known: Collection[str]) -> bool:
    """Whether JSON that stands alone is meant as calls: a list of numbers, or a record, is an answer."""
    items = found if isinstance(found, list) else [found]
    return all(isinstance(item, Mapping) and (_is_named(item) or _is_keyed(item) or _is_message(item) or item.get("name") in known) for item in items)


def _is_message(item: Mapping[str, Any]) -> bool:
    """A message of the assistant, or the part of it that has the calls."""
    return isinstance(item.get("tool_calls"), list)


def _is_named(item: Mapping[str, Any]) -> bool:
    named = item.get("function") if isinstance(item.get("function"), Mapping) else item
    return isinstance(named, Mapping) and isinstance(named.get("name"), str) and any(key in named for key in _ARGUMENT_KEYS)


def _is_keyed(item: Mapping[str, Any]) -> bool:
    """{"function name": {argument: value}}"""
    return len(item) == 1 and all(isinstance(value, Mapping) and name not in _ARGUMENT_KEYS for name, value in item.items())


def _calls_of(found: Any) -> Iterator[Call]:
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, str):
            yield from read_calls(item)
            continue
        if not isinstance(item, Mapping):
            raise NotCalls(f"a call is {type(item).__name__}, not an object with a name and arguments")
        if _is_message(item):
            yield from _calls_of(item["tool_calls"])
            continue
        if not _is_named(item) and _is_keyed(item):
            name, arguments = next(iter(item.items()))
            yield Call(str(name), dict(arguments))
            continue
        inner = item.get("function")
        named: Mapping[str, Any] = inner if isinstance(inner, Mapping) else item
        name = named.get("name") or (inner if isinstance(inner, str) else None)
        if not isinstance(name, str) or not name:
            raise NotCalls("a call names no function")
        arguments = next((named[key] for key in _ARGUMENT_KEYS if named.get(key) is not None), {})
        if isinstance(arguments, str):
            arguments = _json(arguments) if arguments.strip() else {}
        if not isinstance(arguments, Mapping):
            raise NotCalls(f"the arguments of {name[:60]} are no JSON object")
        yield Call(name, dict(arguments))


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
        arguments = {known: _value(given) for known, given in zip(names, node.args, strict=False)}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise NotCalls(f"{name} is called with **, which names no argument")
        if keyword.arg in arguments:
            raise NotCalls(f'{name} is given "{keyword.arg}" twice')
        arguments[keyword.arg] = _value(keyword.value)
    return Call(name, arguments)


_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def _value(node: ast.expr) -> Any:
    """The value of a literal; what is none (a name, another call) stays the text of its source."""
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict) and all(key is not None for key in node.keys):
        return {str(_value(key)): _value(value) for key, value in zip(node.keys, node.values, strict=True) if key is not None}
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.unparse(node)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
