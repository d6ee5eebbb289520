"""What is proven to mean the same does, on every database that keeps its keys; and nothing is proven that could differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from operators.databases.execution import NotExecuted, Rows
from operators.databases.schema import Column, ForeignKey, Key, Schema, Table
from operators.text2sql.equivalence import orders_rows, same_answer
from operators.text2sql.mutants import mutants
from operators.text2sql.proofs import mean_the_same
from operators.text2sql.sampling.sampler import sample_queries
from resources.databases.fuzzing import write_instance
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.suites import literals_of
from resources.databases.target import Target

SCHEMA = Schema(
    "school",
    "sqlite",
    (
        Table("teacher", (Column("id", "INTEGER", "integer", False), Column("name", "TEXT", "text"), Column("town", "TEXT", "text")), Key(("id",))),
        Table(
            "course",
            (
                Column("id", "INTEGER", "integer", False),
                Column("title", "TEXT", "text"),
                Column("teacher_id", "INTEGER", "integer", False),
                Column("deputy_id", "INTEGER", "integer"),
                Column("guest_id", "INTEGER", "integer", False),
            ),
            Key(("id",)),
            (
                ForeignKey(("teacher_id",), "teacher", ("id",)),
                ForeignKey(("deputy_id",), "teacher", ("id",)),
                ForeignKey(("guest_id",), "teacher", ("id",), inferred=True),
            ),
        ),
    ),
)
SAME = [
    ("SELECT c.title, t.name FROM course c JOIN teacher t ON c.teacher_id = t.id", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE t.town = 'Ulm'", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE NOT t.name LIKE 'A%'", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE t.town = 'Ulm' OR t.name = 'Ada'", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id JOIN course d ON d.teacher_id = t.id", "JOIN teacher", "LEFT JOIN teacher"),
    ("SELECT t.name, count(*) FROM course c JOIN teacher t ON c.teacher_id = t.id GROUP BY t.id, t.name", "t.id, t.name", "t.id"),
    ("SELECT t.name, count(*) FROM course c JOIN teacher t ON c.teacher_id = t.id WHERE t.id = 3 GROUP BY t.id, t.name", "t.id, t.name", "t.name"),
    ("SELECT title FROM course WHERE id > 1 UNION SELECT name FROM teacher", "SELECT name", "SELECT DISTINCT name"),
    ("SELECT name FROM teacher EXCEPT SELECT title FROM course", "SELECT name", "SELECT DISTINCT name"),
    ("SELECT town, count(*) FROM teacher GROUP BY town HAVING count(*) >= 1", " HAVING count(*) >= 1", ""),
    ("SELECT id, title FROM course", "SELECT", "SELECT DISTINCT"),
    ("SELECT town, count(*) FROM teacher GROUP BY town", "SELECT", "SELECT DISTINCT"),
    ("WITH g AS (SELECT town, count(*) AS n FROM teacher GROUP BY town) SELECT town FROM g WHERE n > 2", ") SELECT", ") SELECT DISTINCT"),
    ("SELECT * FROM (SELECT town, row_number() OVER (PARTITION BY town ORDER BY name) AS n FROM teacher) WHERE n < 3", "(SELECT", "(SELECT DISTINCT"),
]
NOT_PROVEN = [
    ("SELECT c.title, t.name FROM course c JOIN teacher t ON c.deputy_id = t.id", "JOIN", "LEFT JOIN"),
    ("SELECT c.title, t.name FROM course c JOIN teacher t ON c.guest_id = t.id", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.teacher_id = t.id AND t.town = 'Ulm'", "JOIN", "LEFT JOIN"),
    ("SELECT t.name FROM teacher t JOIN course c ON c.teacher_id = t.id", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE t.town = 'Ulm' OR c.id = 1", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE t.town IS NULL", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE coalesce(t.town, 'Ulm') = 'Ulm'", "JOIN", "LEFT JOIN"),
    ("SELECT c.title FROM course c JOIN teacher t ON c.deputy_id = t.id WHERE t.id NOT IN (SELECT 1 FROM course WHERE id < 0)", "JOIN", "LEFT JOIN"),
    ("SELECT t.name, count(*) FROM course c JOIN teacher t ON c.teacher_id = t.id GROUP BY t.id, t.name", "t.id, t.name", "t.name"),
    ("SELECT title FROM course WHERE id > 1 UNION ALL SELECT name FROM teacher", "SELECT name", "SELECT DISTINCT name"),
    ("SELECT town, count(*) FROM teacher GROUP BY town HAVING count(*) >= 2", " HAVING count(*) >= 2", ""),
    ("SELECT count(*) FROM teacher HAVING count(*) >= 1", " HAVING count(*) >= 1", ""),
    ("SELECT title FROM course", "SELECT", "SELECT DISTINCT"),
    ("SELECT count(*) FROM teacher GROUP BY town", "SELECT", "SELECT DISTINCT"),
    ("SELECT t.id FROM teacher t JOIN course c ON c.teacher_id = t.id", "SELECT", "SELECT DISTINCT"),
    ("SELECT name FROM teacher WHERE town = 'Ulm'", "'Ulm'", "'Bern'"),
    ("SELECT * FROM (SELECT row_number() OVER (PARTITION BY town ORDER BY name) AS n FROM teacher) WHERE n < 3", "(SELECT", "(SELECT DISTINCT"),
]


def changed(sql: str, old: str, new: str) -> str:
    assert old in sql
    return sql.replace(old, new, 1)


@pytest.mark.parametrize(("sql", "old", "new"), SAME)
def test_proven(sql: str, old: str, new: str) -> None:
    assert mean_the_same(sql, changed(sql, old, new), SCHEMA)


@pytest.mark.parametrize(("sql", "old", "new"), NOT_PROVEN)
def test_not_proven(sql: str, old: str, new: str) -> None:
    assert not mean_the_same(sql, changed(sql, old, new), SCHEMA)


def test_what_is_no_query_is_not_proven() -> None:
    assert not mean_the_same("DELETE FROM course", "DELETE FROM course", SCHEMA)


def test_no_instance_tells_apart_what_is_proven(books: Databases, tmp_path: Path) -> None:
    """Sampled queries and their near misses, and the pairs above, on rows drawn to tell them apart."""
    schema = books.schema("books")
    pairs = [(one.sql, other) for one in sample_queries(books, "books", 40) for other in mutants(one.sql, most=12)]
    proven = {"books": [pair for pair in pairs if mean_the_same(*pair, schema)], "school": [(sql, changed(sql, old, new)) for sql, old, new in SAME]}
    assert len(proven["books"]) >= 5
    targets = {}
    for name, of in (("books", schema), ("school", SCHEMA)):
        literals = literals_of([text for pair in proven[name] for text in pair], of)
        for seed in range(6):
            write_instance(of, literals, seed, tmp_path / f"{name}-{seed}.sqlite")
            targets[f"{name}-{seed}"] = Target(f"{name}-{seed}", "sqlite", path=str(tmp_path / f"{name}-{seed}.sqlite"))
    asked = 0
    with Databases(targets, DatabaseSettings(parallel=2, look_rows=0)) as instances:
        for name in targets:
            for gold, other in proven[name.partition("-")[0]]:
                one, two = instances.execute(name, gold), instances.execute(name, other)
                assert isinstance(one, Rows), one
                asked += not one.is_empty
                assert same_answer(one, two, "spider", orders_rows(gold)), f"{gold}\n{other}\n{one}\n{two}"
    assert asked > 60


def test_a_pair_that_could_differ_is_told_apart_by_some_instance(tmp_path: Path) -> None:
    left = {(sql, changed(sql, old, new)) for sql, old, new in NOT_PROVEN}
    literals = literals_of([text for pair in left for text in pair], SCHEMA)
    for seed in range(60):
        write_instance(SCHEMA, literals, seed, tmp_path / f"{seed}.sqlite")
    targets = {str(seed): Target(str(seed), "sqlite", path=str(tmp_path / f"{seed}.sqlite")) for seed in range(60)}
    with Databases(targets, DatabaseSettings(parallel=2, look_rows=0)) as instances:
        for name in targets:
            for gold, other in list(left):
                one, two = instances.execute(name, gold), instances.execute(name, other)
                if not isinstance(one, NotExecuted) and not same_answer(one, two, "spider", orders_rows(gold)):
                    left.discard((gold, other))
    assert {gold for gold, _ in left} <= {"SELECT count(*) FROM teacher HAVING count(*) >= 1"}, (
        "SQLite refuses HAVING without GROUP BY, or it is never empty"
    )
