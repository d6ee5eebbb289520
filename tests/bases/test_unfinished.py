"""Texts that stop in the middle."""

from __future__ import annotations

import pytest

from operators.bases.unfinished import stops_short


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
