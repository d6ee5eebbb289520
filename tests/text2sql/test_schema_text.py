"""Schemas as texts for prompts: complete, within a limit what matters, and without data where that must stay inside."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from operators.databases.relevance import relevant
from operators.databases.schema import Column, Dialect, ForeignKey, Key, Schema, Table
from operators.databases.schema_text import SchemaForm, schema_text, tokens
from resources.databases.serving import Databases

FORMS: tuple[SchemaForm, ...] = ("create", "m-schema", "compact")


def wide(tables: int) -> Schema:
    """Many tables that point to the first one, each with columns of its own."""
    made = [Table("hub", (Column("hub_id", "INTEGER", "integer"), Column("name", "TEXT", "text")), Key(("hub_id",)))]
    for number in range(tables):
        own = tuple(Column(f"detail_{number}_{place}", "TEXT", "text") for place in range(20))
        keys = (Column(f"spoke{number}_id", "INTEGER", "integer"), Column("hub_id", "INTEGER", "integer"))
        made.append(Table(f"spoke{number}", keys + own, Key((f"spoke{number}_id",)), (ForeignKey(("hub_id",), "hub", ("hub_id",)),)))
    return Schema("wide", "sqlite", tuple(made))


@pytest.mark.parametrize("form", FORMS)
def test_every_table_and_column_is_there(books: Databases, form: SchemaForm) -> None:
    schema = books.schema("books")
    text = schema_text(schema, form)
    for table in schema.tables:
        assert table.name in text
        assert all(column.name in text for column in table.columns)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("dialect", "written"), [("sqlite", '"order"'), ("postgres", '"order"'), ("mysql", "`order`"), ("duckdb", '"order"')])
def test_names_are_written_as_a_query_has_to(form: SchemaForm, dialect: Dialect, written: str) -> None:
    columns = (Column("order", "INTEGER", "integer"), Column("GroupName", "enum('sad','it''s')", "text"))
    text = schema_text(Schema("shop", dialect, (Table("big table", columns, Key(("order",))),)), form)
    mark = written[0]
    assert written in text
    assert f"{mark}big table{mark}" in text
    assert ('"GroupName"' in text) == (dialect == "postgres")
    assert form == "compact" or "('sad','it''s')" in text


def test_create_statements_are_sql(books: Databases) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema_text(books.schema("books"), "create"))
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone() == (3,)


@pytest.mark.parametrize("form", FORMS)
def test_no_value_leaves_the_database_where_none_may(books: Databases, form: SchemaForm) -> None:
    assert "Japan" in schema_text(books.schema("books"), form)
    text = schema_text(books.schema("books"), form, examples=0)
    assert not re.search(r"Japan|novel|Author [A-Z]|Station", text)


@pytest.mark.parametrize("form", FORMS)
def test_a_wide_schema_is_cut_to_what_the_question_needs(form: SchemaForm) -> None:
    schema = wide(60)
    question = "Show detail 7 3 of spoke7 with the name of its hub"
    text = schema_text(schema, form, question=question, most_tokens=300)
    assert tokens(text) <= 300 < tokens(schema_text(schema, form))
    assert {"spoke7", "detail_7_3", "hub_id", "name"} <= set(re.findall(r"\w+", text))


def test_the_table_between_two_that_are_asked_for_stays() -> None:
    link = Table(
        "enrolment",
        (Column("student_no", "INTEGER", "integer"), Column("course_no", "INTEGER", "integer"), Column("mark", "REAL", "real")),
        None,
        (ForeignKey(("student_no",), "student", ("no",)), ForeignKey(("course_no",), "course", ("no",))),
    )
    ends = [
        Table(name, (Column("no", "INTEGER", "integer"), Column("title", "TEXT", "text")), Key(("no",))) for name in ("student", "course", "room")
    ]
    kept = relevant(Schema("school", "sqlite", (*ends, link)), "Which course does each student take?", 6)
    assert {table.name for table in kept.tables} == {"student", "course", "enrolment"}
    assert [key.other_table for key in kept.table("enrolment").foreign_keys] == ["student", "course"]


def test_a_schema_that_is_not_there_is_said_so(books: Databases) -> None:
    with pytest.raises(LookupError, match='no database is named "boks"'):
        books.schema("boks")
