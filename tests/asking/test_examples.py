"""Prompts with examples: what the model is shown, and that it does not get away with copying them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel

from operators.asking.prompt import PromptTemplate
from operators.core.llm import LLMGenerate
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.columns import Input, Output
from operators.tables.errors import CompileError
from tests.text.faults.asking import ask, in_turn


class Title(BaseModel):
    title: str


class LongTitle(Title):
    reason: str


RAIN = "The long rain over the harbour of Genoa"


class TitlePrompt(PromptTemplate[Title]):
    system = "You name texts."
    user = "Name in {{ words }} words: {{ text }}"
    examples = (({"text": "It rained all day."}, {"title": RAIN, "reason": "it rains"}), ({"text": "Snow."}, {"title": "Snow", "reason": "short"}))


class TitleGenerator(LLMGenerate):
    """Name a text."""

    asks = ("name a text", "a title for each document")
    source = "made for tests"
    input_text = Input(str)
    output_title = Output(str)
    prompt: PromptTemplate[Title] = TitlePrompt()
    words: int = 8


def asked(operator: Any, *answers: str) -> tuple[list[Any], list[Any], list[Any]]:
    kept, aside, serving = ask(operator, [{"text": "The sun shone."}], in_turn(*answers))
    return kept, aside, [[(message.role, message.content) for message in request.messages] for request in serving.requests]


def test_examples_are_messages_before_the_question() -> None:
    kept, _, (messages,) = asked(TitleGenerator(), json.dumps({"title": "Sun"}))
    assert kept[0]["title"] == "Sun"
    assert messages[1:] == [
        ("user", "Name in 8 words: It rained all day."),
        ("assistant", json.dumps({"title": RAIN})),
        ("user", "Name in 8 words: Snow."),
        ("assistant", json.dumps({"title": "Snow"})),
        ("user", "Name in 8 words: The sun shone."),
    ]


def test_an_answer_that_is_one_of_the_examples_is_asked_for_again_but_short_ones_may_be_equal() -> None:
    _, _, requests = asked(TitleGenerator(), json.dumps({"title": RAIN}), json.dumps({"title": "Snow"}))
    assert len(requests) == 2
    assert "stands in an example" in requests[1][-1][1]


def test_other_texts_have_no_examples_and_another_answer_has_the_fields_it_asks_for() -> None:
    prompt = TitlePrompt()
    assert prompt.changed(user="Name {{ text }}").examples == ()
    assert prompt.changed(user=prompt.user).version != prompt.version
    assert json.loads(prompt.answering(LongTitle).shown({"words": 3})[0][1]) == {"title": RAIN, "reason": "it rains"}
    _, _, (messages,) = asked(TitleGenerator(prompt="Name {{ text }}"), json.dumps({"title": "Sun"}))
    assert [role for role, _ in messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (({"text": "Snow."}, {"reason": "short"}), "example 1 of the prompt has no valid answer: it has no 'title'"),
        (({"text": "Snow."}, {"title": ["Snow"]}), "Input should be a valid string"),
        (({"words": 3}, {"title": "Snow"}), 'example 1 of the prompt has no "text"'),
    ],
)
def test_an_example_that_cannot_be_shown_is_found_before_anything_runs(example: Any, said: str) -> None:
    class OddPrompt(TitlePrompt):
        examples = (example,)

    class Titles(Pipeline):
        """Titles."""

        expects = {"text": str}

        def __init__(self) -> None:
            self.title = TitleGenerator(prompt=OddPrompt())

        def forward(self, rows: Handle) -> Handle:
            return self.title(rows)

    with pytest.raises(CompileError, match=re.escape(said)):
        Titles().compile()
