"""What counts as a refusal, and what only sounds like one."""

from __future__ import annotations

import pytest

from operators.bases.refusals import refusal_in


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't.",
        "I am sorry, I won't.",
        "I’m sorry, but I must decline to.",
        "I cannot help with that.",
        "I'm not able to really answer this.",
    ],
)
def test_a_refusal_is_one_in_each_of_its_forms(answer: str) -> None:
    assert refusal_in(answer) is not None


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry to hear that your bicycle was stolen. Report it first.",
        "She said: \"I'm sorry, but I can't.\"",
        "We are sorry, the museum cannot open on Monday.",
        "You can't divide by zero, since no number times zero is one.",
    ],
)
def test_regret_and_quotations_are_none(answer: str) -> None:
    assert refusal_in(answer) is None
