"""Two formulas compared with math-verify and sympy. What runs here may take any time and any memory: `comparing` runs it where it can be ended."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from typing import Any, Final

_POINTS: Final = 8
_DIGITS: Final = 30
_TOLERANCE: Final = 1e-25

Said = tuple[str, str]
"""A verdict and its reason."""


def compare_formulas(gold: str, answer: str, relation: bool, rounded: tuple[float, bool] | None = None) -> Said:
    """Whether two formulas are equal.

    Args:
        gold: LaTeX.
        answer: LaTeX.
        relation: both are equations or inequalities, which are the same where their solutions are.
        rounded: one of them is a decimal: half a unit of its last place, and whether it has digits enough to stand for what it was rounded from.
    """
    first, second = _parsed(gold), _parsed(answer)
    if first is None or second is None:
        return "cannot tell", f"{(answer if first is not None else gold)!r} cannot be read as mathematics"
    if rounded is not None:
        return _as_rounded(first, second, *rounded)
    try:
        from math_verify import verify

        options: dict[str, Any] = {"timeout_seconds": None, "allow_set_relation_comp": True}
        if verify(first, second, **options) or verify(second, first, **options):
            return "equal", "by math-verify"
    except RecursionError:
        return "cannot tell", "it is nested too deeply"
    return _same_equation(first, second) if relation else _numerically(first, second)


def _parsed(latex: str) -> Any:
    """A sympy expression; None where it cannot be read."""
    from math_verify import LatexExtractionConfig, parse

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    spelling = replace(LatexExtractionConfig().normalization_config, units=False)  # it would take the m of 3m for metres
    try:
        found = parse(
            f"${latex}$", extraction_config=[LatexExtractionConfig(boxed_match_priority=-1, normalization_config=spelling)], parsing_timeout=None
        )
    except RecursionError:
        return None
    return found[0] if found and not isinstance(found[0], str) else None


def _same_equation(first: Any, second: Any) -> Said:
    """Two equations are the same where the quotient of their differences is a number."""
    from sympy import Eq

    if not (isinstance(first, Eq) and isinstance(second, Eq)):
        return _same_solutions(first, second)
    symbols = sorted(first.free_symbols | second.free_symbols, key=str)
    quotients = [value for value in _values((first.lhs - first.rhs) / (second.lhs - second.rhs), symbols) if value is not None]
    if len(quotients) < 3:
        return "cannot tell", "the equations cannot be evaluated"
    spread = max(abs(quotient - quotients[0]) for quotient in quotients)
    if spread <= 1e-12 * abs(quotients[0]):
        return "equal", f"a multiple of each other at {len(quotients)} points"
    return "different", "no multiple of each other"


def _same_solutions(first: Any, second: Any) -> Said:
    """Inequalities of one variable, and sets, by the sets of real numbers that they stand for."""
    sets = _solutions(first), _solutions(second)
    if sets[0] is None or sets[1] is None or len(first.free_symbols | second.free_symbols) > 1:
        return "cannot tell", "neither shown to be equal nor to be different"
    difference = sets[0].symmetric_difference(sets[1])
    if difference.is_empty:
        return "equal", "the same solutions"
    return ("different", "other solutions") if difference.is_empty is False else ("cannot tell", "not decided whether the solutions are the same")


def _solutions(expression: Any) -> Any:
    """The real numbers that a relation, several (any of them) or a set stand for; None where that is not known."""
    from latex2sympy2_extended.logic import And
    from sympy import Eq, FiniteSet, Intersection, Set, Union
    from sympy.core.relational import Relational

    if isinstance(expression, Eq) and isinstance(expression.rhs, Set):
        return expression.rhs
    if isinstance(expression, And):
        parts = [_solutions(part) for part in expression.args]
        return None if None in parts else Intersection(*parts)
    if isinstance(expression, Relational):
        return expression.as_set() if len(expression.free_symbols) == 1 else None
    if isinstance(expression, FiniteSet) and any(isinstance(part, Relational) for part in expression.args):
        parts = [_solutions(part) for part in expression.args]
        return None if None in parts else Union(*parts)
    return expression if isinstance(expression, Set) else None


def _numerically(first: Any, second: Any) -> Said:
    from sympy import Basic, Expr, MatrixBase, MatrixExpr, Set, Tuple

    first, second = (value.doit() if isinstance(value, MatrixExpr) else value for value in (first, second))
    if isinstance(first, MatrixBase) and isinstance(second, MatrixBase) and first.shape == second.shape:
        said = [_numerically(*entries) for entries in zip(first, second, strict=True)]
        return next((one for verdict in ("different", "cannot tell") for one in said if one[0] == verdict), ("equal", "each entry is the same"))
    if isinstance(first, MatrixBase) or isinstance(second, MatrixBase):
        return "different", "they are no matrices of one size"
    if isinstance(first, Set | Tuple) and isinstance(second, Set | Tuple):
        return "different", "different sets"
    if not (isinstance(first, Expr) and isinstance(second, Expr)):
        both = isinstance(first, Basic) and isinstance(second, Basic)
        return ("different", "of different kinds") if both else ("cannot tell", "of different kinds")
    return _judged(first, second)


def _judged(first: Any, second: Any) -> Said:
    """By their difference at some points, each beside the size of the first there."""
    first, second = _with_imaginary_unit(first, second)
    symbols = sorted(first.free_symbols | second.free_symbols, key=str)
    pairs = [pair for pair in zip(_values(first - second, symbols), _values(first, symbols), strict=True) if None not in pair]
    measured = [(abs(difference), abs(value)) for difference, value in pairs if difference is not None and value is not None]
    if not measured or (symbols and len(measured) < 3):
        return "cannot tell", "they cannot be evaluated"
    if all(difference <= _TOLERANCE * min(1.0, value) if value else difference <= _TOLERANCE for difference, value in measured):
        return "equal", f"the same at {len(measured)} points"
    if all(difference <= 1e-3 * value for difference, value in measured):
        return "cannot tell", "nearly the same"
    return "different", "not the same at a point"


def _with_imaginary_unit(first: Any, second: Any) -> tuple[Any, Any]:
    """Where i is the only letter, it is the imaginary unit."""
    from sympy import I

    letters = first.free_symbols | second.free_symbols
    if {str(letter) for letter in letters} == {"i"}:
        return first.subs(dict.fromkeys(letters, I)), second.subs(dict.fromkeys(letters, I))
    return first, second


def _as_rounded(first: Any, second: Any, half_unit: float, enough: bool) -> Said:
    """A formula beside a decimal."""
    from sympy import Expr

    if not (isinstance(first, Expr) and isinstance(second, Expr)):
        return "cannot tell", "of different kinds"
    if first.free_symbols | second.free_symbols:
        return "different", "a number beside a formula with variables"
    [difference] = _values(first - second, [])
    if difference is None:
        return "cannot tell", "they cannot be evaluated"
    if abs(difference) <= _TOLERANCE:
        return "equal", "the same number"
    if abs(difference) > half_unit * (1 + 1e-9):
        return "different", "not the same number"
    return ("equal", "rounded") if enough else ("cannot tell", "it may be rounded")


def _values(expression: Any, symbols: list[Any]) -> list[complex | None]:
    """The expression at points drawn by its own seed, of both signs; None at points where it has no value."""
    from sympy import Rational, nsimplify

    exact = nsimplify(expression, rational=True) if expression.atoms() else expression
    draws = random.Random(len(symbols))
    values: list[complex | None] = []
    for _ in range(_POINTS if symbols else 1):
        point = {symbol: draws.choice((-1, 1)) * Rational(draws.randint(11, 300), 100) for symbol in symbols}
        value = exact.subs(point).doit().evalf(_DIGITS, maxn=1500)
        known = value.is_number and value.is_finite
        values.append(complex(value) if known else None)
    return values
