"""Sampled queries on the other engines: transpiled, and drawn for DuckDB with its vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot

from operators.databases.execution import NotExecuted, Statement
from operators.text2sql.sampling.sampler import sample_queries
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import Target, read_address
from tests import database_servers
from tests.database_copies import copy_into_duckdb, copy_onto


@pytest.fixture(params=["duckdb", "postgres", "mysql"])
def copy(request: pytest.FixtureRequest, books: Databases, books_file: Path, tmp_path: Path) -> Iterator[Target]:
    schema = books.schema("books")
    if request.param == "duckdb":
        copy_into_duckdb(schema, books_file, tmp_path / "books.duckdb")
        yield read_address("books", str(tmp_path / "books.duckdb"))
        return
    with database_servers.postgres() if request.param == "postgres" else database_servers.mariadb() as server:
        copy_onto(server, schema, books_file, "books")
        yield read_address("books", server.url(database="books"), "secret words")


def test_nearly_every_query_runs_after_transpiling(copy: Target, books: Databases) -> None:
    queries = [one.sql for one in sample_queries(books, "books", 200)]
    texts = [sqlglot.transpile(sql, read="sqlite", write=copy.engine, identify=True)[0] for sql in queries]
    with Databases({"books": copy}, DatabaseSettings(parallel=2, seconds=20)) as databases:
        answers = list(databases.execute_all([Statement("books", text) for text in texts]))
    failed = [(text, str(answer)) for text, answer in zip(texts, answers, strict=True) if isinstance(answer, NotExecuted)]
    assert len(failed) <= 0.02 * len(texts), failed


def test_queries_can_be_drawn_from_each_engine(copy: Target) -> None:
    with Databases({"books": copy}, DatabaseSettings(parallel=2, seconds=20)) as databases:
        sampled = list(sample_queries(databases, "books", 40))
    assert len(sampled) == 40


def test_vectors_are_asked_for_by_their_distance(tmp_path: Path) -> None:
    path = tmp_path / "pictures.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE picture (picture_id INTEGER PRIMARY KEY, title VARCHAR, width INTEGER, embedding FLOAT[3])")
        for number in range(40):
            connection.execute("INSERT INTO picture VALUES (?, ?, ?, ?)", [number, f"Picture {number}", 100 + number, [number / 7, number % 5, 1.0]])
    with Databases({"pictures": read_address("pictures", str(path))}, DatabaseSettings(parallel=2)) as databases:
        assert databases.schema("pictures").table("picture").column("embedding").type_class == "vector"
        sampled = list(sample_queries(databases, "pictures", 60))
    nearest = [one for one in sampled if one.template == "nearest_vectors"]
    assert nearest
    assert all("ARRAY_DISTANCE" in one.sql.upper() and "nearest" in one.question for one in nearest)
