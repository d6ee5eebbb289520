"""Published shapes of conversations with functions, in one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operators.bases.messages.reading import read_turns
from operators.bases.messages.tool_formats import as_hermes, as_llama_factory, as_openai, with_ids
from operators.bases.messages.turns import ToolCall, Turn
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


CALLED = ToolCall("find_train", "{}")
plain_texts = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="<"), min_size=1, max_size=12)
values = st.recursive(st.none() | st.booleans() | st.integers() | plain_texts, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
results = values.map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)) | plain_texts | st.just("[1,2]")


@st.composite
def conversations_with_calls(draw: Any) -> list[Turn]:
    """Exchanges in each of which one to three functions are called."""
    turns = []
    for _ in range(draw(st.integers(1, 2))):
        arguments = draw(st.lists(st.dictionaries(plain_texts, values | st.just("</tool_call>"), max_size=2), min_size=1, max_size=3))
        turns += [
            Turn("user", draw(plain_texts)),
            Turn("assistant", "", draw(st.just("") | plain_texts), tuple(ToolCall("find_train", json.dumps(given)) for given in arguments)),
            *(Turn("tool", draw(results)) for _ in arguments),
            Turn("assistant", draw(plain_texts), draw(st.just("") | plain_texts)),
        ]
    return turns


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


@pytest.mark.parametrize("name", ["openai", "llama_factory", "hermes"])
@given(conversations_with_calls())
@example([Turn("user", "?"), Turn("assistant", "", calls=(CALLED, CALLED)), Turn("tool", "0E0"), Turn("tool", '{"a": 1.50}'), Turn("assistant", "!")])
def test_what_is_written_for_a_trainer_is_read_again(name: str, turns: list[Turn]) -> None:
    tools = [TOOLS[0]]
    written = {"openai": as_openai, "llama_factory": as_llama_factory, "hermes": lambda turns: as_hermes(turns, tools)}[name](turns)
    row = {"conversations": json.dumps(written), "tools": json.dumps(tools)}
    (read,) = ToolMessagesReader().run([row], progress=False).table.to_pylist()
    said = [turn for turn in read_turns(read["messages"]) if turn.role != "system"]
    assert list(map(plainly, said)) == list(map(plainly, with_ids(turns)))


def plainly(turn: Turn) -> Any:
    """With arguments as values: spaces in their JSON say nothing."""
    return (turn.role, turn.text, turn.reasoning, [(call.id, call.name, json.loads(call.arguments)) for call in turn.calls], turn.answers)


def test_what_stands_around_tagged_calls_and_results_is_kept() -> None:
    turns = [
        {"from": "human", "value": ASKS},
        {"from": "gpt", "value": f"One moment.\n<tool_call>{json.dumps(CALL)}</tool_call>\nIt is on its way."},
        {"from": "human", "value": f"<tool_response>{RESULT}</tool_response>\nBe quick, please."},
        {"from": "gpt", "value": TELLS},
    ]
    (read,) = ToolMessagesReader().run([{"conversations": json.dumps(turns)}], progress=False).table.to_pylist()
    assert [(turn.role, turn.text) for turn in read_turns(read["messages"])] == [
        ("user", ASKS), ("assistant", "One moment.\nIt is on its way."), ("tool", RESULT), ("user", "Be quick, please."), ("assistant", TELLS)
    ]  # fmt: skip


def test_the_schema_says_what_the_arguments_of_a_template_are() -> None:
    """Qwen3-Coder writes each argument as it is, between marks of its own."""
    arguments = "<parameter=start>\n3011\n</parameter>\n<parameter=end>\nBasel\n</parameter>"
    text = f"I look.\n<tool_call>\n<function=find_train>\n{arguments}\n</function>\n</tool_call>"
    turns = [{"from": "human", "value": ASKS}, {"from": "gpt", "value": text}]
    (read,) = ToolMessagesReader().run([{"conversations": json.dumps(turns), "tools": json.dumps([TOOLS[0]])}], progress=False).table.to_pylist()
    _, answer = read_turns(read["messages"])
    assert answer.text == "I look."
    assert [json.loads(call.arguments) for call in answer.calls] == [{"start": "3011", "end": "Basel"}]


def test_the_definitions_of_hermes_are_written_once() -> None:
    (read,) = ToolMessagesReader().run([{"conversations": json.dumps(HERMES)}], progress=False).table.to_pylist()
    assert as_hermes(read_turns(read["messages"]), json.loads(read["functions"]))[0]["value"].count("<tools>") == 1


def system(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": text}, {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello."}]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<tools> [{'type': 'function', 'function': {'name': 'f', 'parameters': {}}}] </tools>", ["f"]),
        ('Dates are {YYYY}.\n{"name": "f", "parameters": {}}\n{"name": "now", "description": "The time."}', ["f", "now"]),
        ('The user is {"name": "Ann", "age": 30}.', []),
        ('Answer as {"name": "..."}.', []),
    ],
)
def test_a_system_message_defines_functions_in_json_or_as_python_shows_it(ran: Any, text: str, names: list[str]) -> None:
    (row,), _ = ran(ToolMessagesReader(), [{"conversations": json.dumps(system(text))}])
    assert [function["function"]["name"] for function in json.loads(row["functions"])] == names


@pytest.mark.parametrize("arguments", ["", " ", None, {}, "{}"])
def test_a_call_without_arguments_has_an_empty_object_of_them(ran: Any, arguments: Any) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "now", "arguments": arguments}}
    messages = [{"role": "user", "content": "What time is it?"}, {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "1", "content": "10:30"}, {"role": "assistant", "content": "It is 10:30."}]  # fmt: skip
    tools = [{"name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {}}}]
    (row,), _ = ran(ToolMessagesReader(), [{"conversations": json.dumps(messages), "tools": tools}])
    assert row["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"
    kept, _ = ran(ToolUseFilter(), [{"messages": json.dumps(messages), "tools": tools}])
    assert len(kept) == 1
