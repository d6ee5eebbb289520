"""Whether two answers are the same: three definitions by name, of the two benchmarks and a strict one."""

from __future__ import annotations

import datetime
import decimal
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from operators.databases.execution import Execution, Row, Rows
from operators.text2sql.trees import NotSQL, query_tree

Mode: TypeAlias = Literal["spider", "bird", "strict"]
RELATIVE: Final = 1e-6
ABSOLUTE: Final = 1e-9
MOST_TRIES: Final = 20_000
"""Orders of columns that are tried: more equal columns than that have no meaning."""


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What must agree. In all of them 1 = 1.0, NULL is not '', '1' is not 1, and real numbers may differ in the seventh digit."""

    names: bool
    """The columns must have the same names, whatever the case."""
    permuted: bool
    """The columns may come in another order."""
    multiset: bool
    """A row that comes twice must come twice; otherwise answers are sets."""
    order: bool
    """The rows must come in the same order where the gold query orders them."""


MODES: Final[dict[Mode, Equivalence]] = {
    "spider": Equivalence(names=False, permuted=True, multiset=True, order=True),
    "bird": Equivalence(names=False, permuted=False, multiset=False, order=False),
    "strict": Equivalence(names=True, permuted=True, multiset=True, order=True),
}
"""spider: as in the execution accuracy of Spider and of its test suites. bird: as in that of BIRD. strict: of named tables."""


def orders_rows(sql: str, dialect: str = "sqlite") -> bool:
    """Whether a query says in which order its rows come: an ORDER BY of its own, not one of a query inside it. False where it is no query."""
    try:
        return query_tree(sql, dialect).args.get("order") is not None
    except NotSQL:
        return False


def same_answer(gold: Execution, other: Execution, mode: Mode = "spider", ordered: bool = False) -> bool:
    """Whether two answers are the same. What was not executed has no answer, and is like nothing.

    Args:
        ordered: whether the gold query orders its rows (`orders_rows`).
    """
    if not isinstance(gold, Rows) or not isinstance(other, Rows):
        return False
    rule = MODES[mode]
    if len(gold.columns) != len(other.columns):
        return False
    if rule.multiset and len(gold.rows) != len(other.rows):
        return False
    left = [tuple(map(comparable, row)) for row in gold.rows]
    right = [tuple(map(comparable, row)) for row in other.rows]
    if not rule.multiset:
        left, right = list(dict.fromkeys(left)), list(dict.fromkeys(right))
    names = [column.name.lower() for column in gold.columns], [column.name.lower() for column in other.columns]
    if rule.names and Counter(names[0]) != Counter(names[1]):
        return False
    keep_order = rule.order and ordered
    if not rule.permuted:
        return _same_rows(left, right, keep_order)
    return any(_same_rows(left, [tuple(row[place] for place in places) for row in right], keep_order) for places in _orders(left, right, names, rule))


def _orders(left: Sequence[Row], right: Sequence[Row], names: tuple[list[str], list[str]], rule: Equivalence) -> Iterator[tuple[int, ...]]:
    """The orders of the right columns in which each holds the values of the left one in its place."""
    for rounded in (_fine, _coarse):
        yield from _orders_by(left, right, names, rule, rounded)


def _orders_by(
    left: Sequence[Row], right: Sequence[Row], names: tuple[list[str], list[str]], rule: Equivalence, rounded: Callable[[Any], Any]
) -> Iterator[tuple[int, ...]]:
    width = len(names[0])
    mine = [Counter(rounded(row[place]) for row in left) for place in range(width)]
    theirs = [Counter(rounded(row[place]) for row in right) for place in range(width)]
    fitting = [
        [other for other in range(width) if mine[place] == theirs[other] and (not rule.names or names[0][place] == names[1][other])]
        for place in range(width)
    ]
    tried = 0

    def choose(chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        nonlocal tried
        if len(chosen) == width:
            tried += 1
            yield chosen
            return
        for other in fitting[len(chosen)]:
            if other not in chosen and tried < MOST_TRIES:
                yield from choose((*chosen, other))

    yield from choose(())


def _same_rows(left: Sequence[Row], right: Sequence[Row], ordered: bool) -> bool:
    if len(left) != len(right):
        return False
    if not ordered:
        if Counter(left) == Counter(right):
            return True
        left, right = sorted(left, key=_sorting), sorted(right, key=_sorting)
    return all(_close(mine, theirs) for one, other in zip(left, right, strict=True) for mine, theirs in zip(one, other, strict=True))


def comparable(value: Any) -> Any:
    """A value so that equal ones of different engines are equal: numbers are numbers, days and times are their ISO text.

    >>> comparable(True) == comparable(1.0), comparable("") == comparable(None)
    (True, False)
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, decimal.Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, datetime.datetime):
        text = value.isoformat(" ")
        return text.removesuffix(" 00:00:00")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        return value.removesuffix(" 00:00:00") if len(value) == 19 else value
    if isinstance(value, list | tuple):
        return tuple(map(comparable, value))
    if isinstance(value, int | float | bytes | type(None)):
        return value
    return str(value)


def _close(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, float) or isinstance(theirs, float):
        if isinstance(mine, int | float) and isinstance(theirs, int | float):
            return math.isclose(mine, theirs, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
        return False
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return len(mine) == len(theirs) and all(map(_close, mine, theirs))
    return bool(mine == theirs)


def _fine(value: Any) -> Any:
    """Close numbers are equal here, but for the few on both sides of a bound."""
    return float(f"{value:.5g}") if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53) else value


def _coarse(value: Any) -> Any:
    """So rough that close numbers are always equal."""
    return "number" if isinstance(value, int | float) else value


def _sorting(row: Row) -> tuple[tuple[int, Any], ...]:
    return tuple(_rank(value) for value in row)


def _rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, float(f"{value:.5g}")
    if isinstance(value, str):
        return 2, value
    if isinstance(value, bytes):
        return 3, value
    return 4, repr(value)
