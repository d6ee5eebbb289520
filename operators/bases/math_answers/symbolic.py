"""Two formulas compared with math-verify and sympy. What runs here may take any time and any memory: `comparing` runs it where it can be ended."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any, Final

_POSITIVE_POINTS: Final = 4
_POINTS: Final = 12
_DIGITS: Final = 30
_TOLERANCE: Final = 1e-25
_SMALLEST: Final = 1e-60
"""Of two values that are both below it, digits do not tell whether they are zero."""
_BOTH: Final = re.compile(r"\s+and\s+|\\(?:land|wedge)(?![A-Za-z])")
_TWO_NUMBERS: Final = re.compile(r"(?<![\d_^])\d+\s+\d")

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
    from math_verify.grader import should_treat_as_complex
    from sympy import Expr

    real = not (should_treat_as_complex(gold) or should_treat_as_complex(answer))
    first, second = _parsed(gold, real), _parsed(answer, real)
    if first is None or second is None:
        return "cannot tell", f"{(answer if first is not None else gold)!r} cannot be read as mathematics"
    if rounded is not None:
        return _as_rounded(first, second, *rounded)
    if not relation and isinstance(first, Expr) and isinstance(second, Expr):
        return _same_value(first, second)
    try:
        from math_verify import verify

        options: dict[str, Any] = {"timeout_seconds": None, "allow_set_relation_comp": True}
        if verify(first, second, **options) or verify(second, first, **options):
            return "equal", "by math-verify"
    except RecursionError:
        return "cannot tell", "it is nested too deeply"
    return _same_equation(first, second) if relation else _numerically(first, second)


def _parsed(latex: str, real: bool) -> Any:
    """A sympy expression, its letters real or complex numbers; None where it cannot be read. R and r are two letters, and "1 2" is no sum."""
    from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy, normalize_latex
    from latex2sympy2_extended.logic import And
    from math_verify import LatexExtractionConfig
    from sympy.core.relational import Relational

    if _TWO_NUMBERS.search(latex):
        return None
    if len(together := _BOTH.split(latex)) > 1:
        parts = [_parsed(part, real) for part in together]
        return And(*parts) if all(isinstance(part, Relational | And) for part in parts) else None
    spelling = replace(LatexExtractionConfig().normalization_config, units=False)  # it would take the m of 3m for metres
    try:
        parsed = latex2sympy(
            normalize_latex(latex, spelling),
            is_real=real,
            normalization_config=None,
            conversion_config=ConversionConfig(lowercase_symbols=False),
        )
    except Exception:  # the parser raises plain Exception for what it does not know
        return None
    return _with_unknown_functions(parsed)


def _with_unknown_functions(parsed: Any) -> Any:
    """dy/dx as a letter of its own: y is no constant there, so that it is not 0."""
    from sympy import Basic, Derivative, Symbol

    if not isinstance(parsed, Basic):
        return parsed
    unknown = [one for one in parsed.atoms(Derivative) if one.expr.free_symbols and not one.expr.free_symbols & set(one.variables)]
    return parsed.xreplace({one: Symbol(str(one), real=True) for one in unknown})


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
    """The real numbers that a relation, several or a set stand for; None where that is not known."""
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
        if None in parts or not Intersection(*parts).is_empty:  # "x > 1, x < 3" is meant to hold together, "x < 1, x > 3" is any of them
            return None
        return Union(*parts)
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
    return _same_value(first, second)


def _same_value(first: Any, second: Any) -> Said:
    if first == second:
        return "equal", "the same formula"
    if first.is_infinite or second.is_infinite:
        return ("different", "infinite") if None not in (first.is_extended_real, second.is_extended_real) else ("cannot tell", "infinite")
    said = _judged(first, second)
    if said[0] != "different":
        return said
    if (renamed := _renamed(first, second)) is not None and _judged(first, renamed)[0] == "equal":
        return "cannot tell", "the same but for the name of a letter"
    with_unit = _with_imaginary_unit(first, second)
    return _judged(*with_unit) if with_unit != (first, second) else said


def _renamed(first: Any, second: Any) -> Any:
    """The second with the letter that only it has called as the one that only the first has; None where that is not one letter each."""
    letters = first.free_symbols - second.free_symbols, second.free_symbols - first.free_symbols
    return second.subs(letters[1].pop(), letters[0].pop()) if len(letters[0]) == len(letters[1]) == 1 else None


def _judged(first: Any, second: Any) -> Said:
    """By their difference at some points, each beside the size of the two there."""
    first, second = _with_one_constant(first, second)
    symbols = sorted(first.free_symbols | second.free_symbols, key=str)
    values = zip(_values(first - second, symbols), _values(first, symbols), _values(second, symbols), strict=True)
    measured = {
        place: (abs(difference), max(abs(one), abs(other)))
        for place, (difference, one, other) in enumerate(values)
        if difference is not None and one is not None and other is not None
    }
    if not measured or (symbols and len(measured) < 3):
        return _simplified(first, second)
    same = {place: difference <= _TOLERANCE * min(1.0, size) for place, (difference, size) in measured.items()}
    if all(same.values()):
        return "equal", f"the same at {len(measured)} points"
    if all(size < _SMALLEST for _, size in measured.values()):
        return _simplified(first, second)
    if all(difference <= 1e-3 * size for difference, size in measured.values()):
        return "cannot tell", "nearly the same"
    positive = [is_same for place, is_same in same.items() if symbols and place < _POSITIVE_POINTS]
    if len(positive) >= 3 and all(positive):
        return "cannot tell", "the same where all letters are positive"
    return "different", "not the same at a point"


def _simplified(first: Any, second: Any) -> Said:
    from sympy import simplify

    is_zero = simplify((first - second).doit()).is_zero
    if is_zero is None:
        return "cannot tell", "they cannot be evaluated"
    return ("equal", "their difference is 0") if is_zero else ("different", "their difference is not 0")


def _with_real_roots(number: Any) -> Any:
    """Odd roots of negative numbers as they are written, -2 for the third root of -8, and not the first complex ones."""
    from sympy import I

    if number.has(I):
        return number
    return number.replace(
        lambda part: part.is_Pow and part.exp.is_Rational and part.exp.q > 1 and part.exp.q % 2 and part.base.is_negative,
        lambda part: (-1) ** part.exp.p * (-part.base) ** part.exp,
    )


def _with_one_constant(first: Any, second: Any) -> tuple[Any, Any]:
    """A constant of integration, called C in one and c in the other, by one name."""
    from sympy import Add, Symbol

    constants = [
        {letter for letter in one.args if isinstance(letter, Symbol) and letter.name in ("C", "c")} if isinstance(one, Add) else set()
        for one in (first, second)
    ]
    if not (len(constants[0]) == len(constants[1]) == 1) or constants[0] & second.free_symbols:
        return first, second
    return first, second.subs(constants[1].pop(), constants[0].pop())


def _with_imaginary_unit(first: Any, second: Any) -> tuple[Any, Any]:
    """With the letter i as the imaginary unit."""
    from sympy import I

    units = {letter: I for letter in first.free_symbols | second.free_symbols if str(letter) == "i"}
    return first.subs(units), second.subs(units)


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
    """The expression at points drawn by its own seed, first positive ones, then of both signs; None at points where it has no value."""
    from sympy import Product, Rational, Sum, nsimplify

    summed = expression.doit() if expression.has(Sum, Product) else expression  # not at points between whole numbers
    exact = nsimplify(summed, rational=True) if summed.atoms() else summed
    draws = random.Random(len(symbols))
    values: list[complex | None] = []
    for place in range(_POINTS if symbols else 1):
        signs = (1,) if place < _POSITIVE_POINTS else (-1, 1)
        point = {symbol: draws.choice(signs) * Rational(draws.randint(11, 300), 100) for symbol in symbols}
        value = _with_real_roots(exact.subs(point).doit()).evalf(_DIGITS, maxn=1500)
        known = value.is_number and value.is_finite
        values.append(complex(value) if known else None)
    return values
