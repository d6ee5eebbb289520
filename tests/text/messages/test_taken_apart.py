"""Conversations as columns and as rows of turns, and back."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.generic.selection.score import ScoreFilter
from operators.testing import check_operator
from operators.text.messages.columns import MessagesToColumns
from operators.text.messages.split import JoinMessages, SplitMessages
from operators.text.synthesis.chat import ChatMessagesGenerator
from tests.text.messages.conversations import CALLING, OPENAI, said


def columns(conversation: Any, **parameters: Any) -> dict[str, Any]:
    (row,) = MessagesToColumns(**parameters).run([{"messages": json.dumps(conversation)}], progress=False).table.to_pylist()
    return dict(row)


def test_the_last_exchange_with_what_came_before() -> None:
    row = columns(OPENAI)
    assert (row["instruction"], row["output"], row["system"]) == ("And back?", "At nine in the evening.", "Be brief.")
    assert row["history"] == [["When does the ferry leave?", "At six."]]


def test_columns_become_the_messages_that_they_came_from() -> None:
    table = MessagesToColumns().run(pa.table({"messages": [OPENAI[1:]]}), progress=False).table
    (row,) = ChatMessagesGenerator().bind(output_messages="again").run(table, progress=False).table.to_pylist()
    assert row["again"] == OPENAI[1:]


def test_earlier_turns_can_stand_in_the_instruction() -> None:
    row = columns(OPENAI, history_in_instruction=True)
    assert row["instruction"] == "User: When does the ferry leave?\n\nAssistant: At six.\n\nUser: And back?"
    assert columns(said("Why?", "So."), history_in_instruction=True)["instruction"] == "Why?"


def test_calls_and_results_are_part_of_the_answer() -> None:
    output = columns(CALLING)["output"]
    assert output.index("<tool_call>") < output.index("<tool_response>\n21\n</tool_response>") < output.index("21 in Rome, 4 in Oslo.")


@pytest.mark.parametrize(("conversation", "why"), [(said("a", "b", "c"), "ends without an answer"), (said("a", "b")[1:], "begins with a turn of")])
def test_what_has_no_last_exchange_is_set_aside(conversation: Any, why: str) -> None:
    result = MessagesToColumns(max_failed=1).run([{"messages": json.dumps(conversation)}], progress=False)
    assert why in result.rejected.to_pylist()[0]["rejected_reason"]


# Rows of turns


def turns_of(*conversations: Any) -> pa.Table:
    table = pa.table({"messages": list(conversations), "topic": [f"topic {place}" for place in range(len(conversations))]})
    return SplitMessages().run(table, progress=False).table


def test_each_turn_is_a_row_that_names_its_conversation() -> None:
    rows = turns_of(OPENAI, said("a", "b")).to_pylist()
    assert [(row["turn"], row["turns"], row["role"], row["topic"]) for row in rows[4:]] == [
        (5, 5, "assistant", "topic 0"),
        (1, 2, "user", "topic 1"),
        (2, 2, "assistant", "topic 1"),
    ]
    assert "messages" not in rows[0]
    assert len({tuple(row["parent_ids"]) for row in rows}) == 2


def test_turns_become_the_conversations_that_they_came_from_in_any_order() -> None:
    table = turns_of(OPENAI, said("a", "b"), said("a", "b"))
    shuffled = table.take(pa.array([6, 0, 3, 8, 2, 1, 4, 7, 5]))
    result = JoinMessages(carry=("topic",)).run(shuffled, progress=False)
    made = {row["topic"]: row["messages"] for row in result.table.to_pylist()}
    assert made == {"topic 0": OPENAI, "topic 1": said("a", "b"), "topic 2": said("a", "b")}
    assert result.rejected.num_rows == 0


@pytest.mark.parametrize(("incomplete", "left"), [("drop", None), ("cut", OPENAI[:3]), ("keep", [*OPENAI[:3], OPENAI[4]])])
def test_what_becomes_of_a_conversation_of_which_a_turn_is_missing(incomplete: Any, left: Any) -> None:
    table = turns_of(OPENAI, said("a", "b"))
    without = table.filter(pa.array([place != 3 for place in range(table.num_rows)]))
    result = JoinMessages(incomplete=incomplete).run(without, progress=False)
    assert [row["messages"] for row in result.table.to_pylist()] == [*([left] if left else []), said("a", "b")]
    assert result.rejected.num_rows == (4 if left is None else 0)


def test_a_last_turn_that_is_missing_is_missed() -> None:
    result = JoinMessages().run(turns_of(said("a", "b")).slice(0, 1), progress=False)
    assert result.table.num_rows == 0
    assert result.rejected.to_pylist()[0]["rejected_reason"] == "no row was made from it"


def test_rows_of_ones_own_are_joined_by_any_key() -> None:
    rows = [{"thread": 7, "n": 1, "role": "prompter", "text": "a"}, {"thread": 7, "n": 2, "role": "assistant", "text": "b"}]
    (row,) = JoinMessages().run(rows, input_conversation="thread", input_turn="n", progress=False).table.to_pylist()
    assert row["messages"] == said("a", "b")
    assert row["thread"] == 7


def test_turns_can_be_filtered_in_between() -> None:
    table = turns_of(OPENAI, said("a", "b"))
    first = ScoreFilter(max=2).run(table, input_score="turn", progress=False).table
    assert [row["messages"] for row in JoinMessages().run(first, progress=False).table.to_pylist()] == [said("a", "b")]


@pytest.mark.parametrize("operator", [SplitMessages(), MessagesToColumns()])
def test_promises_on_conversations(operator: Any) -> None:
    check_operator(operator, inputs=[pa.table({"messages": [OPENAI, None, [], said("a", "b")]})], examples=0)
