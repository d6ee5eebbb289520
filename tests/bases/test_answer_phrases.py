"""Which value of a phrase is its answer: not the last number that it happens to say."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer


def found(solution: str) -> str:
    answer = final_answer(solution)
    assert answer is not None
    return answer.text


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("The answer is 14, which is 6 more than 8.", "14"),
        ("The answer is 35%, not 65%.", "35%"),
        ("Answer: 2 weeks (14 days)", "2 weeks"),
        ("The answer is 9 because there are 27 pupils in 3 rows", "9"),
        ("The answer is 18 since 20 - 2 = 18.", "18"),
        ("The answer is $12, not $15.", "$12"),
        ("The answer is 14 rather than 15.", "14"),
        ("The answer is 8 cookies, and 4 of them are burnt.", "8"),
        (r"The answer is $\frac{3}{4}$, which is larger than $\frac{1}{2}$.", r"\frac{3}{4}"),
        ("The answer is 9, attained at x = 3.", "9"),
        ("The answer is 0.75 (3/4).", "3/4"),
        ("The answer is 6 times 7, which is 42.", "42"),
        ("The answer is 25% of 80, which is 20.", "20"),
        ("The answer is 18 divided by 6, which is 3.", "3"),
        ("The answer is 30 minus 4, that is 26.", "26"),
        ("The answer is 4 of the 9 marbles.", "4"),
        ("The answer is 7 - 2 = 5 pens for 3 children", "5"),
        (r"The answer is $2x = 10$, so $x = 5$.", "5"),
    ],
)
def test_directly_after_a_marker_the_first_value_is_the_answer(solution: str, answer: str) -> None:
    assert compare_answers(answer, found(solution)).equal, found(solution)


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("The answer is x = 3 and y = 4.", "(3, 4)"),
        ("The answer is 3 and 5 because both solve it.", "3, 5"),
        ("The answer is (2, 5).", "(2, 5)"),
        ("The answer is the point (2, 5) on the circle with radius 3.", "(2, 5)"),
        ("The answer is 2 1/2 cups because 5 cups are shared by 2.", "5/2"),
        ("The answer is {1, 2, 3}.", r"\{1, 2, 3\}"),
        ("The answer is the sum of 3 and 4, which is 7.", "7"),
        ("The answer is that she has 12 apples because 3 + 9 = 12.", "12"),
        ("The answer is not 5 but 6.", "6"),
        ("Answer: He has 30 apples, which is 5 more than 25.", "30"),
        ("Answer: 3 pens cost 6 dollars.", "6"),
        (r"The answer is 3 (mod 7)", r"3 \pmod{7}"),
        (r"The answer is 2 (x + 1)", "2x + 2"),
    ],
)
def test_answers_of_several_parts_stay_whole_and_words_before_the_value_are_no_answer(solution: str, answer: str) -> None:
    assert compare_answers(answer, found(solution)).equal, found(solution)


@pytest.mark.parametrize("solution", ["The answer is between 3 and 5.", "The answer is 3 to 5 days.", "The answer is 3 out of 5."])
def test_two_numbers_that_are_one_answer_are_neither_of_them(solution: str) -> None:
    assert not compare_answers("3", found(solution)).equal
    assert not compare_answers("5", found(solution)).equal


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("9 pupils are left out of 20.", "9"),
        ("She sold 5 of the 12 boxes.", "5"),
        ("Thus 3x = 21, so x = 7.", "7"),
        ("x + 3 = 7, hence x = 4", "4"),
        (r"Thus $3x = 21$, and therefore $x = 7$.", "7"),
        ("There are 12 nuts, so each of the 3 squirrels gets 4 nuts.", "4"),
        ("He has read 30 pages so far.", "30"),
        ("The total is 12, therefore the claim holds.", "12"),
        ("Since 3 + 4 = 7, she has 7 apples.", "7"),
        ("So she has 7 apples since 3 + 4 = 7 and 2 are gone.", "7"),
        ("She has 12 apples, which is 3 more than 9.", "12"),
        ("She spends $12, which leaves $8.", "8"),
        ("He runs 60*7=420 minutes, which is 420/60 = 7 hours.", "7"),
        ("He paid 30 dollars, not 40.", "30"),
        ("The perimeter of the square (side 5) is 20.", "20"),
        ("The maximum value is $9$, attained at $x = 3$.", "9"),
        ("The train needs 4 hours for 300 km.", "4"),
        ("Out of 12 eggs, 7 are left.", "7"),
        ("Hence 3 < x < 5.", "3 < x < 5"),
    ],
)
def test_the_last_line_tells_its_value_and_not_what_it_is_compared_with(solution: str, answer: str) -> None:
    assert compare_answers(answer, found(solution)).equal, found(solution)
