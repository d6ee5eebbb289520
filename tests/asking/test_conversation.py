"""Asking until the answer fits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from operators.asking.answers import Failure
from operators.asking.conversation import Answered, ask_until_it_fits
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Part, Request
from operators.tables.errors import RowFailed
from operators.testing.scripted_serving import ScriptedServing


class Word(BaseModel):
    word: str


PLAIN: PromptTemplate[str] = PromptTemplate(user="Write a poem.")
JSON: PromptTemplate[Any] = PLAIN.answering(Word)
AGAIN = "Answer again, as if for the first time: do not mention this."


def ask(prompt: PromptTemplate[Any], answers: list[Any], **settings: Any) -> tuple[Answered[Any], ScriptedServing]:
    left = list(answers)
    serving = ScriptedServing(lambda request: left.pop(0))
    return asyncio.run(ask_until_it_fits(serving, Request.of("Write a poem.", "You write."), prompt, **settings)), serving


def told(request: Request) -> list[tuple[str, Any]]:
    return [(message.role, message.content) for message in request.messages]


def test_an_answer_comes_with_the_completion_that_it_was_read_from() -> None:
    answered, _ = ask(JSON, ['{"word": "rain"}'])
    assert (answered.answer, answered.completion.model) == (Word(word="rain"), "scripted")


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_text_is_no_answer_and_the_question_is_asked_again_without_an_empty_message(empty: str) -> None:
    answered, serving = ask(PLAIN, [empty, "Rain falls."], max_reasks=1)
    assert answered.answer == "Rain falls."
    assert told(serving.requests[1]) == [("system", "You write."), ("user", f"Write a poem.\n\nthe answer is empty. {AGAIN}")]
    with pytest.raises(RowFailed, match=r"invalid_answer: the answer is empty \(asked 3 times"):
        ask(PLAIN, [empty] * 3, max_reasks=2)


def test_an_empty_answer_about_a_picture_is_asked_for_again_with_the_picture() -> None:
    picture = Part("image_url", "data:image/png;base64,AAAA")
    left = ["", "A cat."]
    serving = ScriptedServing(lambda request: left.pop(0))
    request = Request.of("", None)
    request = Request((type(request.messages[0])("user", (Part("text", "What is it?"), picture)),))
    asyncio.run(ask_until_it_fits(serving, request, PLAIN, max_reasks=1))
    assert serving.requests[1].messages[0].content == (Part("text", "What is it?"), picture, Part("text", f"the answer is empty. {AGAIN}"))


def test_what_a_check_finds_is_told_to_the_model() -> None:
    def rhymes(answer: str) -> str | None:
        return None if answer.endswith("ain") else "it does not rhyme"

    answered, serving = ask(PLAIN, ["Snow.", "Rain"], check=rhymes, max_reasks=1)
    assert answered.answer == "Rain"
    assert told(serving.requests[1])[2:] == [("assistant", "Snow."), ("user", f"it does not rhyme. {AGAIN}")]
    with pytest.raises(RowFailed, match="invalid_answer: it does not rhyme"):
        ask(PLAIN, ["Snow."], check=rhymes)


def test_json_is_asked_for_again_by_its_schema() -> None:
    _, serving = ask(JSON, ["rain", '{"word": "rain"}'], max_reasks=1)
    assert told(serving.requests[1])[-1][1].endswith("Answer again, with JSON that fits the schema.")


def test_a_failure_is_the_rows_reason_and_not_asked_about_again() -> None:
    serving = ScriptedServing(lambda request: Failure("truncated", "cut at 20 tokens"))
    with pytest.raises(RowFailed, match=r"^truncated: cut at 20 tokens$"):
        asyncio.run(ask_until_it_fits(serving, Request.of("x"), PLAIN, max_reasks=2))
    assert len(serving.requests) == 1


@pytest.mark.parametrize(
    ("again", "is_kept"),
    [
        ("The error indicates that there is no such word. Snow.", False),
        ("I apologize for the confusion. Snow.", False),
        ("Here's the corrected poem: snow.", False),
        ("The corrected query is about snow.", False),
        ("My previous answer had no snow in it.", False),
        ("The first snow of the year.", True),
        ("The problem asks how much snow falls.", True),
        ("Thank you for asking about snow.", True),
        ("I'm sorry to hear of the snow.", True),
        ("To fix the snow plough, oil it.", True),
        ("Snow falls. The error of autumn is gone.", True),
    ],
)
def test_what_is_kept_does_not_speak_of_the_answer_before_it(again: str, is_kept: bool) -> None:
    def names_snow(answer: str) -> str | None:
        return None if "now" in answer else "there is no snow in it"

    if is_kept:
        assert ask(PLAIN, ["Rain.", again], check=names_snow, max_reasks=1)[0].answer == again
        return
    with pytest.raises(RowFailed, match="it speaks of the answer before it"):
        ask(PLAIN, ["Rain.", again], check=names_snow, max_reasks=1)
    assert ask(PLAIN, [again], check=names_snow, max_reasks=1)[0].answer == again  # nothing came before it


def test_a_model_that_repeats_what_it_was_told_is_asked_the_question_again() -> None:
    def ends(answer: str) -> str | None:
        return None if answer.endswith(".") else "the sentence has no end"

    answered, serving = ask(PLAIN, ["Snow", "The poem: the sentence has no end.", "Snow falls."], check=ends, max_reasks=2)
    assert answered.answer == "Snow falls."
    assert told(serving.requests[2]) == [("system", "You write."), ("user", f"Write a poem.\n\nthe sentence has no end. {AGAIN}")]
    with pytest.raises(RowFailed, match="it repeats what it was told: the sentence has no end"):
        ask(PLAIN, ["Snow", "do not mention this."], check=ends, max_reasks=1)


def test_words_of_the_question_and_of_the_answer_before_may_come_again() -> None:
    def ends(answer: str) -> str | None:
        return None if answer.endswith(".") else f"{answer} has no end: write a poem to its end"

    assert ask(PLAIN, ["Snow falls on the roof", "Snow falls on the roof. I write a poem."], check=ends, max_reasks=1)[0].answer.endswith("poem.")
