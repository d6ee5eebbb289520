"""Calls as chat templates mark them: where they stand in a text, the function's name, and its arguments as JSON or as elements of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operators.bases.exact_json import parsed_json
from operators.tools.python_values import python_value

_NAME: Final = r"(?P<name>[\w.-]{1,80})"
_SPACE: Final = r"\s{0,9}"
_TAGS: Final = "tool_calls?|function_?calls?|TOOLCALL"
_PREFIX: Final = r"(?:[\w｜]{1,20}[:｜])?"
"""Of an element: <minimax:tool_call>, <｜DSML｜invoke>."""


def _marked(opens: str, closes: str, again: str) -> re.Pattern[str]:
    """From one mark to the next; `end` is empty where the text is cut off. It never looks beyond the next opening, so that it reads a text once."""
    return re.compile(rf"{opens}(?P<body>.*?)(?:(?P<end>{closes})|(?={again})|\Z)", re.DOTALL)


_NAMED: Final = (
    # Llama 3.1, Qwen3-Coder
    _marked(rf"<function={_NAME}>", r"</function>", "<function="),
    # Mistral
    _marked(rf"\[TOOL_CALLS\]{_SPACE}{_NAME}{_SPACE}(?:\[CALL_ID\]\w{{1,40}})?\[ARGS\]", "(?!)", r"\[TOOL_CALLS\]"),
    # DeepSeek
    _marked(rf"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?{_NAME}(?:<｜tool▁sep｜>|\s)", "<｜tool▁call▁end｜>", "<｜tool▁call▁begin｜>"),
    # Kimi
    _marked(
        rf"<\|tool_call_begin\|>{_SPACE}(?:functions\.)?{_NAME}(?::\d{{1,9}})?{_SPACE}<\|tool_call_argument_begin\|>",
        r"<\|tool_call_end\|>",
        r"<\|tool_call_begin\|>",
    ),
    # gpt-oss
    _marked(
        rf"(?:<\|start\|>assistant)?(?:<\|channel\|>commentary)?\s?\bto=functions\.{_NAME}[^<]{{0,40}}(?:<\|(?:channel|constrain)\|>[^<]{{0,40}}){{0,2}}<\|message\|>",
        r"<\|call\|>",
        r"<\|start\|>|<\|channel\|>",
    ),
    # Anthropic before its API had calls, MiniMax, Step, DeepSeek V3.2
    _marked(rf'<{_PREFIX}invoke name="{_NAME}">', f"</{_PREFIX}invoke>", f"<{_PREFIX}invoke "),
    # GLM, Hunyuan
    _marked(rf"<tool_call>{_SPACE}{_NAME}{_SPACE}(?:<tool_sep>)?{_SPACE}(?=<arg_key>|```|</tool_call>)", "</tool_call>", "<tool_call>"),
)
_UNNAMED: Final = (
    # Hermes, Qwen, Glaive, Granite, Jamba, Nemotron, OLMo
    _marked(rf"<(?P<tag>{_TAGS})>", r"</(?P=tag)>", rf"<(?:{_TAGS})>"),
    # Llama, LFM, Phi, Granite, Command, InternLM, Apertus
    _marked(r"<\|python_(?:start|tag)\|>", r"<\|python_end\|>", r"<\|python_(?:start|tag)\|>"),
    _marked(r"<\|tool_call(?:_start)?\|>", r"<\|(?:/tool_call|tool_call_end)\|>", r"<\|tool_call(?:_start)?\|>"),
    _marked(r"<\|START_ACTION\|>", r"<\|END_ACTION\|>", r"<\|START_ACTION\|>"),
    _marked(r"<\|action_start\|>(?:<\|plugin\|>)?", r"<\|action_end\|>", r"<\|action_start\|>"),
    _marked(r"<\|tools_prefix\|>", r"<\|tools_suffix\|>", r"<\|tools_prefix\|>"),
    # Mistral
    _marked(r"\[TOOL_CALLS\]", "(?!)", r"\[TOOL_CALLS\]"),
)
_UNREADABLE: Final = re.compile(r"<start_function_call>|<\|tool_call>call:|<\|tool_call_begin\|>|<｜tool▁call▁begin｜>")
"""Marks of a call that nothing here reads, or that is put together wrongly."""
_SECTIONS: Final = re.compile(
    rf"</?{_PREFIX}(?:{_TAGS})>|<\|tool_calls_section_(?:begin|end)\|>|<｜tool▁calls▁(?:begin|end)｜>|<｜end▁of▁sentence｜>|</s>"
    r"|<\|(?:endoftext|eot_id|eom_id|im_end|end)\|>"
)
"""What stands around calls, and at the end of a turn."""
_PARAMETER: Final = re.compile(
    rf'<{_PREFIX}parameter(?:=(?P<bare>[^>\n]{{1,80}})|{_SPACE}name="(?P<name>[^"\n]{{1,80}})"(?:{_SPACE}string="(?P<text>true|false)")?)>'
    rf"(?P<value>.*?)(?:</{_PREFIX}parameter>|(?=<{_PREFIX}parameter[= ])|\Z)",
    re.DOTALL,
)
_ARGUMENT: Final = re.compile(
    rf"<arg_key>(?P<name>[^<]{{1,80}})</arg_key>{_SPACE}<arg_value>(?P<value>.*?)(?:</arg_value>|(?=<arg_key>)|\Z)", re.DOTALL
)
_JSON_TYPES: Final[Mapping[type, tuple[str, ...]]] = {
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    list: ("array",),
    dict: ("object",),
    str: ("string",),
    type(None): ("null",),
}


@dataclass(frozen=True, slots=True)
class MarkedCall:
    """What a text marks as a call, and where: `name` is "" where the body names the function. `ended`: the mark of its end is there."""

    name: str
    body: str
    ended: bool
    place: slice


def marked_calls(text: str) -> list[MarkedCall]:
    """What a text marks as calls, in order. Of marks inside of a call's JSON nothing is called."""
    named, unnamed = (next(filter(None, (list(map(_call, pattern.finditer(text))) for pattern in patterns)), []) for patterns in (_NAMED, _UNNAMED))
    is_around = bool(named and unnamed) and unnamed[0].body.startswith(("{", "[")) and unnamed[0].place.start < named[0].place.start
    return unnamed if is_around else named or unnamed


