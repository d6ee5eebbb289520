"""When two answers are the same."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.databases.execution import Execution, NotExecuted, ResultColumn, Rows
from operators.text2sql.equivalence import MODES, Mode, orders_rows, same_answer
from tests.faults import fault


def rows(*given_rows: tuple[Any, ...], names: str = "") -> Rows:
    width = len(given_rows[0]) if given_rows else len(names.split()) or 1
    columns = names.split() or [f"c{place}" for place in range(width)]
    return Rows(tuple(ResultColumn(name, "") for name in columns), given_rows)


SAME: list[tuple[str, Rows, Rows, bool, set[str]]] = [
    ("the same", rows((1, "a")), rows((1, "a")), False, {"spider", "bird", "strict"}),
    ("1 is 1.0", rows((1,)), rows((1.0,)), False, {"spider", "bird", "strict"}),
    ("1 is true", rows((1,)), rows((True,)), False, {"spider", "bird", "strict"}),
    ("decimals are numbers", rows((Decimal("7.25"),)), rows((7.25,)), False, {"spider", "bird", "strict"}),
    ("close numbers", rows((0.1 + 0.2,)), rows((0.3,)), False, {"spider", "bird", "strict"}),
    ("a day is its text", rows((datetime.date(2020, 1, 2),)), rows(("2020-01-02",)), False, {"spider", "bird", "strict"}),
    ("another order", rows((1,), (2,)), rows((2,), (1,)), False, {"spider", "bird", "strict"}),
    ("another order where it counts", rows((1,), (2,)), rows((2,), (1,)), True, {"bird"}),
    ("twice", rows((1,), (1,)), rows((1,)), False, {"bird"}),
    ("twice another", rows((1,), (1,), (2,)), rows((1,), (2,), (2,)), False, {"bird"}),
    ("columns changed about", rows((1, "a"), (2, "b"), names="x y"), rows(("a", 1), ("b", 2), names="y x"), False, {"spider", "strict"}),
    ("other names", rows((1,), names="x"), rows((1,), names="total"), False, {"spider", "bird"}),
    ("names in another case", rows((1,), names="Name"), rows((1,), names="NAME"), False, {"spider", "bird", "strict"}),
    ("null is not empty", rows((None,)), rows(("",)), False, set()),
    ("null is not 0", rows((None,)), rows((0,)), False, set()),
    ("a text is no number", rows(("1",)), rows((1,)), False, set()),
    ("a digit more", rows((1.001,)), rows((1.0,)), False, set()),
    ("a column more", rows((1,)), rows((1, 1)), False, set()),
    ("columns that only look alike", rows((1, 2), (2, 1)), rows((1, 1), (2, 2)), False, set()),
    ("a day of the Julian calendar", rows((2459000.5,)), rows((2459001.5,)), False, set()),
    ("a cent of two millions", rows((2328600.41,)), rows((2328600.40,)), False, set()),
    ("whole numbers are exact", rows((10**12,)), rows((10**12 + 1,)), False, set()),
    ("whole decimals too", rows((Decimal(10**18),)), rows((Decimal(10**18 + 1),)), False, set()),
    ("whole decimals of any form", rows((Decimal("1E+3"),)), rows((1000,)), False, {"spider", "bird", "strict"}),
    ("beyond all real numbers", rows((10**400,)), rows((1.5,)), False, set()),
    ("close numbers in another order", rows((0.1 + 0.2, "b"), (0.3, "a")), rows((0.3, "b"), (0.1 + 0.2, "a")), False, {"spider", "bird", "strict"}),
    ("a set has close numbers once", rows((0.1 + 0.2,), (0.3,)), rows((0.3,)), False, {"bird"}),
    ("nothing and nothing", rows(names="a"), rows(names="a"), False, {"spider", "bird", "strict"}),
    ("nothing and something", rows(names="a"), rows((1,), names="a"), False, set()),
]


@fault("[verified] a column alias alone makes a correct prediction count as wrong (column name sets must match)")
@pytest.mark.parametrize(("what", "gold", "other", "ordered", "modes"), SAME, ids=[what for what, *_ in SAME])
def test_answers(what: str, gold: Rows, other: Rows, ordered: bool, modes: set[str]) -> None:
    assert {mode for mode in MODES if same_answer(gold, other, mode, ordered)} == modes
    assert {mode for mode in MODES if same_answer(other, gold, mode, ordered)} == modes


@pytest.mark.parametrize("mode", MODES)
def test_what_was_not_executed_is_like_nothing(mode: Mode) -> None:
    failed = NotExecuted("error", "no such column")
    pairs: list[tuple[Execution, Execution]] = [(failed, failed), (failed, rows((1,))), (rows((1,)), failed)]
    assert not any(same_answer(one, other, mode) for one, other in pairs)


VALUES = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from(["", "a", "b"]), st.sampled_from([0.5, 1.0]))
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), max_size=6).map(lambda found: (width, found)))


@given(TABLES, st.randoms(use_true_random=False))
def test_rows_and_columns_in_any_order_are_the_same_for_spider(table: tuple[int, list[tuple[Any, ...]]], draws: Any) -> None:
    width, found = table
    places = list(range(width))
    draws.shuffle(places)
    mixed = [tuple(row[place] for place in places) for row in found]
    draws.shuffle(mixed)
    names = " ".join(f"c{place}" for place in range(width))
    mixed_names = " ".join(f"c{place}" for place in places)
    gold, other = rows(*found, names=names), rows(*mixed, names=mixed_names)
    assert same_answer(gold, other, "spider")
    assert same_answer(gold, other, "strict")


@given(TABLES, TABLES)
def test_what_spider_calls_the_same_has_the_same_values(one: tuple[int, list[tuple[Any, ...]]], other: tuple[int, list[tuple[Any, ...]]]) -> None:
    def values(table: tuple[int, list[tuple[Any, ...]]]) -> list[str]:
        return sorted(repr(float(value) if isinstance(value, int) else value) for row in table[1] for value in row)

    left = rows(*one[1], names=" ".join(f"c{place}" for place in range(one[0])))
    right = rows(*other[1], names=" ".join(f"c{place}" for place in range(other[0])))
    if same_answer(left, right, "spider"):
        assert values(one) == values(other)


def test_many_equal_columns_are_compared_at_once() -> None:
    wide = [tuple(range(20))] * 3
    assert same_answer(rows(*wide), rows(*[tuple(reversed(row)) for row in wide]), "spider")
    equal = [(1,) * 20] * 3
    assert not same_answer(rows(*equal, (2,) + (1,) * 19), rows(*equal, (1,) * 20), "spider")


@pytest.mark.parametrize("columns", [8, 20])
def test_answers_of_many_numbers_are_told_apart_at_once(columns: int) -> None:
    """Columns of numbers can be put in very many orders."""

    def drawn(step: int) -> list[tuple[int, ...]]:
        return [tuple((row * step + place) % 997 for place in range(columns)) for row in range(2000)]

    assert not same_answer(rows(*drawn(31)), rows(*drawn(37)), "spider")
    flags = [tuple(int(row % columns == place) for place in range(columns)) for row in range(columns * 10)]
    assert same_answer(rows(*flags), rows(*[tuple(reversed(row)) for row in flags]), "spider")
    assert not same_answer(rows(*flags), rows(*[(row[1], *row[1:]) for row in flags]), "spider")


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("SELECT a FROM t UNION SELECT b FROM s ORDER BY 1", True),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 3) AS x", False),
        ("SELECT a, row_number() OVER (ORDER BY b) FROM t", False),
        ("SELECT 'order by' FROM t", False),
        ("(SELECT a FROM t ORDER BY a)", True),
        ("((SELECT a FROM t)) ORDER BY a", True),
        ("(SELECT a FROM t ORDER BY a) UNION ALL (SELECT a FROM s ORDER BY a)", False),
        ("what?", False),
    ],
)
def test_only_the_query_itself_orders_its_rows(sql: str, ordered: bool) -> None:
    assert orders_rows(sql) is ordered
