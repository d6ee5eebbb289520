"""Published shapes of conversations with functions, in one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.tools.evaluators import ToolUseFilter
from operators.tools.reading import ToolMessagesReader
from tests.tools.railway import TOOLS

DEFINITION = json.dumps(TOOLS[0]["function"])
CALL, RESULT = {"name": "find_train", "arguments": {"start": "Bern", "end": "Basel"}}, '{"train": "IC 71"}'
ASKS, TELLS = "A train from Bern to Basel?", "Take the IC 71."
GLAIVE = (
    f'USER: {ASKS}\n\n\nASSISTANT: <functioncall> {{"name": "find_train", "arguments": \'{json.dumps(CALL["arguments"])}\'}} <|endoftext|>\n\n\n'
    f"FUNCTION RESPONSE: {RESULT}\n\n\nASSISTANT: {TELLS} <|endoftext|>\n\n\n"
)
SHAREGPT = [
    {"from": "human", "value": ASKS},
    {"from": "function_call", "value": json.dumps(CALL)},
    {"from": "observation", "value": RESULT},
    {"from": "gpt", "value": TELLS},
]
HERMES = [
    {"from": "system", "value": f"You may call functions.\n<tools>\n{DEFINITION}\n</tools>"},
    {"from": "human", "value": ASKS},
    {"from": "gpt", "value": f"<tool_call>\n{json.dumps(CALL)}\n</tool_call>"},
    {"from": "tool", "value": f"<tool_response>\n{RESULT}\n</tool_response>"},
    {"from": "gpt", "value": TELLS},
]


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": GLAIVE, "system": f"SYSTEM: You have these functions -\n{DEFINITION}\n"},
        {"conversations": json.dumps(SHAREGPT), "tools": json.dumps([TOOLS[0]])},
        {"conversations": json.dumps(HERMES)},
    ],
    ids=["Glaive", "ShareGPT", "Hermes"],
)
def test_every_shape_becomes_messages_with_calls_in_fields_and_definitions_as_schema(ran: Any, row: Any) -> None:
    (read,), aside = ran(ToolMessagesReader(), [row])
    assert not aside
    turns = [message for message in read["messages"] if message["role"] != "system"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "tool", "assistant"]
    (call,) = turns[1]["tool_calls"]
    assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == ("call_1", "find_train", CALL["arguments"])
    assert (turns[2]["tool_call_id"], turns[2]["content"], turns[3]["content"]) == ("call_1", RESULT, TELLS)
    assert json.loads(read["functions"]) == [TOOLS[0]]
    kept, _ = ran(ToolUseFilter().bind(input_tools="functions"), [read])
    assert len(kept) == 1


def test_one_turn_with_the_results_of_several_calls_is_taken_apart(ran: Any) -> None:
    both = [
        SHAREGPT[0],
        {"from": "function_call", "value": json.dumps([CALL, CALL])},
        {"from": "observation", "value": f"[{RESULT}, 3]"},
        SHAREGPT[3],
    ]
    (read,), _ = ran(ToolMessagesReader(), [{"conversations": json.dumps(both)}])
    assert [message["tool_call_id"] for message in read["messages"] if message["role"] == "tool"] == ["call_1", "call_2"]


@pytest.mark.parametrize("value", ["hello", '[{"from": "gpt", "value": "<tool_call>{broken</tool_call>"}]', "[3]", '{"a": 1}'])
def test_what_cannot_be_read_is_set_aside_with_the_reason(ran: Any, value: str) -> None:
    kept, (aside,) = ran(ToolMessagesReader(), [{"conversations": value}])
    assert not kept
    assert aside["rejected_reason"]
