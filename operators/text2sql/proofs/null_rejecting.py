"""Whether a condition can hold where a column is NULL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

_COMPARES: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like)
_STRICT: Final = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Cast, exp.Lower, exp.Upper, exp.Length, exp.Abs, exp.Round, exp.Substring),
    *(exp.TimeToStr, exp.TsOrDsToTimestamp, exp.TsOrDsToDate, exp.Year, exp.Extract),
)
"""NULL where one of their arguments is."""


def rejects_null(condition: exp.Expr, is_null: Callable[[exp.Expr], bool]) -> bool:
    """Whether the condition is never true where all columns for which `is_null` says so are NULL."""
    if isinstance(condition, exp.Paren):
        return rejects_null(condition.this, is_null)
    if isinstance(condition, exp.And):
        return rejects_null(condition.this, is_null) or rejects_null(condition.expression, is_null)
    if isinstance(condition, exp.Or):
        return rejects_null(condition.this, is_null) and rejects_null(condition.expression, is_null)
    if isinstance(condition, exp.Not):
        inner = condition.this.this if isinstance(condition.this, exp.Paren) else condition.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            return _follows_null(inner.this, is_null)
        unknown = isinstance(inner, (*_COMPARES, exp.Between)) or (isinstance(inner, exp.In) and inner.expressions)  # NULL NOT IN (no rows) is true
        return bool(unknown) and _operand_is_null(inner, is_null)
    return isinstance(condition, (*_COMPARES, exp.Between, exp.In)) and _operand_is_null(condition, is_null)


def _operand_is_null(condition: exp.Expr, is_null: Callable[[exp.Expr], bool]) -> bool:
    if _follows_null(condition.this, is_null):
        return True
    return isinstance(condition, _COMPARES) and _follows_null(condition.expression, is_null)


def _follows_null(value: exp.Expr, is_null: Callable[[exp.Expr], bool]) -> bool:
    if isinstance(value, exp.Column):
        return is_null(value)
    return isinstance(value, _STRICT) and any(_follows_null(part, is_null) for part in value.iter_expressions())
