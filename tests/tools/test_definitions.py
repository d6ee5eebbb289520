"""Definitions of functions, and calls that fit them or do not."""

from __future__ import annotations

import json
import keyword
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.messages.tool_formats import with_ids
from operators.bases.messages.turns import ToolCall, Turn
from operators.tools.arguments import argument_fault, call_fault
from operators.tools.calls import Call, NotCalls, read_calls
from operators.tools.definitions import NotTools, Tool, as_openai, read_tools, tool_fault
from tests.tools.railway import TOOLS

BARE = {"name": "area", "description": "The area.", "parameters": {"type": "dict", "properties": {"side": {"type": "float"}}, "required": ["side"]}}


@pytest.mark.parametrize(
    "value",
    [
        [BARE],
        BARE,
        json.dumps([BARE]),
        {"tools": [{"type": "function", "function": BARE}]},
        [{"name": "area", "description": "The area.", "input_schema": BARE["parameters"]}],
        [json.dumps(BARE)],
        f"You may use these.\n{json.dumps(BARE, indent=2)}\nBe kind.",
        [{**BARE, "parameters": {"side": {"type": "float"}}}],
        [{**BARE, "parameters": {"type": "object", "properties": {"side": {"type": "number", "enum": None}, "other": None}, "required": None}}],
    ],
    ids=["list", "one", "JSON", "OpenAI", "Anthropic", "texts", "among prose", "without object", "with the nulls of a table"],
)
def test_definitions_of_any_shape_become_json_schema(value: Any) -> None:
    (tool,) = read_tools(value)
    assert (tool.name, tool.description) == ("area", "The area.")
    assert tool.parameters["properties"] == {"side": {"type": "number"}}
    assert tool_fault(tool) is None
    assert read_tools(as_openai([tool])) == (tool,)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([{"description": "nameless"}], "no name"),
        ([BARE, BARE], 'called "area"'),
        ("no definitions", "no JSON"),
        (4, "not a list of functions"),
        ([3], "not an object"),
        ([{"name": "f", "parameters": "x"}], "not a JSON schema"),
    ],
)
def test_what_defines_no_functions_is_told(value: Any, said: str) -> None:
    with pytest.raises(NotTools, match=said):
        read_tools(value)


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        (Tool("two words", "x"), "no name of a function"),
        (Tool("f", " "), "no description"),
        (Tool("f", "x", {"type": "object", "properties": {"a": {"type": "colour"}}}), "not valid"),
        (Tool("f", "x", {"type": "object", "properties": {}, "required": ["a"]}), 'requires "a"'),
    ],
)
def test_what_is_wrong_with_a_definition_is_told(tool: Tool, said: str) -> None:
    assert said in (tool_fault(tool) or "")


FIND, BOOK = read_tools(TOOLS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"train": "IC 71", "seats": 2}, None),
        ({"train": "IC 71"}, None),
        ({}, 'without "train"'),
        ({"train": 71}, "train: 71 is not of type"),
        ({"train": "IC 71", "seats": "two"}, "seats: 'two' is not of type"),
        ({"train": "IC 71", "seats": True}, "seats: True is not of type"),
        ({"train": "IC 71", "seat": 2}, 'did you mean "seats"?'),
        ([1], "not an object"),
    ],
)
def test_a_call_fits_its_schema_or_the_reason_names_the_argument(arguments: Any, said: str | None) -> None:
    fault = argument_fault(BOOK, arguments)
    assert (fault is None) if said is None else said in (fault or "")


def test_a_function_that_is_not_there_is_named_with_the_closest() -> None:
    assert call_fault(Call("find_trains", {}), [FIND, BOOK]) == 'there is no function "find_trains". did you mean "find_train"?'


def test_a_schema_can_neither_fetch_anything_nor_take_for_ever() -> None:
    remote = Tool("f", "x", {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}})
    assert "cannot be followed" in (argument_fault(remote, {"a": 1}) or "")
    endless = Tool("f", "x", {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}, "pattern": {"type": "string"}}})
    assert argument_fault(endless, {"a": "a" * 60 + "!", "pattern": "x"}) is None
    circle = Tool("f", "x", {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}})
    assert "too deeply" in (argument_fault(circle, {"a": 1}) or "")


CALL = Call("book_seat", {"train": "IC 71", "seats": 2})


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "book_seat", "arguments": {"train": "IC 71", "seats": 2}}',
        '[{"name": "book_seat", "parameters": {"train": "IC 71", "seats": 2}}]',
        '{"book_seat": {"train": "IC 71", "seats": 2}}',
        '[{"type": "function", "function": {"name": "book_seat", "arguments": "{\\"train\\": \\"IC 71\\", \\"seats\\": 2}"}}]',
        'I book it.\n<tool_call>\n{"name": "book_seat", "arguments": {"train": "IC 71", "seats": 2}}\n</tool_call>',
        '<functioncall> {"name": "book_seat", "arguments": \'{"train": "IC 71", "seats": 2}\'} <|endoftext|>',
        '```json\n{"name": "book_seat", "arguments": {"train": "IC 71", "seats": 2}}\n```',
        "[book_seat(train='IC 71', seats=2)]",
        'book_seat("IC 71", seats=2)',
        '<|python_tag|>book_seat(seats=2, train="IC 71")',
        '{"name": "book_seat", "arguments": {"train": "IC 71", "seats": 2}}<|im_end|>',
        "<tool_call>{'arguments': {'train': 'IC 71', 'seats': 2}, 'name': 'book_seat'}</tool_call>",
        "[{'name': 'book_seat', 'arguments': {'train': 'IC 71', 'seats': 2}}]",
        '"{\\"name\\": \\"book_seat\\", \\"arguments\\": {\\"train\\": \\"IC 71\\", \\"seats\\": 2}}"',
    ],
)
def test_a_call_is_the_same_in_every_syntax(text: str) -> None:
    assert read_calls(text, [FIND, BOOK]) == [CALL]


