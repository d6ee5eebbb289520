"""Answers that the words after them take back, and answers in other languages."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("The answer is 41. Wait, I made an error: 40 + 2 = 42. So it is 42.", "42"),
        ("The answer is 41. Hmm, let me recheck. 40 + 2 = 42.\nSo the correct result is 42.", "42"),
        (r"I get \boxed{41}. Actually no: it should be 42.", "42"),
        ("答案是41。等等，不对，应该是42。", "42"),
        (r"\boxed{41}. Wait, that is wrong: the final answer is \boxed{42}.", "42"),
        ("The answer is 42. Wait, let me double check: 40 + 2 = 42. Yes, that's correct.", "42"),
        (r"\boxed{42}. Actually, this is a well-known result with 3 proofs.", "42"),
        ("\\boxed{42}\n\nLet me verify: 42 - 2 = 40, which matches.", "42"),
        ("The answer is 42. It should be noted that 3 is prime.", "42"),
        ("The answer is minus 3.", "-3"),
        ("So the result is negative 3.", "-3"),
        ("答：小明有42个苹果。", "42"),
        ("答：一共修了120米。", "120"),
        ("Respuesta final: 42\nComprobación: 3 + 4 = 7", "42"),
        ("La respuesta es 3,5.", "3.5"),
        ("Ответ: 42.\nПроверка: 40 + 3 = 43", "42"),
        ("답은 42입니다. 검산: 3 + 4 = 7", "42"),
        ("答えは42です。検算: 3+4=7", "42"),
        ("अतः उत्तर ४२ है।", "42"),
        ("الإجابة: ٤٢", "42"),
    ],
)
def test_the_answer_is_what_the_solution_stays_with(solution: str, answer: str) -> None:
    found = final_answer(solution)
    assert found is not None
    assert compare_answers(answer, found.text).equal, found


@pytest.mark.parametrize("solution", [r"\boxed{41}. Wait, that is wrong.", "The answer is 41. I made a mistake."])
def test_an_answer_that_is_taken_back_is_none(solution: str) -> None:
    assert final_answer(solution) is None


def test_doubts_without_end_are_read_in_linear_time() -> None:
    assert final_answer("The answer is 3. " + "wait, that is wrong " * 100_000) is None
