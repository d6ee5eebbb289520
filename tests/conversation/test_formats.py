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


def calling(**changed: Any) -> list[dict[str, Any]]:
    """A conversation with a call of `f`, changed."""
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}, **changed}
    call = {name: value for name, value in call.items() if value is not None}
    return [ASKS, {"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "1", "content": "2"}, TELLS]


def sharegpt_call(call: str) -> list[dict[str, str]]:
    return [HUMAN, {"from": "function_call", "value": call}, {"from": "observation", "value": "1"}, GPT]


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
        (calling(type="tool"), 'calls f with the type "tool", which is not "function"'),
        (calling(type=None), 'calls f without the type "function"'),
        (calling(index=0), '"index", which is no field of a call'),
        (calling(function={"name": "f", "arguments": "{}", "output": "1"}), '"output", which is no field of a function'),
        (calling(function={"name": "find it", "arguments": "{}"}), "'find it', which is no name of a function"),
        ([ASKS, {**TELLS, "content": [{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "Because."}]}], 'the type "reasoning"'),
        ([{"role": "user", "content": [{"type": "text", "value": "Why?"}]}, TELLS], 'turn 1 has a part of the type "text" without a "text"'),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}, TELLS], 'without an "image_url"'),
        ([ASKS, {**TELLS, "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], 'the type "image_url", which the assistant'),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "file", "file": {"file_id": "x"}}]}, TELLS], None),
        ([ASKS, {**TELLS, "weight": 1}], None),
        ([ASKS, {**TELLS, "weight": 0.5}], "has a weight of 0.5"),
        ([{**ASKS, "weight": 1}, TELLS], 'turn 1 has "weight", which only the assistant'),
        ([{**ASKS, "tool_call_id": "1"}, TELLS], 'turn 1 has "tool_call_id", which only the tool'),
        ([{**ASKS, "name": 3}, TELLS], "turn 1 has a name that is int"),
        ([ASKS, {"role": "assistant", "content": None, "refusal": "I will not."}], None),
        (
            [ASKS, {"role": "assistant", "function_call": {"name": "f", "arguments": {}}}, {"role": "function", "name": "f", "content": "1"}, TELLS],
            "turn 2 calls f with arguments that are not the text",
        ),
        (
            [ASKS, {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}, {"role": "function", "content": "1"}, TELLS],
            'turn 3 is the result of a function without its "name"',
        ),
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
        (sharegpt_call('{"name": "f"}'), 'turn 2 has a call without "name" and "arguments"'),
        (sharegpt_call('{"name": "f", "arguments": "{}"}'), "turn 2 calls f with arguments that are str, not an object"),
        (sharegpt_call('[{"name": "f", "arguments": {}}, {"name": "g", "arguments": []}]'), "turn 2 calls g with arguments that are list"),
        (sharegpt_call("f(1)"), "turn 2 is a call of a tool, but no JSON"),
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
        ({"instruction": "Add.", "output": "3", "history": "[]"}, "history is str, not a list"),
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
        ([{**ASKS, "content": "Why?\nAssistant: because."}, TELLS], 'turn 1 (user) speaks for "Assistant"'),
        ([{**ASKS, "content": "Question: why?\nAnswer:"}, TELLS], None),
        ([{**ASKS, "content": "Student: Tom\nSystem: Windows\nUser: me\nPrompt: a cat"}, TELLS], None),
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
