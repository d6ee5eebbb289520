"""Conversations from texts, pairs and exports."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.requests import Role
from operators.bases.messages.exported import any_turns
from operators.bases.messages.templates import find_template
from operators.bases.messages.turns import NotMessages, Turn
from operators.text.messages.parse import ParseMessages

Said = Sequence[tuple[Role, str]]


def told(value: Any) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in any_turns(value)]


def rendered(template: str) -> Callable[[Said], str]:
    return lambda said: find_template(template).render([Turn(role, text) for role, text in said])


def marked(opens: str, ends: str, start: str = "", **names: str) -> Callable[[Said], str]:
    return lambda said: start + "".join(f"{opens.format(names.get(role, role))}{text}{ends}" for role, text in said)


def of_llama_2(said: Said) -> str:
    system = f"<<SYS>>\n{said[0][1]}\n<</SYS>>\n\n" if said[0][0] == "system" else ""
    turns = said[1:] if system else said
    exchanges = zip(turns[::2], turns[1::2], strict=True)
    return "".join(f"<s>[INST] {system * (not number)}{asked[1]} [/INST] {answer[1]} </s>" for number, (asked, answer) in enumerate(exchanges))


def of_vicuna(said: Said) -> str:
    system = f"{said[0][1]} " if said[0][0] == "system" else ""
    return system + "".join(f"USER: {text} " if role == "user" else f"ASSISTANT: {text}</s>" for role, text in said if role != "system")


WRITERS: dict[str, Callable[[Said], str]] = {
    "plain": rendered("plain"),
    "ChatML": rendered("chatml"),
    "Llama 3": marked("<|start_header_id|>{}<|end_header_id|>\n\n", "<|eot_id|>", "<|begin_of_text|>"),
    "Llama 4": marked("<|header_start|>{}<|header_end|>\n\n", "<|eot|>", "<|begin_of_text|>"),
    "Gemma": marked("<start_of_turn>{}\n", "<end_of_turn>\n", "<bos>", assistant="model"),
    "Zephyr": marked("<|{}|>\n", "</s>\n"),
    "Phi": marked("<|{}|>", "<|end|>"),
    "GLM": marked("<|{}|>\n", "", "[gMASK]<sop>"),
    "OpenAssistant": marked("<|{}|>", "<|endoftext|>", user="prompter"),
    "Llama 2": of_llama_2,
    "Vicuna": of_vicuna,
    "Guanaco": marked("### {}: ", "", user="Human", assistant="Assistant", system="System"),
    "HH-RLHF": marked("\n\n{}: ", "", user="Human", assistant="Assistant", system="System"),
    "lines": marked("{}: ", "\n", user="User", assistant="AI", system="System"),
}
TEXTS = st.text(st.characters(categories=["L", "N", "Po"], include_characters=" ", exclude_characters="#:"), min_size=1, max_size=30).map(str.strip)
TURNS = st.tuples(st.booleans(), st.lists(TEXTS.filter(bool), min_size=2, max_size=6).filter(lambda texts: len(texts) % 2 == 0))


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@given(drawn=TURNS)
def test_what_is_written_in_a_format_is_read_back(write: Callable[[Said], str], drawn: tuple[bool, list[str]]) -> None:
    has_system, texts = drawn
    said = [(("user", "assistant")[place % 2], text) for place, text in enumerate(texts)]
    said = [("system", "Be brief."), *said] if has_system else said
    assert told(write(said)) == said


HI = [("user", "Hi"), ("assistant", "Hello")]
MORE = [*HI, ("user", "More"), ("assistant", "Yes")]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([{"input": "Hi", "output": "Hello"}, {"input": "More", "output": "Yes"}], MORE),
        ([{"human": "Hi", "assistant": "Hello"}, {"human": "More", "assistant": "Yes"}], MORE),
        ({"prompt": "Hi", "response": "Hello"}, HI),
        ({"system": "Be brief.", "question": "Hi", "answer": "Hello"}, [("system", "Be brief."), *HI]),
        ([["Hi", "Hello"], ["More", "Yes"]], MORE),
        ([[None, "Welcome"], ["Hi", "Hello"]], [("assistant", "Welcome"), *HI]),
        ([["user", "Hi"], ["assistant", "Hello"]], HI),
        (["Hi", "Hello", "More", "Yes"], MORE),
        ({"id": "1", "data": ["Hi", "Hello"]}, HI),
        ([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}], HI),
        ({"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}, HI),
({"chat_messages": [{"sender": "human", "text": "Hi"}, {"sender": "assistant", "content": [{"type": "text", "text": "Hello"}]}]}, HI),
        ({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}]}, HI),
        ("[INST] Hi [/INST] Hello", HI),
        ("Below is a task.\n\n### Instruction:\nAdd.\n\n### Input:\n1, 2\n\n### Response:\n3",
         [("system", "Below is a task."), ("user", "Add.\n\n1, 2"), ("assistant", "3")]),
        ("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", [("user", "Hi")]),
        ("Human: Hi\nthere: now\n\nAssistant: Hello\n\nTwo: lines", [("user", "Hi\nthere: now"), ("assistant", "Hello\n\nTwo: lines")]),
        ("Human: Hi\n\nAssistant: ### Question: x\n### Answer: y", [("user", "Hi"), ("assistant", "### Question: x\n### Answer: y")]),
        ("user: Hi\nassistant: None\ntool: x\nassistant: y", [("user", "Hi"), ("assistant", "None"), ("tool", "x"), ("assistant", "y")]),
        ("\n\nHuman: List:\nUser: me\n\nAssistant: Hello", [("user", "List:\nUser: me"), ("assistant", "Hello")]),
    ],
)  # fmt: skip
def test_every_shape_is_read_also_as_json(value: Any, said: list[tuple[str, str]]) -> None:
    assert told(value) == said
    if not isinstance(value, str):
        assert told(json.dumps(value)) == said


def test_texts_in_turn_may_begin_with_the_answer() -> None:
    result = ParseMessages(first="assistant").run([{"text": ["Welcome", "Hi"]}], progress=False)
    assert result.table["messages"][0].as_py() == [{"role": "assistant", "content": "Welcome"}, {"role": "user", "content": "Hi"}]


def message(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}, **more}


def nodes() -> dict[str, Any]:
    """Hi was answered twice, and the second answer goes on with a call of a tool."""
    return {
        "root": {"message": None, "parent": None, "children": ["hidden"]},
        "hidden": {"message": message("system", "x", metadata={"is_visually_hidden_from_conversation": True}), "parent": "root", "children": ["hi"]},
        "hi": {"message": message("user", "Hi", create_time=1.0), "parent": "hidden", "children": ["first", "second"]},
        "second": {"message": message("assistant", "search('x')", recipient="web", create_time=3.0), "parent": "hi", "children": ["found"]},
        "found": {"message": message("tool", "x is y", create_time=4.0), "parent": "second", "children": ["said"]},
        "said": {"message": message("assistant", "It is y.", create_time=5.0), "parent": "found", "children": []},
        "first": {"message": message("assistant", "Hello", create_time=2.0), "parent": "hi", "children": []},
    }


def test_of_an_export_of_chatgpt_the_branch_is_read_that_was_shown_last() -> None:
    assert told({"title": "t", "mapping": nodes(), "current_node": "first"}) == HI
    newest = any_turns(nodes())
    assert [turn.role for turn in newest] == ["user", "assistant", "tool", "assistant"]
    assert [(call.name, json.loads(call.arguments)) for call in newest[1].calls] == [("web", {"input": "search('x')"})]


def test_an_export_is_read_from_its_file(tmp_path: Any) -> None:
    conversations = [{"title": "a", "mapping": nodes()}, {"title": "b", "mapping": {"n": nodes()["hi"] | {"children": []}}}]
    (tmp_path / "conversations.json").write_text(json.dumps(conversations))
    result = ParseMessages().bind(input_conversation="mapping").run(str(tmp_path / "conversations.json"), progress=False)
    assert [[turn["role"] for turn in row] for row in result.table["messages"].to_pylist()] == [["user", "assistant", "tool", "assistant"], ["user"]]


def test_a_mapping_that_goes_in_a_circle_ends() -> None:
    circle = {"a": {"message": message("user", "Hi"), "parent": "b", "children": ["b"]}, "b": {"message": None, "parent": "a", "children": ["a"]}}
    assert told({"mapping": circle, "current_node": "a"}) == [("user", "Hi")]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("Just a text. Nothing: at all.", "in which no turns are marked"),
        ("", "in which no turns are marked"),
        ("He said: User: x", "in which no turns are marked"),
        ("A: yes\nB: no\nA: perhaps", "in which no turns are marked"),
        ("It is so.\n\n### Answer: 5", "in which no turns are marked"),
        ("<|im_start|>critic\nNo<|im_end|>", 'turn 1 has the role "critic"'),
        ("<|im_start|>user\nHi<|im_end|>lost<|im_start|>assistant\nHello<|im_end|>", "turn 1: 'lost' stands behind its end"),
        ({"prompt": "Hi", "response": ["Hello"]}, '"response" of an exchange is list'),
        ({"a": 1}, "not a list of turns"),
        (7, "not a list of turns"),
    ],
)  # fmt: skip
def test_what_is_no_conversation_is_told(value: Any, says: str) -> None:
    with pytest.raises(NotMessages, match=re.escape(says)):
        any_turns(value)
