"""What a model says is told from what it thought, and a thought that never ends says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.math_answers.extraction import final_answer
from operators.bases.thoughts import without_thought
from operators.evaluation.choosing import chosen
from operators.evaluation.programs import whole_program

MARKS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
]


@given(st.sampled_from(MARKS), st.text("abc 12.\n"), st.text("abc 12.\n"))
def test_the_answer_stands_behind_the_thought(marks: tuple[str, str], thought: str, answer: str) -> None:
    opening, closing = marks
    assert without_thought(f"{opening}{thought}{closing}{answer}") == answer
    assert without_thought(f"{thought}{closing}{answer}") == answer
    assert without_thought(f" {opening}{thought}") == ""
    assert without_thought(answer) == answer


@pytest.mark.parametrize("opening", [opening for opening, _ in MARKS])
def test_what_is_cut_off_while_it_thinks_answers_nothing(opening: str) -> None:
    thought = f"{opening}\nThe answer is B. So \\boxed{{42}}, and:\n```python\ndef two():\n    return 2\n```\n"
    assert final_answer(thought) is None
    assert final_answer(thought * 200) is None
    assert chosen(thought, ["rain", "snow"]) is None
    assert "return 2" not in whole_program("Write two.", thought, "two")