def test_several_calls_keep_their_order_and_values_stay_data() -> None:
    first, second = read_calls("[f(a=[1, 2], b={'c': None}), g.h(d=True, e=-1.5, f=today())]")
    assert first == Call("f", {"a": [1, 2], "b": {"c": None}})
    assert second == Call("g.h", {"d": True, "e": -1.5, "f": "today()"})


@pytest.mark.parametrize(
    "message",
    [
        [{"type": "text", "text": "I book it."}, {"type": "tool_use", "id": "1", "name": "book_seat", "input": {"train": "IC 71", "seats": 2}}],
        {"role": "assistant", "content": [{"type": "tool_use", "name": "book_seat", "input": {"train": "IC 71", "seats": 2}}]},
        {"role": "assistant", "content": None, "function_call": {"name": "book_seat", "arguments": '{"train": "IC 71", "seats": 2}'}},
        {
            "role": "assistant",
            "content": '<tool_call>{"name": "book_seat", "arguments": {"train": "IC 71", "seats": 2}}</tool_call>',
            "tool_calls": None,
        },
        {"role": "model", "parts": [{"text": "I book it."}, {"functionCall": {"name": "book_seat", "args": {"train": "IC 71", "seats": 2}}}]},
        [{"type": "reasoning", "summary": []}, {"type": "function_call", "name": "book_seat", "arguments": '{"train": "IC 71", "seats": 2}'}],
    ],
)
def test_a_message_has_its_calls_among_what_it_says(message: Any) -> None:
    assert read_calls(message) == read_calls(json.dumps(message)) == [CALL]


@pytest.mark.parametrize("tool_calls", [None, []])
def test_a_message_that_only_says_something_calls_nothing(tool_calls: list[Any] | None) -> None:
    message = {"role": "assistant", "content": "I have no function for that.", "tool_calls": tool_calls}
    assert read_calls(message) == read_calls(json.dumps(message)) == []


@pytest.mark.parametrize("between", ["\n", "; ", ", ", " ", "</tool_call>\n<tool_call>", "\n```\n\n```json\n"])
def test_several_calls_may_follow_each_other_in_any_way(between: str) -> None:
    calls = [Call("f", {"a": "; } ```"}), Call("g", {}), Call("f", {"a": [1]})]
    text = between.join(json.dumps({"name": call.name, "arguments": call.arguments}) for call in calls)
    if "```" in between:
        assert read_calls(f"```json\n{text}\n```") == calls
    else:
        assert read_calls(f"<tool_call>{text}</tool_call>") == calls
    if not set(between) & set("<`"):
        assert read_calls(text) == calls


def test_marks_of_a_call_inside_of_an_argument_are_a_part_of_it() -> None:
    call = Call("f", {"a": "<tool_call></s>"})
    assert read_calls(json.dumps({"name": "f", "arguments": call.arguments})) == [call]


@pytest.mark.parametrize("opens", ["<think>", "[THINK]", "<seed:think>", "<|START_THINKING|>", "<|channel|>analysis<|message|>"])
def test_what_is_thought_without_an_end_calls_nothing(opens: str) -> None:
    assert read_calls(f'{opens}I could try <tool_call>{{"name": "f", "arguments": {{}}}}</tool_call>, or') == []


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>"), ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant")],
)
def test_a_call_behind_a_thought_is_the_only_one(opens: str, closes: str) -> None:
    call = '<|channel|>commentary to=functions.f<|message|>{"a": 1}<|call|>'
    assert read_calls(f"{opens}Not {call.replace('1', '2')}!{closes}{call}") == [Call("f", {"a": 1})]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I have no function for that.",
        "[1, 2, 3]",
        '{"answer": 4}',
        "f = 3",
        "(see below)",
        "None",
        "f(x) is 3",
        '"f"',
        '["f", "g"]',
        '{"name": "Ann", "age": }',
    ],
)
def test_prose_and_data_are_no_calls(text: str) -> None:
    assert read_calls(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>{broken</tool_call>",
        "f(1)",
        "f(**x)",
        '<tool_call>{"arguments": {}}</tool_call>',
        "f(a=1)(b=2)",
        '{"name": "f", "arguments": {"a": 1}',
    ],
)
def test_what_is_meant_as_a_call_and_is_none_is_told(text: str) -> None:
    with pytest.raises(NotCalls):
        read_calls(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))


@settings(max_examples=25)
@given(st.dictionaries(NAMES, VALUES, max_size=3))
def test_what_a_call_is_written_as_is_read_back(arguments: dict[str, Any]) -> None:
    call = Call("f", arguments)
    assert read_calls(call.as_text()) == [call]
    assert read_calls(json.dumps([{"name": "f", "arguments": arguments}])) == [call]


def test_a_call_has_an_id_that_no_other_has_and_its_result_names_it() -> None:
    one, other = ToolCall("f", "{}", "a"), ToolCall("g", "{}")
    turns = [
        Turn("user", "Do it."),
        Turn("assistant", "", calls=(one, other)),
        Turn("tool", "1", answers="a"),
        Turn("tool", "2"),
        Turn("assistant", "", calls=(one,)),
        Turn("tool", "3", answers="a"),
    ]
    made = with_ids(turns)
    assert [call.id for turn in made for call in turn.calls] == ["a", "call_1", "call_2"]
    assert [turn.answers for turn in made if turn.role == "tool"] == ["a", "call_1", "call_2"]
