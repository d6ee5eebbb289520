"""Texts that stop in the middle."""

from __future__ import annotations

import pytest

from operators.bases.unfinished import stops_short, unfinished


@pytest.mark.parametrize(
    "text",
    [
        "I do not know enough about the plant. Could you tell me more so that I can better",
        "Tell me the recipient's name, the date of the invitation, a",
        "Then I need the address, any relevant links, or",
        "The page did not open. I tried to restart it. I",
        "a clerk wants to book a room for the",
        "I would like to plan the trip,",
    ],
)
def test_a_sentence_that_nobody_ended_is_named_by_its_last_words(text: str) -> None:
    fault = stops_short(text)
    assert fault is not None
    assert fault.startswith(f'after "{" ".join(text.split()[-3:])}"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How do I mend a chair that squeaks",
        "a clerk books a room with Dr. Smith for Monday",
        "My brother likes it, and so do I",
        "The tide rises 4.5 metres at the pier",
        "It rains. How long will it last?",
        "Thank you! 😊",
        "It works now (see above)",
        "它什么时候结束？",
    ],
)
def test_a_text_that_ends_is_left_alone(text: str) -> None:
    assert stops_short(text) is None


def test_what_fills_the_room_that_it_has_was_stopped_there() -> None:
    assert stops_short("w" * 99, 100) is not None
    assert stops_short("w" * 98 + ".", 100) is None
    assert stops_short("w" * 50, 100) is None


@pytest.mark.parametrize(
    "text",
    [
        "船之所以会浮起来，是因为",
        "首先，我们需要了解浮力的原理，",
        "水果有很多，例如",
        "这本书的名字叫《",
        "まず、浮力の原理を知る必要があり、",
        "وهكذا يطفو القارب،",
    ],
)
def test_marks_and_words_of_other_scripts_say_too_that_something_comes_after(text: str) -> None:
    assert unfinished(text) is not None


@pytest.mark.parametrize("text", ["例如", "因为爱。", "好的", "苹果，", "是的，因为", "そうですね", "我喜欢苹果、香蕉和梨"])
def test_short_answers_of_other_scripts_are_whole(text: str) -> None:
    assert unfinished(text) is None


@pytest.mark.parametrize(
    "end",
    [
        *(
            "at the very same place \U0001f389",
            "and we love you so much \u2764\ufe0f",
            "out there in the world \U0001f44d\U0001f3fd",
            "we are open now #summer #ферия",
        ),
        *("of it at https://example.org/story/of-it", "the office of the club at info@example.org", "our friends at @theclub", "the very best :D"),
        *("so the answer to it all is 42", "so the answer to it all is 3/4", "Therefore the right choice is option C"),
    ],
)
def test_numbers_signs_addresses_hashtags_and_choices_need_no_mark_after_them(end: str) -> None:
    assert unfinished(f"We did it. Thank you all. {end}") is None
    assert unfinished(f"We did it. Thank you all. {end} and so they came to be seen") == "the last sentence has no end"
