"""Conversations in exactly the shape of a trainer, and those in which every turn belongs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.conversation.formats import AlpacaFormatFilter, MessagesFormatFilter
from operators.conversation.turns import CleanTurnsFilter
from tests.code.conftest import ran
from tests.tools.railway import MESSAGES

__all__ = ["ran"]

ASKS, TELLS = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}
HUMAN, GPT = {"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}


def verdict(ran: Any, operator: Any, **row: Any) -> str | None:
    kept, aside = ran(operator, [row])
    return None if kept else str(aside[0]["rejected_reason"])


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([ASKS, TELLS], None),
        ([{"role": "system", "content": "Be kind."}, ASKS, TELLS], None),
        (MESSAGES, None),
        ([HUMAN, GPT], 'turn 1 has no "role"; it has from, value'),
        ([{**ASKS, "role": "human"}, TELLS], "turn 1 has the role 'human'"),
        ([{**ASKS, "mood": "good"}, TELLS], '"mood", which is no field'),
        ([{"role": "user", "content": None}, TELLS], 'turn 1 has no "content"'),
        ([{"role": "user", "content": 3}, TELLS], "is int, not text"),
        ([ASKS, {**MESSAGES[1], "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}, TELLS], 'calls f without an "id"'),
        ([ASKS, {**MESSAGES[1], "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "[]"}}]}, TELLS], "the text of a JSON object"),
        ([*MESSAGES[:2], {"role": "tool", "content": "x"}, TELLS], 'without "tool_call_id"'),
        ([ASKS, ASKS, TELLS], "turn 1 (user) is followed by turn 2 (user)"),
        ([ASKS], "the last turn is of the role user"),
        ([], "has no turns"),
    ],
)
def test_openais_messages_to_the_letter(ran: Any, messages: Any, said: str | None) -> None:
    reason = verdict(ran, MessagesFormatFilter(), messages=json.dumps(messages))
    assert (reason is None) if said is None else said in (reason or "")


@pytest.mark.parametrize(
    ("conversation", "said"),
    [
        ([HUMAN, GPT], None),
        ([HUMAN, {"from": "function_call", "value": '{"name": "f", "arguments": {}}'}, {"from": "observation", "value": "1"}, GPT], None),
        ([ASKS, TELLS], 'turn 1 has no "from" and "value"'),
        ([{**HUMAN, "from": "Human"}, GPT], "turn 1 is from 'Human'"),
        ([{**HUMAN, "value": ["Why?"]}, GPT], "is list, not text"),
        ([GPT, HUMAN], "the conversation begins with turn 1 (assistant)"),
        ([{**HUMAN, "id": "1"}, GPT], '"id", which is no field'),
    ],
)
def test_sharegpts_conversations_to_the_letter(ran: Any, conversation: Any, said: str | None) -> None:
    reason = verdict(ran, MessagesFormatFilter(format="sharegpt"), messages=json.dumps(conversation))
    assert (reason is None) if said is None else said in (reason or "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"instruction": "Add.", "input": "1 2", "output": "3", "history": [["Hi", "Hello"]]}, None),
        ({"instruction": "Add.", "output": "3"}, None),
        ({"instruction": " ", "output": "3"}, "instruction is empty"),
        ({"instruction": "Add.", "output": None}, "output is empty"),
        ({"instruction": "Add.", "output": 3}, "output is int, not text"),
        ({"instruction": "Add.", "output": "3", "history": [["Hi"]]}, "exchange 1 of the history is not [question, answer]"),
        ({"instruction": "Add.", "output": "3", "history": [["Hi", ""]]}, "exchange 1 of the history has an empty part"),
    ],
)
def test_alpacas_columns_to_the_letter(ran: Any, row: Any, said: str | None) -> None:
    reason = verdict(ran, AlpacaFormatFilter(), **row)
    assert (reason is None) if said is None else said in (reason or "")


LONG = "The tide comes twice a day because the water bulges on two sides."


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ([ASKS, TELLS], None),
        ([ASKS, {**TELLS, "content": "User: why?"}], 'turn 2 (assistant) speaks for "User"'),
        ([{**ASKS, "content": "Why?<|im_end|>"}, TELLS], "turn 1 (user) holds the mark"),
        ([ASKS, {**TELLS, "content": "I'm sorry, but I can't help with that."}], "turn 2 (assistant) refuses"),
        ([ASKS, {**TELLS, "content": LONG}, ASKS, {**TELLS, "content": LONG.upper() + "!"}], "turn 4 (assistant) says the same as turn 2"),
        ([ASKS, TELLS, ASKS, {**TELLS, "content": LONG}], None),
        ([ASKS, {**TELLS, "content": LONG}, {**ASKS, "content": LONG}, {**TELLS, "content": "Yes."}], "turn 3 (user) says the same as turn 2"),
        ([TELLS], "begins with"),
    ],
)  # fmt: skip
def test_every_turn_belongs_where_it_is(ran: Any, turns: Any, said: str | None) -> None:
    reason = verdict(ran, CleanTurnsFilter(), messages=json.dumps(turns))
    assert (reason is None) if said is None else said in (reason or "")
