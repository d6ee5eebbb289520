"""Conversations are read in every published shape, and written in two."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages, ToolCall, Turn
from operators.bases.messages.writing import as_messages, as_messages_with_tools, as_sharegpt
from operators.tables.errors import ColumnError
from operators.testing import check_operator
from operators.text.messages.convert import ConvertMessages
from operators.text.messages.valid import ValidMessagesFilter
from operators.text.synthesis.chat import ChatMessagesGenerator
from tests.text.messages.conversations import CALLING, OPENAI, SHAPES, SHAREGPT, said


@pytest.mark.parametrize("shape", SHAPES)
def test_a_conversation_is_the_same_in_every_shape(shape: str) -> None:
    assert as_messages(read_turns(SHAPES[shape])) == OPENAI


@pytest.mark.parametrize("role", ["human", "Human", "USER", "prompter", "user"])
def test_the_sides_have_many_names(role: str) -> None:
    assert read_turns([{"role": role, "content": "a"}])[0].role == "user"


def test_calls_and_results_are_read_and_written_with_their_ids() -> None:
    turns = read_turns(CALLING)
    assert turns[1] == Turn("assistant", "", calls=(ToolCall("weather", '{"city":"Rome"}', "a"), ToolCall("weather", '{"city":"Oslo"}', "b")))
    assert [turn.answers for turn in turns[2:4]] == ["b", "a"]
    assert turns[4].reasoning == "Both are known now."
    assert read_turns(as_messages_with_tools(turns)) == turns


def test_a_call_of_sharegpt_is_a_turn_of_the_assistant() -> None:
    call = {"from": "function_call", "value": '{"name": "add", "arguments": {"a": 1}}'}
    (turn,) = read_turns([call])
    assert turn == Turn("assistant", "", calls=(ToolCall("add", '{"a":1}'),))
    assert as_sharegpt([turn]) == [{"from": "function_call", "value": '{"name":"add","arguments":{"a":1}}'}]


def test_parts_of_text_thought_call_and_picture_are_told_apart() -> None:
    content = [
        {"type": "reasoning", "value": "hm"},
        {"type": "text", "value": "Look:"},
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "tool_call", "value": '[{"name": "see", "arguments": {}}]'},
    ]
    (turn,) = read_turns([{"role": "assistant", "content": content}])
    assert turn == Turn("assistant", "Look:\n<image>", "hm", (ToolCall("see", "{}"),))


def test_an_argument_that_only_other_calls_have_is_none_of_this_call() -> None:
    """A table of structs has a null for each key that another row has."""
    (turn,) = read_turns([{"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1, "b": None}}}]}])
    assert turn.calls[0].arguments == '{"a":1}'


ANTHROPIC = [
    {"role": "user", "content": "How warm is it in Rome, and in Oslo?"},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Two calls.", "signature": "x"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "a", "name": "weather", "input": {"city": "Rome"}},
            {"type": "tool_use", "id": "b", "name": "weather", "input": {"city": "Oslo"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "4"}]},
            {"type": "tool_result", "tool_use_id": "a", "content": "21"},
        ],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "21 and 4."}]},
]


def test_anthropics_results_are_turns_of_the_tool() -> None:
    turns = read_turns(ANTHROPIC)
    assert [turn.role for turn in turns] == ["user", "assistant", "tool", "tool", "assistant"]
    calls = (ToolCall("weather", '{"city":"Rome"}', "a"), ToolCall("weather", '{"city":"Oslo"}', "b"))
    assert turns[1] == Turn("assistant", "I look.", "Two calls.", calls)
    assert [(turn.text, turn.answers) for turn in turns[2:4]] == [("4", "b"), ("21", "a")]
    assert ValidMessagesFilter().run([{"messages": json.dumps(ANTHROPIC)}], progress=False).rows_out == 1
    with_text = [*ANTHROPIC[:2], {"role": "user", "content": [*ANTHROPIC[2]["content"], {"type": "text", "text": "And?"}]}]
    assert [turn.role for turn in read_turns(with_text)] == ["user", "assistant", "tool", "tool", "user"]


def test_mistrals_thoughts_are_parts_and_a_refusal_is_what_is_said() -> None:
    (turn,) = read_turns(
        [{"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "ok"}]}]
    )
    assert turn == Turn("assistant", "ok", "hm")
    for refused in ({"content": None, "refusal": "No."}, {"content": [{"type": "refusal", "refusal": "No."}]}):
        assert read_turns([{"role": "assistant", **refused}]) == [Turn("assistant", "No.")]


def test_every_digit_of_an_argument_is_kept() -> None:
    arguments = '{"id": 123456789012345678901234567890}'
    for call in ({"name": "f", "arguments": arguments}, {"name": "f", "arguments": json.loads(arguments)}):
        (turn,) = read_turns(json.dumps([{"from": "function_call", "value": json.dumps(call)}]))
        assert json.loads(turn.calls[0].arguments) == json.loads(arguments)
        assert "123456789012345678901234567890" in as_messages([turn])[0]["content"]
        assert "123456789012345678901234567890" in as_sharegpt([turn])[0]["value"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("not JSON", "is text that is no JSON"),
        ("3", "is a number, not a list of turns"),
        (["a", "b"], "turn 1 is text, which does not say who speaks"),
        ([{"content": "a"}], "turn 1 does not say who speaks: it has content"),
        (
            [{"role": "user", "content": "a"}, {"role": "asistant", "content": "b"}],
            'turn 2 has the role "asistant", which is not known. did you mean',
        ),
        ([{"role": "user"}], "turn 1 has no text"),
        ([{"role": "user", "content": 3}], "turn 1: its content is a number, not text"),
        ([{"from": "function_call", "value": "add(1)"}], "turn 1 is a call of a tool, but no JSON"),
        ([{"role": "assistant", "content": "", "tool_calls": [{"function": {}}]}], "turn 1 calls a tool without a name"),
        ([{"role": "user", "content": [{"type": "hologram", "text": "a"}]}], 'turn 1 has a part of the type "hologram"'),
    ],
)
def test_what_is_no_conversation_is_said_with_its_turn(value: Any, why: str) -> None:
    with pytest.raises(NotMessages) as raised:
        read_turns(value)
    assert why in str(raised.value)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
turns_of_text = st.lists(st.builds(Turn, st.sampled_from(["system", "user", "assistant", "tool"]), texts), max_size=6)


@settings(deadline=None)
@given(turns_of_text)
def test_what_is_written_is_read_again(turns: list[Turn]) -> None:
    assert read_turns(as_messages(turns)) == read_turns(as_sharegpt(turns)) == turns
    assert read_turns(json.dumps(as_messages_with_tools(turns))) == turns


# The operator


def table(*conversations: Any) -> pa.Table:
    return pa.table({"conversations": list(conversations)})


def test_convert_writes_the_shape_of_trainers() -> None:
    made = ConvertMessages().run(table(SHAREGPT), progress=False).table
    assert made.schema.field("messages").type == pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    assert made.to_pylist()[0]["messages"] == OPENAI
    back = ConvertMessages(to="sharegpt").run(made.select(["messages"]), progress=False).table
    assert back.to_pylist()[0]["conversations"] == SHAREGPT


def test_convert_loses_no_call() -> None:
    given_rows = [{"conversations": json.dumps(CALLING)}]
    (row,) = ConvertMessages(tools="fields").run(given_rows, progress=False).table.to_pylist()
    assert read_turns(row["messages"]) == read_turns(CALLING)
    (row,) = ConvertMessages().run(given_rows, progress=False).table.to_pylist()
    assert row["messages"][1]["content"].count("<tool_call>") == 2
    assert row["messages"][4]["content"].startswith("<think>\nBoth are known now.\n</think>")


def test_a_row_that_is_no_conversation_is_set_aside_with_its_turn() -> None:
    result = ConvertMessages(max_failed=1).run(table(json.dumps(SHAREGPT), '[{"from": "nobody", "value": "a"}]'), progress=False)
    assert result.table.num_rows == 1
    assert 'turn 1 has the role "nobody"' in result.rejected.to_pylist()[0]["rejected_reason"]


@pytest.mark.parametrize("column", [pa.array([1]), pa.array([["a"]]), pa.array([[{"name": "a", "age": 2}]])])
def test_a_column_that_can_hold_no_conversation_is_refused_before_anything_runs(column: pa.Array) -> None:
    with pytest.raises(ColumnError, match=r'column "messages" holds no conversations'):
        ValidMessagesFilter().run(pa.table({"messages": column}), progress=False)


def test_pairs_with_history_become_messages() -> None:
    row = {"instruction": "And back?", "output": "At nine in the evening.", "history": [["When does the ferry leave?", "At six."]]}
    (made,) = ChatMessagesGenerator(system="Be brief.").run([row], progress=False).table.to_pylist()
    assert made["messages"] == OPENAI


@pytest.mark.parametrize("operator", [ConvertMessages().bind(input_messages="messages", output_messages="made"), ValidMessagesFilter()])
def test_promises_on_real_shapes(operator: Any) -> None:
    shapes = [pa.table({"messages": [OPENAI, None, said("a", "b")]}), pa.table({"messages": [json.dumps(CALLING), None, "[]"]})]
    for shape in shapes:
        check_operator(operator, inputs=[shape], examples=0)
