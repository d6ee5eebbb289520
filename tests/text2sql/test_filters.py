"""Filters by execution, mutants and test suites, on a real database."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from operators.databases.execution import NotExecuted, Rows
from operators.tables.errors import StageFailed
from operators.testing import ScriptedDatabase
from operators.text2sql.agreement import agreement
from operators.text2sql.classifiers import SQLComponents
from operators.text2sql.components import components
from operators.text2sql.dialects import TranspileSQL
from operators.text2sql.filters import SQLAgreementFilter, SQLAnswerFilter, SQLExecutabilityFilter
from operators.text2sql.mutants import mutants
from operators.text2sql.raters.back_translation import BackTranslationEvaluator
from operators.text2sql.sampling.sampler import sample_queries
from operators.text2sql.synthesis.queries import SQLQueryGenerator
from operators.text2sql.synthesis.variations import SQLVariationGenerator
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.suite_files import suite_folder
from resources.databases.suites import build_suite
from tests.faults import fault
from tests.text2sql.asking import ask, fenced


def told(operator: Any, databases: Databases, *queries: str | None, **further: list[str]) -> dict[str | None, str]:
    """Query -> why it was set aside; "" where it was kept."""
    rows = [{"sql": sql, "db_id": "books", **{name: values[place] for name, values in further.items()}} for place, sql in enumerate(queries)]
    result = operator.changed(max_failed=1.0).run(rows, resources={"database": databases})
    kept = dict.fromkeys(result.table.column("sql").to_pylist(), "")
    return {**kept, **{row["sql"]: row["rejected_reason"] for row in result.rejected.to_pylist()}}


@fault("None SQL crashes the regex")
@fault("comment removal also eats -- inside string literals")
@fault("runtime errors (bad casts, overflow) pass")
@fault("no get_desc; reason for rejection is lost")
def test_only_what_runs_is_kept_and_the_rest_says_why(books: Databases) -> None:
    reasons = told(
        *(SQLExecutabilityFilter(), books, "SELECT name FROM author", "SELECT '-- no comment' AS a /* one */ -- two", None),
        *(
            "SELECT nme FROM author",
            "DELETE FROM author",
            "SELECT abs(-9223372036854775808)",
            "SELECT 1; SELECT 2",
            "",
            "WITH a AS (SELECT 1) SELECT * FROM a",
        ),
    )
    assert [sql for sql, reason in reasons.items() if not reason] == [
        *("SELECT name FROM author", "SELECT '-- no comment' AS a /* one */ -- two", "WITH a AS (SELECT 1) SELECT * FROM a"),
    ]
    assert reasons[None] == "sql is null"
    assert reasons["SELECT nme FROM author"] == "error: no such column: nme"
    assert reasons["DELETE FROM author"].startswith("refused: DELETE is not allowed")
    assert reasons["SELECT abs(-9223372036854775808)"] == "error: integer overflow"
    assert "2 statements" in reasons["SELECT 1; SELECT 2"]


@fault(
    "[verified] there is no per-query timeout: a query advertised with 5 s ran 32 s and was accepted;"
    " on batch timeout the thread pool still waits for runaway queries"
)
@fault("whole result sets are materialised")
def test_a_limit_ends_a_query_and_says_which(books_file: Path) -> None:
    settings = DatabaseSettings(path=str(books_file), seconds=2, rows=50, parallel=2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with Databases(settings.targets(), settings) as limited:
        reasons = told(SQLExecutabilityFilter(), limited, endless, "SELECT book_id FROM book", "SELECT count(*) FROM book")
    assert reasons[endless] == "time limit: it took longer than 2 s"
    assert reasons["SELECT book_id FROM book"] == "row limit: the answer has more than 50 rows"
    assert reasons["SELECT count(*) FROM book"] == ""


@fault("unknown database only warns")
@fault("one missing database makes every comparison of the batch fail")
def test_a_database_that_is_not_there_fails_its_row_alone(books: Databases) -> None:
    rows = [{"sql": "SELECT 1", "db_id": name} for name in ["books"] * 40 + ["boks"]]
    result = SQLExecutabilityFilter().run(rows, resources={"database": books})
    assert result.table.num_rows == 40
    (aside,) = result.rejected.to_pylist()
    assert aside["rejected_as"] == "failed"
    assert aside["rejected_reason"] == 'no such database: no database is named "boks"; there are books. did you mean "books"?'
    with pytest.raises(StageFailed, match="boks"):
        SQLExecutabilityFilter().run(rows[-1:], resources={"database": books})


@fault("[verified] db ids are stripped to letters, digits and underscore, so shop-1 is not found and every row becomes extra")
def test_names_of_databases_may_have_any_characters(books_file: Path, tmp_path: Path) -> None:
    for name in ("shop-1", "my shop", "größe"):
        shutil.copyfile(books_file, tmp_path / f"{name}.sqlite")
    settings = DatabaseSettings(path=str(tmp_path), parallel=1)
    with Databases(settings.targets(), settings) as databases:
        assert sorted(databases.names()) == ["größe", "my shop", "shop-1"]
        assert all(isinstance(databases.execute(name, "SELECT count(*) FROM book"), Rows) for name in databases.names())


@fault("label-based row selection duplicates rows when the index repeats")
@fault("empty results are accepted")
def test_answers_that_say_nothing_are_rejected(books: Databases) -> None:
    reasons = told(
        *(
            SQLAnswerFilter(most_rows=90),
            books,
            "SELECT name FROM author WHERE author_id > 99",
            "SELECT NULL",
            "SELECT count(*) FROM book WHERE pages < 0",
        ),
        *("SELECT 7 FROM author", "SELECT title FROM book", "SELECT count(*) FROM book", "SELECT DISTINCT genre FROM book"),
    )
    assert list(reasons.values()).count("") == 2
    assert reasons["SELECT count(*) FROM book WHERE pages < 0"] == "the answer is 0"
    assert reasons["SELECT 7 FROM author"] == "the answer is one row, 20 times"
    assert reasons["SELECT title FROM book"] == "the answer has 100 rows"


def test_near_misses_are_different_queries(books: Databases) -> None:
    without = 0
    for one in sample_queries(books, "books", 40):
        near = mutants(one.sql)
        without += not near
        assert len(set(near)) == len(near)
        assert one.sql not in near
    assert without <= 4


def test_a_test_suite_tells_apart_what_the_database_alone_does_not(books_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "books.sqlite"
    shutil.copyfile(books_file, path)
    settings = DatabaseSettings(path=str(path), parallel=2)
    with Databases(settings.targets(), settings) as databases:
        golds = [one.sql for one in sample_queries(databases, "books", 30)]
        near = {gold: mutants(gold, most=10) for gold in golds}
        assert databases.instances("books") == []
        report = build_suite(databases, "books", near, suite_folder(settings.targets()["books"]), most_tried=40)
    assert report.pairs >= 100
    equal_by_database, equal_by_suite = report.pairs - report.by_the_database, report.pairs - report.by_the_suite
    assert equal_by_suite <= 0.1 * equal_by_database
    with Databases(settings.targets(), settings) as databases:
        assert len(databases.instances("books")) == report.instances > 0
        assert databases.names() == ["books"]
        gold, other = "SELECT title FROM book WHERE pages > 899", "SELECT title FROM book WHERE pages > 900"
        assert agreement(databases, "books", golds[0], golds[0]).everywhere
        assert agreement(databases, "books", golds[0], golds[0]).asked == report.instances + 1
        found = agreement(databases, "books", gold, other)
        assert found.same >= 1


@pytest.mark.parametrize(("type_", "value"), [("TEXT", "'ZZZ'"), ("INTEGER", "90210")])
def test_a_suite_meets_the_keys_that_queries_compare_with(tmp_path: Path, type_: str, value: str) -> None:
    path = tmp_path / "air.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE airport (code {type_} PRIMARY KEY, city TEXT)")
        connection.execute(f"CREATE TABLE flight (id INTEGER PRIMARY KEY, gate INTEGER, source {type_} REFERENCES airport (code))")
        connection.execute("INSERT INTO airport VALUES (1, 'Oslo'), (2, 'Rome')")
        connection.execute("INSERT INTO flight VALUES (1, 1, 1), (2, 1, 2)")
    connection.close()
    gold = f"SELECT gate FROM flight WHERE source = {value}"
    near = {
        gold: [gold.replace("SELECT", "SELECT DISTINCT")],
        f"SELECT city FROM airport WHERE code = {value}": ["SELECT city FROM airport WHERE code IS NULL"],
    }
    settings = DatabaseSettings(path=str(path), parallel=1)
    with Databases(settings.targets(), settings) as databases:
        report = build_suite(databases, "air", near, suite_folder(settings.targets()["air"]))
    assert not report.left


def test_agreement_with_the_gold_query(books: Databases) -> None:
    gold = [
        "SELECT name FROM author ORDER BY name",
        "SELECT count(*) FROM book",
        "SELECT broken FROM book",
        "SELECT genre, count(*) FROM book GROUP BY genre",
    ]
    asked = [
        "SELECT name FROM author ORDER BY name DESC",
        "SELECT count(title) AS n FROM book",
        "SELECT 1",
        "SELECT count(*), genre FROM book GROUP BY genre",
    ]
    reasons = told(SQLAgreementFilter(), books, *asked, gold_sql=gold)
    assert reasons[asked[0]] == "books: other values, or another order"
    assert reasons[asked[1]] == reasons[asked[3]] == ""
    assert "the gold query has no answer" in reasons[asked[2]]
    strict = told(SQLAgreementFilter(mode="strict"), books, *asked, gold_sql=gold)
    assert strict[asked[1]] != ""


def test_components_of_a_query() -> None:
    found = components(
        "WITH recent AS (SELECT * FROM sale WHERE sold_on > '2020-01-01')"
        " SELECT a.name, count(*) AS n, rank() OVER (ORDER BY count(*)) FROM author AS a"
        " JOIN book AS b ON b.author_id = a.author_id WHERE a.country IS NOT NULL AND EXISTS (SELECT 1 FROM recent WHERE recent.book_id = b.book_id)"
        " GROUP BY a.name HAVING count(*) > 1 ORDER BY n DESC LIMIT 3"
    )
    assert found.tables == ("author", "book", "sale") or set(found.tables) == {"author", "book", "sale"}
    assert (found.joins, found.ctes, found.windows, found.subqueries) == (1, 1, 1, 1)
    assert found.correlated
    assert found.group_by
    assert found.having
    assert found.order_by
    assert found.limit
    assert found.null_logic
    assert not found.distinct
    plain = SQLComponents().run([{"sql": "SELECT title FROM book WHERE pages > 3"}]).table.to_pylist()[0]
    assert (plain["sql_tables"], plain["sql_columns"], plain["sql_conditions"], plain["sql_depth"]) == (["book"], ["title", "pages"], 1, 1)


def test_another_dialect_or_the_reason(books: Databases) -> None:
    operator = TranspileSQL(target_dialect="mysql", max_failed=1.0)
    result = operator.run([{"sql": 'SELECT "title" FROM book LIMIT 3'}, {"sql": "not sql at all ("}])
    assert result.table.column("transpiled_sql").to_pylist() == ["SELECT `title` FROM `book` LIMIT 3"]
    assert result.rejected.num_rows == 1


class Leaving(ScriptedDatabase):
    """A server that goes away after so many statements."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def execute(self, database: str, sql: str) -> Any:
        return NotExecuted("unreachable", "it went away") if len(self.executed) >= self._after else super().execute(database, sql)


