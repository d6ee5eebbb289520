"""Several values in one answer: parts of a question, names, intervals, and inequalities that hold together or not."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("(a) 3 (b) 5", "(a) 3 (b) 6", "different"),
        ("(a) 3 (b) 5", "(a) 5 (b) 3", "different"),
        ("(a) 3 (b) 5", "(a) 3, and (b) 5", "equal"),
        ("3, 5", "(i) 3 (ii) 5", "equal"),
        ("(A) 5", "(A) 6", "cannot tell"),
        ("(A) 5", "(A) 5 cm", "equal"),
        ("A", "(A) 6", "equal"),
        ("a = 2, b = 3", "x = 2, y = 3", "different"),
        ("x = 2, y = 3", "y = 3, x = 2", "equal"),
        ("x = 2, y = 3", "(2, 3)", "equal"),
        ("2, 3", "(2, 3]", "different"),
        ("2, 3", "[2, 3]", "equal"),
        ("x > 1 and x < 3", "x > 1 or x < 3", "cannot tell"),
        ("x > 1 and x < 3", "1 < x < 3", "equal"),
        (r"x > 1 \text{ and } x < 3", "(1, 3)", "equal"),
        ("x > 0 and y > 0", "y > 0 and x > 0", "equal"),
        ("x < -1 and x > 3", "x < -1 or x > 3", "different"),
        ("x > 1, x < 3", "1 < x < 3", "cannot tell"),
        (r"3.2\times 10^5", r"3.2 × 10^5 m", "equal"),
        (r"3.2\times 10^5 \text{ m}", "320 km", "equal"),
    ],
)
def test_what_is_beside_each_other_keeps_its_order_its_names_and_its_word(gold: str, answer: str, verdict: str) -> None:
    assert {compare_answers(gold, answer).verdict, compare_answers(answer, gold).verdict} == {verdict}


def test_the_parts_of_an_answer_stay_together() -> None:
    found = final_answer("(a) The first is 3.\n(b) The second is 5.\nFinal answer: (a) 3, (b) 5")
    assert found is not None
    assert compare_answers("3, 5", found.text).equal


@pytest.mark.parametrize("form", ["{}", "({})", "[{}]", r"\{{{}\}}"])
@pytest.mark.parametrize("count", [61, 199, 250])
def test_the_last_of_many_values_counts(form: str, count: int) -> None:
    numbers = [str(number) for number in range(count)]
    changed = [*numbers[:-1], str(count + 7)]
    gold, answer, other = (form.format(", ".join(given)) for given in (numbers, numbers, changed))
    assert compare_answers(gold, answer).equal
    assert not compare_answers(gold, other).equal


def test_choices_within_choices_end() -> None:
    for text in ("(a) " * 400, "A) " * 600):
        assert compare_answers(text, "1").verdict in ("different", "cannot tell")
    assert compare_answers("ab", "(a)(b)").equal
