"""Matrices as answers: by shape and entries, however their rows and entries are parted."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.cleaning import clean
from operators.bases.math_answers.equivalence import compare_answers

ROW_BREAKS = (r"\\", r" \\ ", r"\\ ", r" \\", r"\\[4pt] ", "\\\\\n", r"\\ \, ", r" \cr ")
ENTRY_MARKS = ("&", " & ", "& ", r"\,&\,", r" &\ ")
KINDS = ("pmatrix", "bmatrix", "matrix", "smallmatrix", "vmatrix", "array")

Rows = tuple[tuple[str, ...], ...]
ROWS: Rows = (("5", "-1"), ("x", "7"))
TRANSPOSED: Rows = (("5", "x"), ("-1", "7"))
SWAPPED: Rows = (("x", "7"), ("5", "-1"))
ONE_ROW: Rows = (("5", "-1", "x", "7"),)


def matrix(rows: Rows, kind: str = "pmatrix", row_break: str = r"\\", entry_mark: str = "&") -> str:
    body = row_break.join(entry_mark.join(row) for row in rows)
    if kind == "array":
        return rf"\left[\begin{{array}}{{cc}}{body}\end{{array}}\right]"
    return rf"\begin{{{kind}}}{body}\end{{{kind}}}"


@pytest.mark.parametrize("entry_mark", ENTRY_MARKS)
@pytest.mark.parametrize("row_break", ROW_BREAKS)
@pytest.mark.parametrize("kind", KINDS)
def test_spaces_around_breaks_change_no_matrix_and_hide_no_other_one(kind: str, row_break: str, entry_mark: str) -> None:
    gold = matrix(ROWS, kind)
    assert compare_answers(gold, matrix(ROWS, kind, row_break, entry_mark)).equal
    for other in (TRANSPOSED, SWAPPED, ONE_ROW):
        assert not compare_answers(gold, matrix(other, kind, row_break, entry_mark)).equal
        assert not compare_answers(matrix(other, kind, row_break, entry_mark), gold).equal


def test_brackets_of_a_matrix_say_nothing_but_bars_do() -> None:
    for kind in ("bmatrix", "matrix", "smallmatrix", "array", "Bmatrix"):
        assert compare_answers(matrix(ROWS), matrix(ROWS, kind, r" \\ ", " & ")).equal
        assert compare_answers(matrix(ROWS), matrix(TRANSPOSED, kind, r" \\ ", " & ")).verdict == "different"
    assert compare_answers(matrix(ROWS), matrix(ROWS, "vmatrix")).verdict == "different"
    assert compare_answers("38", r"\begin{vmatrix} 5 & -1 \\ 3 & 7 \end{vmatrix}").equal
    assert compare_answers("-38", r"\begin{vmatrix} 5 & -1 \\ 3 & 7 \end{vmatrix}").verdict == "different"


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        (r"\begin{pmatrix} 4 \\ 9 \end{pmatrix}", r"\begin{pmatrix} 9 \\ 4 \end{pmatrix}", "different"),
        (r"\begin{pmatrix} 4 \\ 9 \end{pmatrix}", r"\begin{bmatrix}4\\9\\\end{bmatrix}", "equal"),
        (r"\begin{pmatrix} 4 \\ 9 \end{pmatrix}", r"v = \begin{pmatrix} 4 \\ 9 \end{pmatrix}", "equal"),
        (r"\begin{pmatrix} 4 \\ 9 \end{pmatrix}", r"\begin{pmatrix} 4 & 9 \end{pmatrix}", "different"),
        (r"\begin{pmatrix} 4 \\ 9 \end{pmatrix}", r"\begin{pmatrix} 4 & 9 \end{pmatrix}^T", "equal"),
        (r"\begin{pmatrix} a+b \\ 0.5 \end{pmatrix}", r"\begin{pmatrix} b + a \\ \frac12 \end{pmatrix}", "equal"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[[1, 2], [3, 4]]", "equal"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[[1, 3], [2, 4]]", "different"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\frac12 \begin{pmatrix} 2 & 4 \\ 6 & 8 \end{pmatrix}", "equal"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\frac12 \begin{pmatrix} 2 & 6 \\ 4 & 8 \end{pmatrix}", "different"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "equal"),
        (
            r"\begin{pmatrix} 1 \\ 0 \end{pmatrix}, \begin{pmatrix} 2 \\ 1 \end{pmatrix}",
            r"\begin{pmatrix}2\\1\end{pmatrix} and \begin{pmatrix}1\\0\end{pmatrix}",
            "equal",
        ),
        (
            r"\begin{pmatrix} 1 \\ 0 \end{pmatrix}, \begin{pmatrix} 2 \\ 1 \end{pmatrix}",
            r"\begin{pmatrix}1\\2\end{pmatrix}, \begin{pmatrix}1\\0\end{pmatrix}",
            "different",
        ),
    ],
)
def test_matrices_are_compared_by_shape_and_entries(gold: str, answer: str, verdict: str) -> None:
    assert compare_answers(gold, answer).verdict == verdict


def test_spaces_and_sizes_are_cleaned_beside_row_breaks_and_outside_of_matrices() -> None:
    assert clean(r"\left(\begin{array}{c}1\!\\ \! 2\end{array}\right)") == r"(\begin{array}{c}1 \\ 2\end{array})"
    assert clean(r"5\!\times\ 3\,x") == r"5\times 3 x"
