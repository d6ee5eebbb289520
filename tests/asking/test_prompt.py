"""Prompts: one question with several types of answers, and what the model is told of them."""

from __future__ import annotations

import copy

import pytest
from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.text.raters.educational_value import EducationalValueEvaluator


class Score(BaseModel):
    score: int = Field(ge=0, le=5)


class Grade(BaseModel):
    grade: str


class ScorePrompt(PromptTemplate[Score]):
    """Asks in a manner of its own."""

    system = "You judge {{ text }}."
    user = "{{ text }}"

    def render(self, values: object) -> tuple[str, str]:
        system, user = super().render(values)  # type: ignore[arg-type]
        return system, user.upper()


def test_a_prompt_answers_with_another_type_and_stays_as_it_was() -> None:
    prompt = ScorePrompt(system="Be strict.")
    graded = prompt.answering(Grade)
    assert (prompt.answer, graded.answer, graded.system, graded.user) == (Score, Grade, "Be strict.", "{{ text }}")
    assert graded.parse('{"grade": "A"}') == Grade(grade="A")
    assert graded.version != prompt.version
    assert graded.answer_schema() != prompt.answer_schema()
    assert graded.render({"text": "x"})[1] == "X", "it is still a prompt of its class"
    assert prompt.answering(Grade) is graded, "made once"
    assert graded.answering(Score) == prompt


def test_a_change_of_text_keeps_the_type_of_the_answer() -> None:
    changed = ScorePrompt().answering(Grade).changed(system="Be kind.")
    assert (changed.answer, changed.system) == (Grade, "Be kind.")
    assert changed.version != ScorePrompt().answering(Grade).version
    assert ScorePrompt().changed(system=None).system == ScorePrompt.system


def test_the_type_in_brackets_counts_for_an_instance_for_a_class_and_for_a_subclass() -> None:
    class Strict(ScorePrompt):
        system = "Be strict."

    assert PromptTemplate[Score](user="{{ text }}").answer is Score
    assert PromptTemplate[str](user="{{ text }}").answer is str
    assert Strict().answer is Score
    assert PromptTemplate[Score](user="x").answer_schema() is not None
    assert PromptTemplate(user="x").answer is str, "other prompts are not touched"


def test_the_shape_of_the_answer_ends_the_system_message_also_of_a_users_own() -> None:
    shape = 'Answer with JSON: {"score": whole number from 0 to 5}'
    assert ScorePrompt().render({"text": "rain"})[0] == f"You judge rain.\n\n{shape}"
    assert PromptTemplate[Score](user="{{ text }}").render({"text": "rain"}) == (shape, "rain")
    assert PromptTemplate[str](system="Be brief.", user="{{ text }}").render({"text": "rain"}) == ("Be brief.", "rain")
    own = EducationalValueEvaluator(prompt={"system": "You are strict."}).prompt
    told, _ = own.render({"text": "rain", "characters": 10})
    assert told.startswith('You are strict.\n\nAnswer with JSON: {"reason": one short sentence (at most 80 characters)')


def test_the_version_covers_what_the_model_is_told_of_the_answer() -> None:
    class Told(BaseModel):
        score: int = Field(ge=0, le=5, description="5 is best")

    assert ScorePrompt().answering(Told).version != ScorePrompt().version
    assert ScorePrompt().version == ScorePrompt().version == copy.copy(ScorePrompt()).version


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "\u3000"])
@pytest.mark.parametrize("answer", [str, Score])
def test_an_empty_answer_is_none(answer: type, text: str) -> None:
    with pytest.raises(ValueError, match="the answer is empty"):
        ScorePrompt().answering(answer).parse(text)


def test_a_column_may_be_called_like_a_function_of_jinja() -> None:
    prompt = PromptTemplate[str](user="{{ range }} of {{ dict }}: {% set kept = namespace(text=text) %}{{ kept.text }}")
    assert prompt.variables() == {"range", "dict", "text"}
    assert prompt.render({"range": "10-20", "dict": "a", "text": "b"})[1] == "10-20 of a: b"
    assert PromptTemplate[str](user="{% for place in range(2) %}{{ text }}{% endfor %}").variables() == {"text"}


def test_values_of_any_type_are_shortened_and_written_as_json_that_a_model_reads() -> None:
    prompt = PromptTemplate[str](user="{{ number | shorten(3) }}|{{ names | shorten(4) }}|{{ row | tojson }}")
    values = {"number": 1234567, "names": ["a", "b"], "row": {"z": "é < ü", "a": [1.5, None, True]}}
    assert prompt.render(values)[1] == """123 …|['a' …|{"z": "é < ü", "a": [1.5, null, true]}"""
