"""Equations beside values: what an expression is said to be is its value; what is to be solved is none."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.equivalence import compare_answers


@pytest.mark.parametrize(
    ("left", "value", "other"),
    [
        (r"\frac{dy}{dx}", "6x", "7x"),
        ("f'(x)", "6x", "7x"),
        ("f(x + 1)", "6x", "7x"),
        ("f^{-1}(x)", "x - 4", "x + 4"),
        ("a + b", "9", "8"),
        ("xy", "12", "13"),
        ("x_1 + x_2", "5", "-5"),
        (r"\frac{m}{n}", r"\frac38", r"\frac83"),
        (r"\sin A", "0.6", "0.8"),
        (r"\tan\theta", r"\frac{3}{4}", r"\frac{4}{3}"),
        (r"\overline{AB}", "5", "6"),
        (r"\angle ABC", r"40^\circ", r"50^\circ"),
        ("|z|", "5", "7"),
        (r"|\vec{v}|", "13", "12"),
        (r"|A \cup B|", "24", "25"),
        ("E[X]", "3.5", "4.5"),
        (r"\operatorname{Var}(X)", "2.5", "2.4"),
        ("P(X=2)", "0.3", "0.2"),
        (r"\det A", "12", "-12"),
        (r"\int_0^1 x\,dx", r"\frac12", r"\frac13"),
        (r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}", r"\frac{n(n-1)}{2}"),
        (r"\lim_{x \to 0} \frac{\sin x}{x}", "1", "0"),
        ("(f \\circ g)(2)", "4", "2"),
        ("5!", "120", "24"),
        ("A^{-1}", r"\begin{pmatrix}1 & 2 \\ 3 & 4\end{pmatrix}", r"\begin{pmatrix}1 & 3 \\ 2 & 4\end{pmatrix}"),
        (r"\vec{v}", "(1, 2)", "(2, 1)"),
    ],
)
def test_the_right_side_is_the_value_of_an_expression(left: str, value: str, other: str) -> None:
    assert compare_answers(value, f"{left} = {value}").equal
    assert not compare_answers(value, f"{left} = {other}").equal
    assert not compare_answers(f"{left} = {value}", f"{left} = {other}").equal


@pytest.mark.parametrize(
    ("equation", "right"),
    [
        ("x^2 = 4", "4"),
        ("2x = 8", "8"),
        ("x + 3 = 7", "7"),
        ("|x| = 5", "5"),
        (r"\sqrt{x} = 3", "3"),
        (r"\log_2 x = 3", "3"),
        ("2^x = 8", "8"),
        ("n! = 120", "120"),
        ("x(x + 1) = 6", "6"),
        ("x^2 - 4 = 0", "0"),
        ("x^2 = 4x", "4x"),
        ("(x + 1)^2 = x^2 + 2x + 2", "x^2 + 2x + 2"),
    ],
)
def test_an_equation_that_is_to_be_solved_is_not_its_right_side(equation: str, right: str) -> None:
    assert not compare_answers(right, equation).equal
    assert not compare_answers(equation, right).equal


def test_an_identity_is_both_of_its_sides() -> None:
    assert compare_answers("x^2 + 2x + 1", "(x + 1)^2 = x^2 + 2x + 1").equal
    assert compare_answers("x^2 - 1", "(x - 1)(x + 1) = x^2 - 1").equal


def test_a_value_alone_is_not_the_equation_that_is_asked_for() -> None:
    for gold, answer in (("x^2 + y^2 = 4", "4"), ("2x + 3y = 6", "6"), ("x + y = 3", "3")):
        assert not compare_answers(gold, answer).equal
    assert compare_answers("x^2 + y^2 = 4", "y^2 = 4 - x^2").equal
    assert compare_answers("x != 3", "x \\neq 3").equal
