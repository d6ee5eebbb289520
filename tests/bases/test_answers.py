"""The shapes of answers that several domains ask for: bounded, rated, in pairs."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, ValidationError

from operators.asking.prompt import PromptTemplate
from operators.bases.bounded_answers import at_most, bounded, plain
from operators.bases.dimensions import Dimension, RatesDimensions
from operators.bases.question_answers import QuestionAndAnswer, Questions
from operators.bases.ratings import Rating, on_dimensions, on_scale
from operators.tables.columns import Input
from operators.tables.errors import ParameterError
from tests.text.faults.asking import always, ask


class Whole(BaseModel):
    reason: str
    score: int = Field(description="5 is best")


class Poem(BaseModel):
    title: str = Field(max_length=500, description="a few words")
    lines: list[str] = Field(min_length=2, max_length=9, description="one verse each")
    number: int


POEM: PromptTemplate[Poem] = PromptTemplate[Poem](user="{{ text }}")


def test_texts_are_bounded_and_all_else_stays_as_it_was() -> None:
    short = bounded(POEM, 20)
    assert bounded(POEM, 20) is short, "made once"
    assert bounded(POEM, None) is POEM
    assert short.shape() == (
        'Answer with JSON: {"title": a few words (at most 20 characters), "lines": [2 to 9 of text] (one verse each), "number": whole number}'
    )
    with pytest.raises(ValueError, match="title: String should have at most 20 characters"):
        short.parse('{"title": "' + "x" * 21 + '", "lines": ["a", "b"], "number": 1}')


def test_the_shorter_of_two_bounds_counts() -> None:
    assert '"title": a few words (at most 500 characters)' in bounded(POEM, 1000).shape()


def test_a_text_that_fills_its_bound_within_a_sentence_was_cut_and_is_asked_for_again() -> None:
    prompt = bounded(PromptTemplate[str](user="x"), 10)
    with pytest.raises(ValueError, match="it was cut at 10 characters"):
        prompt.parse('{"answer": "ten letter"}')
    assert plain(prompt.parse('{"answer": "ten marks."}')) == "ten marks."
    pair = bounded(PromptTemplate[Whole](user="x"), 12)
    with pytest.raises(ValueError, match="it was cut at 12 characters"):
        pair.parse('{"reason": "because of t", "score": 1}')
    poem = bounded(PromptTemplate[Poem](user="x"), 4)
    assert poem.parse('{"title": "abcd", "lines": ["a", "b"], "number": 1}').title == "abcd", "a bound of its own may be filled"


def test_a_bounded_text_is_read_as_the_text_it_is() -> None:
    prompt = bounded(PromptTemplate[str](user="x"), 10)
    assert plain(prompt.parse('{"answer": " rain "}')) == plain(" rain ") == "rain"
    with pytest.raises(ValueError, match="at least 1 character"):
        prompt.parse('{"answer": ""}')


def test_a_list_has_no_more_items_than_were_asked_for() -> None:
    two = at_most(POEM, "lines", 2)
    assert "[1 to 2 of text] (one verse each)" in two.shape()
    with pytest.raises(ValueError, match="at most 2 items"):
        two.parse('{"title": "t", "lines": ["a", "b", "c"], "number": 1}')


@pytest.mark.parametrize("score", [0, 11, float("nan")])
def test_a_score_outside_its_scale_is_no_rating(score: float) -> None:
    rating = on_scale(Rating, 1, 10)
    assert issubclass(rating, Rating)
    assert rating(reason="", score=7.5).score == 7.5
    with pytest.raises(ValidationError):
        rating(reason="", score=score)


def test_a_scale_keeps_whole_numbers_whole_and_the_words_of_the_field() -> None:
    rating = on_scale(Whole, 1, 5)
    with pytest.raises(ValidationError):
        rating(reason="", score=2.5)
    assert "whole number from 1 to 5 (5 is best)" in PromptTemplate[str](user="x").answering(rating).shape()


def test_dimensions_are_rated_alone_or_each_with_its_reason() -> None:
    assert list(on_dimensions(("wit", "charm"), 1, 5).model_fields) == ["wit", "charm"]
    reasoned = on_dimensions(("wit",), 1, 5, reasons=True)
    assert reasoned.model_validate({"wit": {"reason": "a pun", "score": 4}}).model_dump() == {"wit": {"reason": "a pun", "score": 4}}
    with pytest.raises(ValidationError):
        reasoned.model_validate({"wit": {"reason": "a pun", "score": 6}})


class RatesJokes(RatesDimensions, abstract=True):
    """Rate jokes."""

    input_text = Input(str)

    prompt: PromptTemplate[str] = PromptTemplate[str](system="{{ rubric }}", user="{{ text }}")
    dimensions: tuple[Dimension, ...] = (Dimension(name="wit", description="is it witty?"), Dimension(name="charm", description="is it charming?"))


def test_the_reasons_of_dimensions_stand_in_columns_beside_them() -> None:
    answer = always(wit={"reason": "a pun", "score": 4}, charm={"reason": "rude", "score": 1})
    kept, _, serving = ask(RatesJokes(reasons=True, model_column="judge"), [{"text": "a joke"}], answer)
    assert {name: value for name, value in kept[0].items() if name not in ("row_id", "text")} == {
        "rating_wit": 4,
        "rating_wit_reason": "a pun",
        "rating_charm": 1,
        "rating_charm_reason": "rude",
        "judge": "scripted",
    }
    assert str(serving.requests[0].messages[0].content).startswith("- wit: is it witty?\n- charm: is it charming?\n\nAnswer with JSON")
    with pytest.raises(ParameterError, match="two dimensions have the same name: wit, wit"):
        RatesJokes(dimensions=(RatesJokes().dimensions[0],) * 2)


@pytest.mark.parametrize("answer", ["What is rain?", "what is  RAIN", " ", "?"])
def test_a_pair_whose_answer_says_nothing_more_than_its_question_is_none(answer: str) -> None:
    with pytest.raises(ValidationError, match=r"repeats the question|at least 1 character"):
        Questions.model_validate({"pairs": [{"question": "What is rain?", "answer": answer}]})
    assert QuestionAndAnswer(question="What is rain?", answer="Rain.").answer == "Rain."
