"""Formulas: what the parser would drop, merge or take for something else is no proof, neither that two are equal nor that they differ."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.math_answers.equivalence import compare_answers


def verdicts(gold: str, answer: str) -> set[str]:
    """From both sides."""
    return {compare_answers(gold, answer).verdict, compare_answers(answer, gold).verdict}


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\pi(R^2-r^2)", "0"),
        ("R-r", "0"),
        ("R+r", "2r"),
        (r"\Delta-\delta", "0"),
        ("f'(x)-f(x)", "0"),
        ("f'(x)", "f(x)"),
        ("y''", "y'"),
        (r"f^\prime(x)", "f(x)"),
        ("100(1+r)^T", "100(1+r)"),
        ("e^{T}", "e"),
        ("2(3)", "5"),
        ("(2)(3)", "5"),
        ("1 2", "3"),
        (r"3 1/2 \pi", r"2\pi"),
        (r"\left(\frac12\right)^{100}", r"\left(\frac12\right)^{101}"),
        ("e^{-50}", "e^{-51}"),
        (r"\frac{\sqrt2}{10^{20}}", r"\frac{\sqrt3}{10^{20}}"),
        ("2^{-100}", "0"),
        (r"\sqrt{10^{40}+1}", "10^{20}"),
        (r"\frac{dy}{dx}", r"\frac{dx}{dy}"),
        (r"\frac{dy}{dx}+1", "1"),
        (r"\frac{dy}{dx}=y", r"\frac{dy}{dx}=2y"),
    ],
)
def test_formulas_that_differ_in_something_that_is_easily_lost_are_not_equal(gold: str, answer: str) -> None:
    assert "equal" not in verdicts(gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("6", "2(3)"),
        ("6", "(2)(3)"),
        ("2x+2", "2(x+1)"),
        (r"\frac{7\pi}{2}", r"3\frac{1}{2}\pi"),
        (r"\frac{7\pi}{2}", r"3 1/2 \pi"),
        (r"\frac{x}{2}", "1/2 x"),
        ("100(1+r)^T", "100(r+1)^{T}"),
        ("f'(x)", r"f^{\prime}(x)"),
        ("-2", r"\sqrt[3]{-8}"),
        ("x", r"\sqrt[3]{x^3}"),
        ("2", r"\lg 100"),
        (r"e^{i\theta}", r"\cos\theta+i\sin\theta"),
        (r"\frac{x^3}{3}+C", r"\frac13x^3+c"),
        (r"\frac{n(n+1)}{2}", r"\sum_{i=1}^{n} i"),
        ("2^{-100}", r"\left(\frac12\right)^{100}"),
        ("0", r"\sin^2 1+\cos^2 1-1"),
        ("no", "No"),
    ],
)
def test_formulas_that_say_the_same_are_equal(gold: str, answer: str) -> None:
    assert verdicts(gold, answer) == {"equal"}


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2R", "2r"),
        (r"\frac{\pi}{2}+k\pi", r"\frac{\pi}{2}+n\pi"),
        (r"\frac{x}{2}", "1/2x"),
        (r"\ln 2", r"\log 2"),
        (r"\ln(ab)", r"\ln a+\ln b"),
        (r"\sqrt{ab}", r"\sqrt a\sqrt b"),
    ],
)
def test_what_depends_on_what_the_letters_are_is_neither_equal_nor_different(gold: str, answer: str) -> None:
    assert verdicts(gold, answer) == {"cannot tell"}


@given(st.integers(2, 9), st.integers(2, 9), st.integers(40, 400), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_small_powers_are_equal_where_they_are_the_same_number(base: int, other: int, power: int, less: int) -> None:
    same = base**-power == other ** -(power - less)
    assert verdicts(f"{base}^{{-{power}}}", f"{other}^{{-{power - less}}}") == {"equal" if same else "different"}


@given(st.sampled_from("abxyRSmn"))
@settings(max_examples=10, deadline=None)
def test_a_letter_and_its_capital_are_two_letters(letter: str) -> None:
    assert verdicts(f"{letter} - {letter.swapcase()}", "0") == {"different"}
