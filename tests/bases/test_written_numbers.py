"""Numbers as people and languages write them: commas, periods that recur, words, scales."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.math_answers.equivalence import compare_answers


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("3.14", "3,14"),
        ("1000000", "1.000.000"),
        ("-1234.56", "-1.234,56 €"),
        ("1/3", r"0.\overline{3}"),
        ("1/6", r"0.1\overline{6}"),
        ("1/3", "0.(3)"),
        ("1", r"0.\overline{9}"),
        (r"-\frac{27}{11}", r"-2.\overline{45}"),
        ("100", "one hundred"),
        ("120", "one hundred and twenty"),
        ("2/3", "two thirds"),
        ("1/2", "a half"),
        ("75%", "three quarters"),
        ("2/3", "三分之二"),
        ("50%", "百分之五十"),
        ("500000", "5 lakh"),
        ("2000000000000", "2 trillion"),
        ("-3", "minus 3"),
        ("-3", "负3"),
        ("10", "C_5^2"),
        ("10", "{}_5C_2"),
    ],
)
def test_a_number_is_read_however_it_is_written(gold: str, answer: str) -> None:
    assert compare_answers(gold, answer).verdict == compare_answers(answer, gold).verdict == "equal"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("3.14", "3, 14"),
        ("3.15", "3,14"),
        ("1.5", "(1,5)"),
        (r"0.\overline{3}", "0.3"),
        ("5", "5 trillion"),
        ("5", "5 crore"),
        ("5", "5 squared"),
        ("5", "5 factorial"),
        ("1", "a"),
        ("0", "and"),
        ("12", "one two"),
        ("0", "C_1^2"),
    ],
)
def test_what_is_another_number_or_none_is_not_equal(gold: str, answer: str) -> None:
    assert not compare_answers(gold, answer).equal
    assert not compare_answers(answer, gold).equal


@given(st.integers(0, 20), st.text("0123456789", max_size=3), st.text("0123456789", min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_a_period_that_recurs_is_the_sum_of_its_series(whole: int, before: str, period: str) -> None:
    shown = Fraction(f"{whole}.{before}{period * 30}")
    given_as = rf"{whole}.{before}\overline{{{period}}}"
    exact = Fraction(f"{whole}.{before or 0}") + Fraction(int(period), 10 ** len(before) * (10 ** len(period) - 1))
    assert abs(exact - shown) < Fraction(1, 10**29)
    assert compare_answers(f"{exact.numerator}/{exact.denominator}", given_as).equal
