"""Conversations made turn by turn, with a model that is scripted."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.conversation.generators import ConversationContinuer, ConversationGenerator
from operators.generic.selection.sample import RandomSample
from operators.testing.scripted_serving import ScriptedServing
from resources.sources.settings import open_source_by_name
from tests.faults import fault
from tests.text.faults.asking import ask

TOPIC = {"intent": "to understand something new", "flow": "from a first idea to an example", "topic": "how tides arise", "persona": "a sailor"}
QUESTIONS = ["Why does the sea rise twice a day?", "What has the moon to do with it?", "And what does the sun do?", "When is the next spring tide?"]
ANSWERS = [
    "Because the water bulges on two sides of the earth.",
    "Its pull is stronger on the near side than on the far side.",
    "It does the same, about half as strongly, and adds to it.",
    "When sun and moon are in line, at new moon and at full moon.",
]


def talk(request: Request) -> str:
    """The planned questions, and to each question its answer."""
    if request.json_schema:
        count = request.json_schema["properties"]["messages"]["minItems"]
        return json.dumps({"messages": QUESTIONS[:count]})
    question = str(request.messages[-1].content)
    return ANSWERS[QUESTIONS.index(question)] if question in QUESTIONS else QUESTIONS[sum(one in question for one in QUESTIONS)]


def turns_of(row: Any, column: str = "messages") -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in row[column]]


EXPECTED = [turn for pair in zip(QUESTIONS, ANSWERS, strict=True) for turn in (("user", pair[0]), ("assistant", pair[1]))]


@fault("answers all turns in one call, so no real turn dependence")
@fault("prompt_template None crashes")
@pytest.mark.parametrize("user", ["planned", "in_turn"])
def test_each_answer_is_asked_for_with_all_turns_before_it(user: Any) -> None:
    kept, aside, serving = ask(ConversationGenerator(user=user), [TOPIC], talk)
    assert not aside
    assert turns_of(kept[0]) == EXPECTED
    last = serving.requests[-1].messages
    assert [message.role for message in last] == ["system", *["user", "assistant"] * 3, "user"]
    assert [str(message.content) for message in last[1:-1]] == [text for _, text in EXPECTED[:6]]


@fault("two parameters have no effect")
@pytest.mark.parametrize("exchanges", [1, 3])
def test_the_number_of_turns_and_the_temperature_are_as_they_were_set(exchanges: int) -> None:
    kept, _, serving = ask(ConversationGenerator(exchanges=exchanges, temperature=0.3, system="Be brief."), [TOPIC], talk)
    assert [role for role, _ in turns_of(kept[0])] == ["system", *["user", "assistant"] * exchanges]
    assert {request.sampling.temperature for request in serving.requests} == {0.3}


@fault("unseeded random, metadata of intent and flow lost")
@fault("returns the frame instead of keys")
def test_seeds_are_drawn_by_a_seed_and_stay_on_the_row_beside_the_declared_column() -> None:
    source = open_source_by_name("chat_topics")
    first, again, other = (RandomSample(rows=3, seed=seed).run(source, progress=False).table for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    operator = ConversationGenerator()
    result = operator.run(first, resources={"llm": ScriptedServing(talk)}, progress=False)
    assert result.table.drop_columns(["messages"]).equals(first)
    assert operator.schema_out(first.schema).names == result.table.schema.names
    assert pa.types.is_struct(result.table.schema.field("messages").type.value_type)


@fault("a JSON list instead of an object raises outside the try")
@pytest.mark.parametrize("bad", [json.dumps(QUESTIONS), "{", '{"messages": ["Only one?"]}', '{"messages": "none"}', "", "I cannot help with that."])
def test_a_plan_of_another_shape_is_asked_for_again_and_in_the_end_set_aside_alone(bad: str) -> None:
    def answer(request: Request) -> str:
        return bad if request.json_schema and "bad" in str(request.messages[1].content) else talk(request)

    kept, aside, serving = ask(ConversationGenerator(), [TOPIC, {**TOPIC, "topic": "bad"}], answer)
    assert [row["topic"] for row in kept] == ["how tides arise"]
    assert "invalid_answer" in aside[0]["rejected_reason"]
    assert sum("bad" in str(request.messages[1].content) for request in serving.requests) == 3


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("User: and then?", "speaks for"),
        ("It rises.<|im_end|>", "mark"),
        ("I'm sorry, but I can't help with that.", "refuses"),
        (QUESTIONS[1], "repeats the question"),
        (ANSWERS[0], "says the same as turn 2"),
    ],
)
def test_a_turn_that_does_not_fit_is_asked_for_again_with_what_is_wrong(bad: str, said: str) -> None:
    def answer(request: Request) -> str:
        last = str(request.messages[-1].content)
        return bad if last == QUESTIONS[1] else ANSWERS[1] if said in last else talk(request)

    kept, _, serving = ask(ConversationGenerator(), [TOPIC], answer)
    assert turns_of(kept[0]) == EXPECTED
    assert any(said in str(request.messages[-1].content) for request in serving.requests)
    _, aside, _ = ask(ConversationGenerator(max_reasks=0), [TOPIC], answer)
    assert said in aside[0]["rejected_reason"]


def test_an_answer_that_begins_with_all_that_was_said_is_asked_for_again() -> None:
    said = "I measured the tide at the pier, and it rose by four metres in the night"

    def answer(request: Request) -> str:
        last = str(request.messages[-1].content)
        return json.dumps({"messages": [said]}) if request.json_schema else ANSWERS[0] if "own words" in last else f"{said}. This is normal."

    kept, _, serving = ask(ConversationGenerator(exchanges=1), [TOPIC], answer)
    assert turns_of(kept[0]) == [("user", said), ("assistant", ANSWERS[0])]
    assert len(serving.requests) == 3


def test_questions_of_a_plan_are_different_and_none_speaks_for_the_assistant() -> None:
    plans = {
        "message 4 says the same as message 1": [*QUESTIONS[:3], QUESTIONS[0] + "!"],
        "speaks for": ["Assistant: hi", *QUESTIONS[1:]],
        "first person": ["The person wants to learn about tides.", *QUESTIONS[1:]],
        "has no end": ["w" * 200, *QUESTIONS[1:]],
        "what an assistant says": ["I'm sorry, but I can't assist with that request.", *QUESTIONS[1:]],
        'after "the page. I" the sentence': ["It is slow. I tried to open the page. I", *QUESTIONS[1:]],
    }
    for said, messages in plans.items():
        _, aside, _ = ask(ConversationGenerator(max_reasks=0), [TOPIC], lambda request, plan=messages: json.dumps({"messages": plan}))
        assert said in aside[0]["rejected_reason"]


def test_answers_from_a_text_state_no_number_that_it_has_not() -> None:
    text = {"topic": "the tide at the pier", "text": "The tide at the pier rises 4 metres, and 13.7 at the far end of the bay."}
    said = {QUESTIONS[0]: "By 4 metres, and by 25 in the bay.", QUESTIONS[1]: ANSWERS[1]}

    def answer(request: Request) -> str:
        last = str(request.messages[-1].content)
        return "By 4 metres, and by 13.7 in the bay." if "25 does not stand in the text" in last else said.get(last) or talk(request)

    kept, _, serving = ask(ConversationGenerator(exchanges=2), [text], answer)
    assert turns_of(kept[0])[1] == ("assistant", "By 4 metres, and by 13.7 in the bay.")
    assert "rises 4 metres" in str(serving.requests[-1].messages[0].content)


def test_a_conversation_is_about_something_or_the_row_is_set_aside_without_a_question() -> None:
    (problem,) = ConversationGenerator().problems(pa.schema({"persona": pa.string()}))
    assert 'column "topic" does not exist' in str(problem)
    assert not ConversationGenerator().bind(input_topic="persona").problems(pa.schema({"persona": pa.string()}))
    _, aside, serving = ask(ConversationGenerator(), [{"topic": " ", "persona": None}], talk)
    assert "nothing" in aside[0]["rejected_reason"]
    assert not serving.requests


REAL = [{"from": "human", "value": QUESTIONS[0]}, {"from": "gpt", "value": ANSWERS[0]}]


def test_a_real_conversation_is_carried_on_and_a_waiting_question_answered_first() -> None:
    kept, _, _ = ask(ConversationContinuer(exchanges=2), [{"messages": REAL}], talk)
    assert turns_of(kept[0], "continued_messages") == EXPECTED[:6]
    assert kept[0]["messages"] == REAL
    waiting, _, _ = ask(ConversationContinuer(exchanges=1), [{"messages": REAL[:1]}], talk)
    assert turns_of(waiting[0], "continued_messages") == EXPECTED[:4]


@pytest.mark.parametrize("messages", ["[]", json.dumps(REAL[1:]), json.dumps([*REAL, *REAL[1:]]), "hello"])
def test_what_is_no_conversation_is_not_carried_on(messages: str) -> None:
    kept, aside, serving = ask(ConversationContinuer(), [{"messages": messages}], talk)
    assert not kept
    assert aside[0]["rejected_reason"]
    assert not serving.requests


def test_a_failed_answer_sets_its_row_aside_and_no_other() -> None:
    def answer(request: Request) -> Any:
        return Failure("timeout", "too slow") if "stars" in str(request.messages[1].content) else talk(request)

    kept, aside, _ = ask(ConversationGenerator(), [TOPIC, {**TOPIC, "topic": "the stars"}], answer)
    assert len(kept) == 1
    assert aside[0]["rejected_reason"] == "timeout: too slow"
