"""The grammar sampler: queries that run and say something, at the hardness asked for, of columns that make sense."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest
import sqlglot

from operators.databases.execution import NotExecuted, Rows
from operators.text2sql.hardness import hardness
from operators.text2sql.sample import SQLSampler
from operators.text2sql.sampling.graph import graph_of
from operators.text2sql.sampling.sampler import SampledQuery, sample_queries, shares, why_dull
from operators.text2sql.sampling.template import TEMPLATES
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "sql" / "sqlite"


@pytest.fixture(scope="module")
def sampled(books: Databases) -> list[SampledQuery]:
    return list(sample_queries(books, "books", 240))


def test_queries_are_different_and_the_same_for_the_same_seed(books: Databases, sampled: list[SampledQuery]) -> None:
    assert len({one.sql for one in sampled}) == len(sampled) == 240
    assert list(sample_queries(books, "books", 240)) == sampled
    assert list(sample_queries(books, "books", 240, seed=1)) != sampled


def test_every_query_runs_and_its_answer_says_something(books: Databases, sampled: list[SampledQuery]) -> None:
    for one in sampled:
        answer = books.execute("books", one.sql)
        assert isinstance(answer, Rows), f"{one.sql}: {answer}"
        assert not why_dull(answer), one.sql
        assert len(answer.rows) == one.rows


def test_the_mix_is_as_asked_for(books: Databases, sampled: list[SampledQuery]) -> None:
    assert Counter(one.hardness for one in sampled) == {"easy": 60, "medium": 60, "hard": 60, "extra": 60}
    assert all(one.hardness == hardness(one.sql) for one in sampled)
    mixed = Counter(one.hardness for one in sample_queries(books, "books", 50, {"easy": 0.1, "extra": 0.9}))
    assert mixed == {"easy": 5, "extra": 45}


def test_queries_are_of_many_kinds(sampled: list[SampledQuery]) -> None:
    kinds = Counter(one.template for one in sampled)
    assert len(kinds) >= 30
    assert max(kinds.values()) <= 0.2 * len(sampled)
    texts = " ".join(one.sql for one in sampled)
    for word in "JOIN HAVING WITH OVER INTERSECT EXCEPT EXISTS CASE COALESCE STRFTIME LIMIT LIKE".split():
        assert f" {word}" in texts or f"{word}(" in texts, word


def test_ids_codes_and_texts_are_not_computed_with(sampled: list[SampledQuery]) -> None:
    for one in sampled:
        assert not re.search(r"(AVG|SUM|MAX|MIN)\((T\d\.)?(\w+_id|zip_code|isbn|name|title)\)", one.sql), one.sql
        assert not re.search(r"SUM\((T\d\.)?(price|birth_year)\)", one.sql), one.sql


def test_every_question_is_a_sentence_that_names_what_the_query_reads(sampled: list[SampledQuery]) -> None:
    for one in sampled:
        assert one.question[0].isupper()
        assert one.question.endswith((".", "?"))
        assert "_" not in re.sub(r'"[^"]*"', "", one.question)
        for text in re.findall(r"= '([^']*)'", one.sql):
            assert text in one.question, one


def test_rows_with_a_limit_are_sure(books: Databases, sampled: list[SampledQuery]) -> None:
    """The last row that is kept does not tie with the next: a sorted copy in another order gives the same."""
    limited = [one for one in sampled if " LIMIT " in one.sql]
    assert limited
    for one in limited:
        tree = sqlglot.parse_one(one.sql, read="sqlite")
        count = int(tree.args["limit"].expression.name)
        longer = one.sql.replace(f"LIMIT {count}", f"LIMIT {count + 1}")
        answer, more = books.execute("books", one.sql), books.execute("books", longer)
        assert isinstance(answer, Rows)
        assert isinstance(more, Rows)
        assert answer.rows == more.rows[: len(answer.rows)]


def test_a_schema_without_anything_to_sample_from_ends(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "bare.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bare (a BLOB)")
    connection.close()
    with Databases(DatabaseSettings(path=str(path)).targets(), DatabaseSettings(parallel=1)) as bare:
        assert list(sample_queries(bare, "bare", 5)) == []


def test_shares_are_whole_and_exact() -> None:
    for count in range(40):
        assert sum(shares(count, {"easy": 1, "medium": 2, "hard": 3, "extra": 1}).values()) == count


def test_roles_are_those_that_a_person_would_see(books: Databases) -> None:
    graph = graph_of(books.schema("books"))
    roles = {(node.table.name, column.column.name): column.role for node in graph.nodes for column in node.columns}
    assert roles["book", "book_id"] == roles["book", "author_id"] == "key"
    assert roles["book", "pages"] == roles["book", "price"] == roles["sale", "copies"] == "measure"
    assert roles["author", "birth_year"] == "year"
    assert roles["book", "published"] == roles["sale", "sold_on"] == "date"
    assert roles["book", "genre"] == roles["sale", "store"] == "category"
    assert roles["sale", "zip_code"] in ("category", "other")
    assert roles["book", "isbn"] == "other"


def test_as_an_operator_each_query_names_the_row_of_its_database(books: Databases) -> None:
    asked = [{"db_id": "books", "kind": "shop"}, {"db_id": "nowhere", "kind": "x"}]
    result = SQLSampler(count=12, mix={"easy": 1}, max_failed=0.5).run(asked, resources={"database": books})
    rows = result.table.to_pylist()
    assert len(rows) == 12
    assert {(row["db_id"], row["kind"], row["sql_hardness"]) for row in rows} == {("books", "shop", "easy")}
    assert len({tuple(row["parent_ids"]) for row in rows}) == 1
    assert 'no database is named "nowhere"' in result.rejected.column("rejected_reason")[0].as_py()


def test_a_mix_of_unknown_hardness_is_refused() -> None:
    with pytest.raises(ValueError, match="simple"):
        SQLSampler(mix={"simple": 1})


def test_unseen_schemas_need_no_change() -> None:
    if not DATA.is_dir():
        pytest.skip("the shared data are not here: set DATAFLOW_SHARED_DATA")
    settings = DatabaseSettings(path=str(DATA), parallel=2)
    with Databases(settings.targets(), settings) as databases:
        for name in ("Chinook_Sqlite", "northwind", "world_1", "pets_1"):
            sampled = list(sample_queries(databases, name, 40))
            assert Counter(one.hardness for one in sampled) == {"easy": 10, "medium": 10, "hard": 10, "extra": 10}
            assert not [one.sql for one in sampled if isinstance(databases.execute(name, one.sql), NotExecuted)]


def test_every_template_is_drawn_from_somewhere(books: Databases) -> None:
    drawn = {one.template for seed in range(3) for one in sample_queries(books, "books", 300, seed=seed)}
    assert set(TEMPLATES) - drawn <= {"nearest_vectors"}
