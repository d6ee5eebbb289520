"""What queries come to, on all four engines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from operators.databases.execution import NotExecuted, Rows, Statement
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import Target


def rows_of(shop: Databases, sql: str) -> list[tuple[object, ...]]:
    answer = shop.execute("shop", sql)
    assert isinstance(answer, Rows), answer
    return list(answer.rows)


def test_it_keeps_the_protocol(shop: Databases) -> None:
    assert isinstance(shop, DatabaseServing)


def test_values_keep_their_types(shop: Databases) -> None:
    name, born, total, missing = rows_of(
        shop, "SELECT name, born, total, note FROM customers JOIN orders ON customer_id = customers.id ORDER BY orders.id"
    )[1]
    assert (name, missing) == ("Ada", None)
    if shop.execute("shop", "SELECT 1") and shop.schema("shop").dialect == "sqlite":
        assert (born, total) == ("1815-12-10", 7.25)  # SQLite has neither dates nor decimals
    else:
        assert (born, total) == (date(1815, 12, 10), Decimal("7.25"))


def test_an_answer_names_its_columns_and_their_types(shop: Databases) -> None:
    answer = shop.execute("shop", "SELECT name AS who, id FROM customers")
    assert isinstance(answer, Rows)
    assert [column.name for column in answer.columns] == ["who", "id"]
    assert all(column.type for column in answer.columns)


def test_an_empty_answer_is_an_answer(shop: Databases) -> None:
    answer = shop.execute("shop", "SELECT name FROM customers WHERE id > 99")
    assert isinstance(answer, Rows)
    assert answer.is_empty
    assert [column.name for column in answer.columns] == ["name"]


def test_a_percent_sign_and_a_quote_are_text(shop: Databases) -> None:
    assert rows_of(shop, "SELECT name FROM customers WHERE name LIKE 'A%' OR name = 'O''Brien %s'") == [("Ada",)]


def test_a_query_that_fails_says_what_the_engine_says(shop: Databases) -> None:
    answer = shop.execute("shop", "SELECT nme FROM customers")
    assert isinstance(answer, NotExecuted)
    assert answer.cause == "error"
    assert "nme" in answer.message
    assert rows_of(shop, "SELECT count(*) FROM customers") == [(3,)]


def test_answers_come_in_the_order_of_their_statements(shop: Databases) -> None:
    numbers = list(range(200))
    answers = shop.execute_all(Statement("shop", f"SELECT {number} AS n") for number in numbers)
    assert [answer.rows[0][0] for answer in answers if isinstance(answer, Rows)] == numbers


def test_statements_are_taken_as_answers_are(shop: Databases) -> None:
    taken = 0

    def statements() -> Iterator[Statement]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield Statement("shop", f"SELECT {number} AS n")

    answers = shop.execute_all(statements())
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert taken < 1000


def test_it_can_be_awaited(shop: Databases) -> None:
    answer = asyncio.run(shop.execute_soon("shop", "SELECT 7 AS n"))
    assert isinstance(answer, Rows)
    assert answer.rows == ((7,),)


def test_an_unknown_database_is_named_with_the_closest(shop: Databases) -> None:
    answer = shop.execute("shopp", "SELECT 1")
    assert isinstance(answer, NotExecuted)
    assert answer.cause == "no such database"
    assert 'did you mean "shop"?' in answer.message
    with pytest.raises(DatabaseUnavailable, match="shop"):
        shop.schema("shopp")


def test_more_rows_than_allowed_say_so(shop: Databases) -> None:
    every = "SELECT a.id FROM customers a, customers b, customers c, customers d, customers e, customers f, customers g"
    answer = shop.execute("shop", every)
    assert isinstance(answer, NotExecuted)
    assert answer.cause == "row limit"
    assert rows_of(shop, f"SELECT count(*) FROM ({every}) AS q") == [(3**7,)]


def test_a_duckdb_vector_is_a_list(shop: Databases) -> None:
    if shop.schema("shop").dialect != "duckdb":
        pytest.skip("only DuckDB has arrays of numbers")
    (vector,) = rows_of(shop, "SELECT [1.5, 2.5]::FLOAT[2] AS v")[0]
    assert list(vector) == [1.5, 2.5]  # type: ignore[call-overload]


def test_an_answer_is_whole_whatever_was_asked_before_with_fewer_rows(target: Target) -> None:
    """A look at the rows of each table keeps to fewer rows than queries may have."""
    every = "SELECT a.id FROM customers a, customers b, customers c, customers d"
    with Databases({"shop": target}, DatabaseSettings(parallel=1, look_rows=10)) as databases:
        databases.schema("shop")
        assert len(rows_of(databases, every)) == 3**4
