"""Fault B1: whoever may query the tables can neither change a published version, nor read or write other files, nor reach the network."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from resources.warehouse import Warehouse, WarehouseError
from resources.warehouse.reading_only import run_reading


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "tables")
    warehouse.table("web_text", "rate").write(pa.table({"row_id": ["a", "b"], "score": [1, 2]}))
    return warehouse


def version_file(warehouse: Warehouse) -> Path:
    return next(warehouse.root.rglob("*.duckdb"))


REFUSED = {
    "overwrite a version": "COPY (SELECT 1) TO '{version}' (FORMAT csv)",
    "overwrite a version in its own format": "COPY (SELECT 1) TO '{version}'",
    "write another file": "COPY web_text.rate TO '{other}' (FORMAT csv)",
    "write by way of EXPLAIN ANALYZE": "EXPLAIN ANALYZE COPY (SELECT 1) TO '{version}' (FORMAT csv)",
    "write by way of EXPLAIN with options": "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{version}' (FORMAT csv)",
    "write behind a query": "SELECT 1; COPY (SELECT 1) TO '{version}' (FORMAT csv)",
    "prepare a write": "PREPARE p AS COPY (SELECT 1) TO '{version}' (FORMAT csv); EXECUTE p",
    "export": "EXPORT DATABASE '{other}'",
    "attach for writing": "DETACH web_text__rate; ATTACH '{version}' AS again; UPDATE again.rows SET score = 9",
    "update in place": "UPDATE web_text__rate.rows SET score = 9",
    "read a file": "SELECT * FROM read_csv('/etc/passwd', header = false, sep = ':')",
    "read a file by its name": "SELECT * FROM '{secret}'",
    "read a file whole": "SELECT content FROM read_text('{secret}')",
    "list a folder": "SELECT * FROM glob('/etc/*')",
    "make a table of a file": "CREATE TABLE stolen AS FROM read_text('{secret}')",
    "install an extension": "INSTALL httpfs",
    "load an extension": "LOAD httpfs",
    "reach the network": "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "switch it on again": "SET enable_external_access = true",
    "unlock": "SET lock_configuration = false",
    "spill elsewhere": "SET temp_directory = '/tmp/elsewhere'",
    "keep a secret": "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "pragma": "PRAGMA database_list; PRAGMA temp_directory='/tmp/elsewhere'",
}


@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED)
def test_b1_nothing_but_reading_gets_through(warehouse: Warehouse, tmp_path: Path, attack: str) -> None:
    secret, other, version = tmp_path / "secret.csv", tmp_path / "other", version_file(warehouse)
    secret.write_text("password\n")
    before = version.read_bytes()
    connection = warehouse.connect()
    with pytest.raises((WarehouseError, duckdb.Error)):  # noqa: PT012 (some are refused when their rows are asked for)
        run_reading(connection, attack.format(version=version, other=other, secret=secret))
        connection.fetchall()
    connection.close()
    assert version.read_bytes() == before
    assert not other.exists()
    assert warehouse.table("web_text", "rate").read().column("score").to_pylist() == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT sum(score) FROM web_text.rate",
        "FROM web_text.rate",
        "SUMMARIZE web_text.rate",
        "DESCRIBE web_text.rate",
        "SHOW ALL TABLES",
        "EXPLAIN SELECT * FROM web_text.rate",
        "EXPLAIN ANALYZE SELECT * FROM web_text.rate",
        "WITH best AS (FROM web_text.rate ORDER BY score DESC LIMIT 1) SELECT row_id FROM best",
        "CREATE TEMP TABLE mine AS FROM web_text.rate; UPDATE mine SET score = 9; SELECT * FROM mine",
        "CREATE MACRO twice(x) AS x * 2; SELECT twice(score) FROM web_text.rate",
        "VALUES (1), (2)",
    ],
)
def test_reading_and_tables_in_memory_are_what_it_is_for(warehouse: Warehouse, query: str) -> None:
    connection = warehouse.connect()
    run_reading(connection, query)
    assert connection.fetchall()


def test_a_large_sort_may_still_spill(warehouse: Warehouse) -> None:
    connection = warehouse.connect()
    connection.execute("SELECT count(*) FROM (SELECT range AS n FROM range(3_000_000) ORDER BY hash(range))")
    assert connection.fetchall() == [(3_000_000,)]
