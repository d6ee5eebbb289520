"""Queries in the SQL of another engine give the same there."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from operators.text2sql.dialects import TranspileSQL

ITEMS = "CREATE TABLE item (name VARCHAR, number INTEGER)"
ROWS = "INSERT INTO item VALUES ('Apple', 7), ('apple pie', -3), ('Pear', NULL)"
SAME = (
    "SELECT name FROM item WHERE name LIKE 'A%' ORDER BY number",
    "SELECT name FROM item WHERE NOT name LIKE '%APPLE%'",
    'SELECT number FROM item WHERE name = "Pear" OR name LIKE "apple _ie"',
    "SELECT 7 / 2, COUNT(*) / 2, (COUNT(*) + 4) / 2 / 2, -7 / 2 FROM item",
    "SELECT SUM(CASE WHEN number > 0 THEN 1 ELSE 0 END) * 100 / COUNT(*) FROM item",
    "SELECT number * 1.0 / 2, CAST(number AS REAL) / 2, AVG(number) / 2, 100.0 * COUNT(*) / 7 FROM item GROUP BY number ORDER BY number",
)


@pytest.mark.parametrize("sql", SAME)
def test_a_query_gives_the_same_in_duckdb(sql: str) -> None:
    written = TranspileSQL(target_dialect="duckdb").run([{"sql": sql}]).table.column("transpiled_sql").to_pylist()[0]
    here, there = sqlite3.connect(":memory:"), duckdb.connect()
    for connection in (here, there):
        connection.execute(ITEMS)
        connection.execute(ROWS)
    assert here.execute(sql).fetchall() == there.execute(written).fetchall(), written
    here.close()
    there.close()


@pytest.mark.parametrize(("target", "kept"), [("duckdb", 0), ("mysql", 0), ("postgres", 1)])
def test_a_division_of_columns_is_written_only_where_it_stays_the_same(target: str, kept: int) -> None:
    result = TranspileSQL.model_validate({"target_dialect": target, "max_failed": 1.0}).run([{"sql": "SELECT number / 2 FROM item"}])
    assert result.table.num_rows == kept
    assert all("CAST" in row["rejected_reason"] for row in result.rejected.to_pylist())


def test_patterns_of_mysql_ignore_case_in_postgres() -> None:
    result = TranspileSQL(source_dialect="mysql", target_dialect="postgres").run([{"sql": "SELECT name FROM item WHERE name LIKE 'A%'"}])
    assert result.table.column("transpiled_sql").to_pylist() == ["""SELECT "name" FROM "item" WHERE "name" ILIKE 'A%'"""]
