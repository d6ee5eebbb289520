"""A question that a model ends in the middle is asked for again, wherever questions are made."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from operators.bases.question_answers import QuestionAndAnswer
from operators.rag.checks.wording import SelfContainedQuestionFilter
from operators.text.synthesis.prompts import InstructionAndOutput

CUT, WHOLE = "What should a mapping have for the", "What should a mapping have for the operator in?"


def test_what_stops_in_the_middle_fits_no_schema() -> None:
    with pytest.raises(ValidationError, match="the question stops in the middle"):
        QuestionAndAnswer(question=CUT, answer="A method.")
    with pytest.raises(ValidationError, match="the instruction stops in the middle"):
        InstructionAndOutput(instruction=CUT, difficulty="easy", output="A method.")
    assert QuestionAndAnswer(question=WHOLE, answer="A method.").question == WHOLE
    assert InstructionAndOutput(instruction=WHOLE, difficulty="easy", output="A method.").instruction == WHOLE


def test_a_filter_finds_it_too() -> None:
    found = SelfContainedQuestionFilter().run([{"question": question, "topic": None} for question in (CUT, WHOLE)])
    assert [row["question"] for row in found.table.to_pylist()] == [WHOLE]
    assert "stops in the middle" in found.rejected.to_pylist()[0]["rejected_reason"]