def _call(match: re.Match[str]) -> MarkedCall:
    found = match.groupdict()
    return MarkedCall(found.get("name") or "", found["body"].strip(), found["end"] is not None, slice(*match.span()))


def has_unreadable_call(text: str) -> bool:
    """Whether a text has the mark of a call that is not among `marked_calls`."""
    return _UNREADABLE.search(text) is not None


def without_marked_calls(text: str) -> str:
    """What a text says beside its marked calls."""
    said, at = [], 0
    for call in marked_calls(text):
        said.append(text[at : call.place.start])
        at = call.place.stop
    parts = (part.strip() for piece in [*said, text[at:]] for part in _SECTIONS.split(piece))
    return "\n".join(part for part in parts if part)


def has_elements(body: str) -> bool:
    """Whether the arguments of a call are elements of their own."""
    return _PARAMETER.search(body) is not None or _ARGUMENT.search(body) is not None


def element_arguments(body: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that stand as elements in a call, of the types that the JSON schemas in `properties` say.

    Raises:
        ValueError: one stands there twice, or something else stands beside them.
    """
    if beside := _ARGUMENT.sub("", _PARAMETER.sub("", body)).strip():
        raise ValueError(f"{beside[:40]!r} stands beside its arguments")
    arguments: dict[str, Any] = {}
    for name, value in _elements(body, properties):
        if name in arguments:
            raise ValueError(f'"{name}" stands there twice')
        arguments[name] = value
    return arguments


def _elements(body: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for match in _PARAMETER.finditer(body):
        name, value = (match["bare"] or match["name"]).strip(), match["value"]
        if match["bare"]:  # a line of its own
            value = value.removeprefix("\n").removesuffix("\n")
        yield name, value if match["text"] == "true" else _typed(value, None if match["text"] else properties.get(name))
    for match in _ARGUMENT.finditer(body):
        name = match["name"].strip()
        yield name, _typed(match["value"], properties.get(name))


def _typed(written: str, schema: Any) -> Any:
    """The value that a text stands for. Where the schema allows texts alone it is the text; where there is none, JSON if it is that."""
    types = _types(schema)
    if types == {"string"}:
        return written
    value = _value(written)
    is_text = "string" in types and (isinstance(value, str) or not types.intersection(_JSON_TYPES[type(value)]))
    return written if is_text else value


def _value(written: str) -> Any:
    try:
        return parsed_json(written)
    except ValueError:
        stripped = written.strip()
        shown = {"True": True, "False": False, "None": None}
        if stripped in shown:
            return shown[stripped]
        found = python_value(stripped)
        return written if found is None else found


def _types(schema: Any) -> set[str]:
    """The types that a schema names; none where it names none."""
    if not isinstance(schema, Mapping):
        return set()
    named, values = schema.get("type"), schema.get("enum")
    found = {one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)}
    if not found and isinstance(values, list):
        found.update(*(_JSON_TYPES.get(type(value), ()) for value in values))
    for choices in (schema.get("anyOf"), schema.get("oneOf")):
        found.update(*map(_types, choices if isinstance(choices, list) else ()))
    return found