def test_a_server_that_goes_away_says_nothing_of_a_query() -> None:
    row = {"db_id": "shop", "gold_sql": "SELECT name FROM customer", "sql": "SELECT name FROM customer WHERE 1 = 1"}
    result = SQLAgreementFilter(max_failed=1.0).run([row], resources={"database": Leaving(after=1)})
    assert [one["rejected_as"] for one in result.rejected.to_pylist()] == ["failed"]


@pytest.mark.parametrize(
    ("operator", "after"),
    [
        (SQLQueryGenerator(), 0),
        (SQLVariationGenerator(directions=("conditions",)), 0),
        (BackTranslationEvaluator(samples=1), 1),
        (BackTranslationEvaluator(samples=1, mend=False), 1),
    ],
    ids=["query", "variation", "back-translation", "back-translation without another try"],
)
def test_a_model_is_not_told_of_a_server_that_goes_away(operator: Any, after: int) -> None:
    row = {"question": "Which customers?"} if isinstance(operator, SQLQueryGenerator) else {"sql": "SELECT name FROM customer", "question": "Which?"}
    kept, aside, serving, _ = ask(operator, [row], lambda request: fenced("SELECT city FROM customer WHERE id > 1"), database=Leaving(after))
    assert not kept
    assert "it went away" in aside[0]["rejected_reason"]
    assert len(serving.requests) == 1
