"""Calls as the chat templates of many models mark them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tools.call_marks import marked_calls, without_marked_calls
from operators.tools.calls import Call, NotCalls, read_calls
from operators.tools.definitions import Tool


def _elements(call: Call, opens: str, closes: str) -> str:
    written = ((name, value if isinstance(value, str) else json.dumps(value)) for name, value in call.arguments.items())
    return "".join(f"{opens.format(name=name)}{value}{closes}" for name, value in written)


def _invoke(call: Call) -> str:
    return f'<invoke name="{call.name}">\n' + _elements(call, '<parameter name="{name}">', "</parameter>\n") + "</invoke>\n"


def _json(call: Call) -> str:
    return json.dumps(dict(call.arguments), ensure_ascii=False)


def _whole(call: Call, name: str = "name", arguments: str = "arguments") -> str:
    return json.dumps([{name: call.name, arguments: dict(call.arguments)}], ensure_ascii=False)


FORMATS: dict[str, Callable[[Call], str]] = {
    "Llama 3.1": lambda call: f"<function={call.name}>{_json(call)}</function><|eot_id|>",
    "Llama 4": lambda call: f"<|python_start|>[{call.as_text()}]<|python_end|>",
    "Qwen3-Coder": lambda call: (
        f"<tool_call>\n<function={call.name}>\n" + _elements(call, "<parameter={name}>\n", "\n</parameter>\n") + "</function>\n</tool_call>"
    ),
    "Seed-OSS": lambda call: (
        f"<seed:tool_call>\n<function={call.name}>\n" + _elements(call, "<parameter={name}>", "</parameter>\n") + "</function>\n</seed:tool_call>"
    ),
    "Mistral": lambda call: f"[TOOL_CALLS] {_whole(call)}</s>",
    "Mistral since v11": lambda call: f"[TOOL_CALLS]{call.name}[ARGS]{_json(call)}</s>",
    "Mistral with an id": lambda call: f"[TOOL_CALLS]{call.name}[CALL_ID]9a8b7c6d5[ARGS]{_json(call)}",
    "DeepSeek V3": lambda call: (
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>{call.name}\n```json\n{_json(call)}\n```<｜tool▁call▁end｜>"
        "<｜tool▁calls▁end｜><｜end▁of▁sentence｜>"
    ),
    "DeepSeek V3.1": lambda call: (
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{call.name}<｜tool▁sep｜>{_json(call)}<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    ),
    "DeepSeek V3.2": lambda call: (
        f'<｜DSML｜function_calls>\n<｜DSML｜invoke name="{call.name}">\n'
        + "".join(
            f'<｜DSML｜parameter name="{name}" string="{str(isinstance(value, str)).lower()}">'
            f"{value if isinstance(value, str) else json.dumps(value)}</｜DSML｜parameter>\n"
            for name, value in call.arguments.items()
        )
        + "</｜DSML｜invoke>\n</｜DSML｜function_calls>"
    ),
    "Kimi": lambda call: (
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.{call.name}:0<|tool_call_argument_begin|>{_json(call)}<|tool_call_end|>"
        "<|tool_calls_section_end|>"
    ),
    "gpt-oss": lambda call: f"<|channel|>commentary to=functions.{call.name} <|constrain|>json<|message|>{_json(call)}<|call|>",
    "gpt-oss, the other order": lambda call: f"<|start|>assistant to=functions.{call.name}<|channel|>commentary json<|message|>{_json(call)}<|call|>",
    "GLM": lambda call: f"<tool_call>{call.name}\n" + _elements(call, "<arg_key>{name}</arg_key>\n<arg_value>", "</arg_value>\n") + "</tool_call>",
    "Hunyuan": lambda call: f"<tool_calls><tool_call>{call.name}\n```json\n{_json(call)}\n```</tool_call></tool_calls>",
    "invoke": lambda call: f"<function_calls>\n{_invoke(call)}</function_calls>",
    "MiniMax": lambda call: f"<minimax:tool_call>\n{_invoke(call)}</minimax:tool_call>",
    "Phi-4": lambda call: f"<|tool_call|>{_whole(call)}<|/tool_call|>",
    "LFM": lambda call: f"<|tool_call_start|>[{call.as_text()}]<|tool_call_end|>",
    "Command": lambda call: f"<|START_ACTION|>{_whole(call, 'tool_name', 'parameters')}<|END_ACTION|>",
    "InternLM": lambda call: f"<|action_start|><|plugin|>{_whole(call, arguments='parameters')}<|action_end|>",
    "Nemotron": lambda call: f"<TOOLCALL>{_whole(call)}</TOOLCALL>",
    "Jamba": lambda call: f"<tool_calls>{_whole(call)}</tool_calls>",
    "OLMo": lambda call: f"<function_calls>{call.as_text()}</function_calls>",
    "Apertus": lambda call: f"<|tools_prefix|>{json.dumps([{call.name: dict(call.arguments)}], ensure_ascii=False)}<|tools_suffix|>",
    "ReAct": lambda call: f"Thought: I need it.\nAction: {call.name}\nAction Input: {_json(call)}",
}
WRITERS = pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)

BOOK = Tool("book_seat", "", {"type": "object", "properties": {"train": {"type": "string"}, "seats": {"type": "integer"}}})
CALL = Call("book_seat", {"train": "71", "seats": 2})


@WRITERS
def test_a_call_is_read_alone_and_behind_words_with_the_types_of_its_schema(write: Callable[[Call], str]) -> None:
    assert read_calls(write(CALL), [BOOK]) == [CALL]
    assert read_calls(f"<think>Which train?</think>I book it.\n{write(CALL)}", [BOOK]) == [CALL]


@WRITERS
def test_several_calls_follow_each_other(write: Callable[[Call], str]) -> None:
    other = Call("book_seat", {"train": "IC 5", "seats": 1})
    assert read_calls(f"{write(CALL)}\n{write(other)}", [BOOK]) == [CALL, other]


SCHEMAS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="<>[]{}`｜|\\"), max_size=12).map(str.strip)
VALUES = st.one_of(
    PLAIN, st.booleans(), st.integers(-999, 999), st.lists(st.integers(0, 9), max_size=3), st.dictionaries(st.just("a"), PLAIN, max_size=1)
)


@settings(max_examples=30)
@given(arguments=st.dictionaries(st.sampled_from(["alpha", "beta", "gamma"]), VALUES, max_size=3))
@WRITERS
def test_whatever_a_call_is_given_is_read_back(write: Callable[[Call], str], arguments: dict[str, Any]) -> None:
    call = Call("f.g-h", arguments) if write not in (FORMATS["Llama 4"], FORMATS["LFM"], FORMATS["OLMo"]) else Call("f", arguments)
    properties = {name: {"type": SCHEMAS[type(value)]} for name, value in arguments.items()}
    assert read_calls(write(call), [Tool(call.name, "", {"type": "object", "properties": properties})]) == [call]


def test_without_a_schema_an_element_is_json_if_it_is_that() -> None:
    text = "<function=f>\n<parameter=a>\n3\n</parameter>\n<parameter=b>\nIC 71\n</parameter>\n<parameter=c>[1]</parameter>\n</function>"
    assert read_calls(text) == [Call("f", {"a": 3, "b": "IC 71", "c": [1]})]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "3"),
        ({"type": ["string", "null"]}, "3"),
        ({"type": ["integer", "null"]}, 3),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, 3),
        ({"enum": ["1", "2", "3"]}, "3"),
        ({"enum": [1, 2, 3]}, 3),
        ({"type": "array"}, 3),
    ],
)
def test_the_schema_says_what_an_element_is(schema: dict[str, Any], value: Any) -> None:
    tool = Tool("f", "", {"type": "object", "properties": {"a": schema}})
    assert read_calls("<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>3</arg_value>\n</tool_call>", [tool]) == [Call("f", {"a": value})]


def test_lines_and_spaces_of_an_element_are_kept() -> None:
    text = "<function=write>\n<parameter=content>\n  def f():\n\n    pass\n\n</parameter>\n</function>"
    assert read_calls(text) == [Call("write", {"content": "  def f():\n\n    pass\n"})]


def test_a_call_without_arguments_has_none() -> None:
    assert read_calls("<tool_call>\n<function=now>\n</function>\n</tool_call>") == [Call("now", {})]
    assert read_calls("<tool_call>now\n</tool_call>") == [Call("now", {})]
    assert read_calls("Action: now\nAction Input:") == [Call("now", {})]


def test_a_fence_inside_of_an_argument_is_a_part_of_it() -> None:
    assert read_calls('<function=write>{"text": "a\n```\nb"}</function>') == [Call("write", {"text": "a\n```\nb"})]


def test_the_only_argument_of_a_function_needs_no_name_in_react() -> None:
    find = Tool("find", "", {"type": "object", "properties": {"city": {"type": "string"}}})
    with pytest.raises(NotCalls, match="no JSON object"):
        read_calls('Action: find\nAction Input: {"city": "Bern', [find])
    assert read_calls("Action: find\nAction Input: Bern\nObservation: found", [find]) == [Call("find", {"city": "Bern"})]


def test_marks_in_the_text_of_an_argument_call_nothing() -> None:
    call = Call("say", {"text": 'write <function=f> and <invoke name="g">'})
    assert read_calls(f"<tool_call>\n{json.dumps({'name': call.name, 'arguments': call.arguments})}\n</tool_call>") == [call]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<function=f>\n<parameter=a>\n3", "cut off"),
        ('<invoke name="f">\n<parameter name="a">3</parameter>', "cut off"),
        ('<function=f>{"a": 3', "no JSON"),
        ("<function=f><parameter=a>3</parameter><parameter=a>4</parameter></function>", '"a" stands there twice'),
        ("<function=f>so<parameter=a>3</parameter></function>", "'so' stands beside its arguments"),
        ("<start_function_call>call:f{a:3}<end_function_call>", "is not known"),
        ("<｜tool▁call▁begin｜>", "is not known"),
        ("Action: f\nAction Input: Bern", "has no name"),
        ("<tool_call>I will call f.</tool_call>", "no JSON"),
    ],
)
def test_a_marked_call_that_cannot_be_read_is_told(text: str, says: str) -> None:
    with pytest.raises(NotCalls, match=says):
        read_calls(text)


@pytest.mark.parametrize(
    "text", ["Action: none", "I chose to=functions", "Use [ARGS] there.", "<|channel|>final<|message|>It is warm.", "f <invoke it>"]
)
def test_prose_calls_nothing(text: str) -> None:
    assert read_calls(text) == []


@WRITERS
def test_what_is_said_beside_calls_stays(write: Callable[[Call], str]) -> None:
    if write is FORMATS["ReAct"]:
        assert marked_calls(write(CALL)) == []  # it has words of its own around the call
    else:
        assert without_marked_calls(f"I book it.\n{write(CALL)}") == "I book it."
