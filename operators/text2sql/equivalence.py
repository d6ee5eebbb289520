"""Whether two answers are the same: three definitions by name, of the two benchmarks and a strict one."""

from __future__ import annotations

import datetime
import decimal
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlglot import exp

from operators.databases.execution import Execution, Row, Rows
from operators.text2sql.trees import NotSQL, query_tree

Mode: TypeAlias = Literal["spider", "bird", "strict"]
RELATIVE: Final = 1e-9
ABSOLUTE: Final = 1e-9
"""What two ways to compute the same number differ by at most. More than that is another number: a day is 4e-7 of a Julian date."""
_MOST_DIGITS: Final = 400
"""Of whole numbers that are kept exact."""
MOST_TRIES: Final = 20_000
MOST_ROWS_READ: Final = 20_000_000
"""Pairs of columns that are tried, and rows that are read for it. Answers that take more are not called the same."""
NamedValues: TypeAlias = "tuple[str, tuple[Any, ...]]"
"""The name of a column, "" where names do not count, and its values."""


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What must agree. In all of them 1 = 1.0, NULL is not '', '1' is not 1, and real numbers may differ in the tenth digit."""

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
        tree: exp.Expr = query_tree(sql, dialect)
    except NotSQL:
        return False
    while isinstance(tree, exp.Subquery) and tree.args.get("order") is None:  # a query in brackets
        tree = tree.this
    return tree.args.get("order") is not None


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
    left, right = _with_close_numbers_equal([tuple(map(comparable, row)) for row in answer.rows] for answer in (gold, other))
    if not rule.multiset:
        left, right = list(dict.fromkeys(left)), list(dict.fromkeys(right))
        if len(left) != len(right):
            return False
    names = [[column.name.lower() if rule.names else "" for column in answer.columns] for answer in (gold, other)]
    mine, theirs = (
        list(zip(of, zip(*rows, strict=True) if rows else [()] * len(of), strict=True)) for of, rows in zip(names, (left, right), strict=True)
    )
    if rule.order and ordered:
        return Counter(mine) == Counter(theirs) if rule.permuted else mine == theirs
    if not rule.permuted:
        return names[0] == names[1] and Counter(left) == Counter(right)
    return _can_be_paired(mine, theirs, len(left))


def _can_be_paired(mine: list[NamedValues], theirs: list[NamedValues], rows: int) -> bool:
    """Whether the columns can be put in an order in which the rows are the same multiset.

    One column after the other is paired. After each the rows of both sides are the same as far as they are read, else another column is tried; those
    with the most different values come first, since they tell the most.
    """
    counted = [Counter(values) for _, values in theirs]
    mine = sorted(mine, key=lambda column: -len(set(column[1])))
    fitting = [
        list({theirs[place]: place for place in range(len(theirs)) if theirs[place][0] == name and counted[place] == count}.values())
        for name, values in mine
        for count in [Counter(values)]
    ]
    left = Counter(theirs)
    tries = min(MOST_TRIES, MOST_ROWS_READ // max(1, rows))

    def pair(place: int, my_rows: Sequence[int], their_rows: Sequence[int]) -> bool:
        nonlocal tries
        if place == len(mine):
            return True
        for other in fitting[place]:
            if not left[theirs[other]] or tries <= 0:
                continue
            tries -= 1
            numbers: dict[tuple[int, Any], int] = {}
            longer = [numbers.setdefault(row, len(numbers)) for row in zip(my_rows, mine[place][1], strict=True)]
            their_longer = [numbers.setdefault(row, len(numbers)) for row in zip(their_rows, theirs[other][1], strict=True)]
            if Counter(longer) == Counter(their_longer):
                left[theirs[other]] -= 1
                if pair(place + 1, longer, their_longer):
                    return True
                left[theirs[other]] += 1
        return False

    return pair(0, [0] * rows, [0] * rows)


def _with_close_numbers_equal(answers: Iterable[list[Row]]) -> tuple[list[Row], list[Row]]:
    """Two answers in which numbers that are close to each other have become one number."""
    mine, theirs = answers
    if mine == theirs:
        return mine, theirs
    different = sorted({number for rows in (mine, theirs) for row in rows for value in row for number in _numbers_in(value)})
    if not any(isinstance(number, float) for number in different):
        return mine, theirs
    standing_for: dict[Any, Any] = {}
    before = None
    for number in different:
        standing_for[number] = standing_for[before] if before is not None and _close(before, number) else number
        before = number

    def replaced(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(replaced, value))
        return standing_for[value] if isinstance(value, int | float) else value

    return [tuple(map(replaced, row)) for row in mine], [tuple(map(replaced, row)) for row in theirs]


def _numbers_in(value: Any) -> Iterator[int | float]:
    if isinstance(value, tuple):
        for item in value:
            yield from _numbers_in(item)
    elif isinstance(value, int | float):
        yield value


def _close(mine: float, theirs: float) -> bool:
    """Whole numbers are exact."""
    if isinstance(mine, int) and isinstance(theirs, int):
        return False
    try:
        return math.isclose(mine, theirs, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    except OverflowError:  # a whole number beyond all real ones
        return False


def comparable(value: Any) -> Any:
    """A value so that equal ones of different engines are equal: numbers are numbers, days and times are their ISO text.

    >>> comparable(True) == comparable(1.0), comparable("") == comparable(None)
    (True, False)
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            return str(value)
        return int(value) if value.adjusted() < _MOST_DIGITS and value == value.to_integral_value() else float(value)
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
