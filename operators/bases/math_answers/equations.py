"""Equations of two sides: whether they say what an expression is, as "a + b = 7" does, or are to be solved, as x^2 = 4 is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from operators.bases.math_answers.reading import Formula, Value, sides

_DERIVATIVE: Final = re.compile(
    r"\\frac\s*\{\s*(?:d|\\partial)(?![A-Za-z]{2})[^{}]*\}\s*\{\s*(?:d|\\partial)|(?<![A-Za-z\\])d[a-z]\s*/\s*d[a-z]|[A-Za-z]'"
)
_OF_LETTERS: Final = re.compile(r"(?:[fghFGHPE]|[A-Z][a-z]+)\s*(?:\^\s*\{?\s*(?:-1|\(\d+\))\s*\}?|_\{?\w+\}?|')*\s*[(\[]")
"""A function of something: f(x + 1), E[X], P(A), Var(X)."""
_ARITHMETIC: Final = re.compile(
    r"\\(?:frac|sqrt|cdot|times|div|pm|log|ln|lg|exp|pi|alpha|beta|gamma|theta|lambda|mu|phi|omega|lvert|rvert|lfloor|rfloor|lceil|rceil|binom)(?![A-Za-z])|\\[{}]"
)
_ONLY_ARITHMETIC: Final = re.compile(r"[A-Za-z\d\s+\-*/^_{}()\[\].,!|]*")
_VARIABLE: Final = re.compile(
    r"\\(?:alpha|beta|gamma|theta|lambda|mu|phi|omega)(?![A-Za-z])|(?<!\\)(?<![A-Za-z])(?:log|ln|lg|exp|sqrt)(?![A-Za-z])|[A-Za-z](?:_\{[^{}]*\}|_\w)?"
)
_OF_A_MATRIX: Final = re.compile(r"[A-Z]\s*\^\s*\{?\s*(?:-\s*1|T|\\top|\d)\s*\}?")
_SIZE_OF_A_NAME: Final = re.compile(
    r"(?:\||\\lvert|\\\|)\s*[A-Zabcuvwz](?:_\{?\w+\}?)?\s*(?:\||\\rvert|\\\|)|\\?\|\s*\\(?:vec|mathbf|overrightarrow).*"
)
"""The length of a vector, the modulus of a complex number, the number of elements. Of x, y and t bars are to be solved for."""


@dataclass(frozen=True, slots=True)
class Stated:
    """An equation of two sides. `named`: its left side has one value and is nothing to be solved, as f'(x), the sine of A, an integral."""

    left: str
    right: str
    named: bool
    to_be_solved: bool


def stated(value: Value) -> Stated | None:
    """What an equation says; None for what is no equation of two sides.

    It is to be solved where its left side is reckoned from one variable, or from variables that its right side has too.
    """
    if not isinstance(value, Formula) or value.relation != "=":
        return None
    parts = sides(value.written)
    if len(parts) != 2 or not all(parts):
        return None
    left, right = parts
    variables = _variables(left)
    of_a_matrix = r"\begin" in right and _OF_A_MATRIX.fullmatch(left)
    has_one_value = _DERIVATIVE.search(left) or _OF_LETTERS.match(left) or _SIZE_OF_A_NAME.fullmatch(left) or of_a_matrix
    named = bool(has_one_value) or not _is_arithmetic(left)
    to_be_solved = not named and (len(variables) == 1 or bool(variables & _variables(right)))
    return Stated(left, right, named, to_be_solved)


def _is_arithmetic(written: str) -> bool:
    """Whether it is made of numbers, variables, and what is reckoned with them, and of no other functions and signs."""
    return bool(_ONLY_ARITHMETIC.fullmatch(_ARITHMETIC.sub(" ", written)))


def _variables(written: str) -> set[str]:
    """Its letters, each with its index; e and i are numbers."""
    commands = re.sub(r"\\(?!alpha|beta|gamma|theta|lambda|mu|phi|omega)[A-Za-z]+", " ", written)
    found = {letter[0] for letter in _VARIABLE.finditer(commands)}
    return found - {"e", "i", "log", "ln", "lg", "exp", "sqrt"}
