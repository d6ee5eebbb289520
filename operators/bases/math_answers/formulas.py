"""Formulas beside formulas and numbers, with their units, written so that math-verify reads them."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.math_answers.comparing import compare_safely
from operators.bases.math_answers.numbers import Quantity, rounding
from operators.bases.math_answers.reading import Formula, Value
from operators.bases.math_answers.units import readings, says_nothing
from operators.bases.math_answers.verdicts import Comparison

_DEGREE: Final = r"\frac{\pi}{180}"
_PRIMES: Final = re.compile(r"(?<=[A-Za-z])\s*(?:\^\s*\{?\s*(?:\\prime\s*)+\}?|'+)")
_SPELLINGS: Final = (
    (re.compile(r"(?<![\\A-Za-z])(pi|sin|cos|tan|log|ln|exp|infty)(?![A-Za-z])"), r"\\\1"),
    (re.compile(r"\\lg(?![A-Za-z])"), r"\\log_{10}"),
    (re.compile(r"\^\s*\(([^()]*)\)"), r"^{\1}"),
    (re.compile(r"(?<=[\w)])\s*\^\s*(?:T|\{\s*T\s*\})"), "^{(T)}"),  # it would be dropped, as the transpose of a number
    (re.compile(r"(?<![\w.^_}])(\d+)\s*\\frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}"), r"(\1+\\frac{\2}{\3})"),
    (re.compile(r"(?<![\w.^_}])(\d+)\s+(\d+)\s*/\s*(\d+)"), r"(\1+\\frac{\2}{\3})"),
    (re.compile(r"(?<![\w.^_})])(\d+)\s*/\s*(\d+)\s+(?=[A-Za-z\\(])"), r"\\frac{\1}{\2} "),
    (re.compile(r"(?<![\w.^_\\])(\d+(?:\.\d+)?)\s*\("), r"\1 \\cdot ("),  # two numbers beside each other would be added
    (re.compile(r"\)\s*\("), r") \\cdot ("),
    (re.compile(r"\s*\*\s*"), r" \\cdot "),
)
_SLASH: Final = re.compile(r"(?<![\w.^_})])(\d+)\s*/\s*(\d+)(?=[A-Za-z\\(])")
_LOGARITHM: Final = re.compile(r"\\log(?![A-Za-z_]|\s*_)")


def compare_formulas(one: Value, other: Value, first: str, second: str) -> Comparison:
    kinds = {value.relation for value in (one, other) if isinstance(value, Formula)}
    if "=" in kinds and (len(kinds) > 1 or isinstance(one, Quantity) or isinstance(other, Quantity)):
        return Comparison("different", "an equation beside a value")
    if "=" in kinds or "<" in kinds:
        return compare_relations(first, second)
    factor = _unit_factors(one, other)
    if isinstance(factor, Comparison):
        return factor
    decimal = next((value for value in (one, other) if isinstance(value, Quantity)), None)
    rounded = rounding(decimal) if decimal is not None and factor == ("", "") else None
    gold, answer = _as_formula(one, first, factor[0]), _as_formula(other, second, factor[1])
    said = Comparison(*compare_safely(gold, answer, rounded=rounded))  # type: ignore[arg-type]
    readings_of_both = [(gold, _read_otherwise(answer)), (_read_otherwise(gold), answer)]
    if said.verdict == "different" and any(compare_safely(*pair)[0] == "equal" for pair in readings_of_both if pair != (gold, answer)):
        return Comparison("cannot tell", "the same in one of two readings")
    return said


def compare_relations(first: str, second: str) -> Comparison:
    return Comparison(*compare_safely(_for_latex(first), _for_latex(second), relation=True))  # type: ignore[arg-type]


def compare_written(first: str, second: str) -> Comparison:
    return Comparison(*compare_safely(_for_latex(first), _for_latex(second)))  # type: ignore[arg-type]


def _as_formula(value: Value, written: str, factor: str) -> str:
    """The factor converts its unit into that of the other value."""
    formula = _number(value) if isinstance(value, Quantity) else value.written if isinstance(value, Formula) else written
    return _for_latex(rf"{factor} \cdot ({formula})" if factor else formula)


def _unit_factors(one: Value, other: Value) -> tuple[str, str] | Comparison:
    """What each value is multiplied by to be compared with the other; a verdict where their units leave nothing to compare."""
    units = [value.unit if isinstance(value, Quantity | Formula) else "" for value in (one, other)]
    if _in_degrees(units[0]) and _multiple_of_pi(other):
        return _DEGREE, ""
    if _in_degrees(units[1]) and _multiple_of_pi(one):
        return "", _DEGREE
    if any(map(says_nothing, units)) or units[0] == units[1]:
        return "", ""
    alike = [(mine, its) for mine in readings(units[0]) for its in readings(units[1]) if mine.dimensions == its.dimensions]
    if not alike:
        return Comparison("different" if all(map(readings, units)) else "cannot tell", f"{units[1]} beside {units[0]}")
    ratio = alike[0][0].factor / alike[0][1].factor
    return ("" if ratio == 1 else rf"\frac{{{ratio.numerator}}}{{{ratio.denominator}}}"), ""


def _in_degrees(unit: str) -> bool:
    return unit in ("degree", "degrees")


def _multiple_of_pi(value: Value) -> bool:
    """An angle in radians."""
    return isinstance(value, Formula) and r"\pi" in _for_latex(value.written) and value.unit in ("", "rad", "radian", "radians")


def _number(value: Quantity) -> str:
    """Without unit, grouping and scale."""
    number = value.value / 100 if value.percent else value.value
    return rf"\frac{{{number.numerator}}}{{{number.denominator}}}"


def _for_latex(text: str) -> str:
    r"""As the grammar of LaTeX reads it: "x*y" has a dot, "pi" a backslash. What it would drop or take for something else is spelled out.

    >>> _for_latex("f'(x)"), _for_latex("e^T"), _for_latex("2(3)"), _for_latex(r"2\frac{1}{2}\pi"), _for_latex("1/2 x")
    ('f_{prime}(x)', 'e^{(T)}', '2 \\cdot (3)', '(2+\\frac{1}{2})\\pi', '\\frac{1}{2} x')
    """
    text = _PRIMES.sub(lambda found: f"_{{{'prime' * (found[0].count('prime') + found[0].count(chr(39)))}}}", text)
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return text


def _read_otherwise(text: str) -> str:
    """The other thing that it may mean: "1/2x" half of x, log the natural logarithm."""
    return _LOGARITHM.sub(r"\\ln", _SLASH.sub(r"\\frac{\1}{\2} ", text))
