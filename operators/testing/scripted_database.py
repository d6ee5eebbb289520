"""Databases for tests: one small shop in SQLite, in memory, under the name "shop"."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from operators.databases.execution import Execution, NotExecuted, ResultColumn, Rows, Statement
from operators.databases.schema import Column, ColumnStatistics, ForeignKey, Key, Schema, Table
from operators.databases.serving import DatabaseUnavailable

SHOP = (
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT)",
    "CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), total REAL)",
    "INSERT INTO customer VALUES (1, 'Ada', 'London'), (2, 'Grace', 'New York'), (3, 'Edsger', 'London'), (4, 'Alan', 'London')",
    "INSERT INTO purchase VALUES (1, 1, 10), (2, 1, 20.5), (3, 2, 5), (4, 3, 7.25)",
)


class ScriptedDatabase:
    """Keeps `operators.databases.serving.DatabaseServing` for one database. It limits nothing: only for statements that you write yourself.

    `executed` are the statements that it was given, in order.
    """

    def __init__(self, name: str = "shop", statements: Sequence[str] = SHOP) -> None:
        self.name = name
        self.executed: list[Statement] = []
        self._statements = tuple(statements)

    def names(self) -> Sequence[str]:
        return [self.name]

    def instances(self, database: str) -> Sequence[str]:
        return []

    def schema(self, database: str) -> Schema:
        if database != self.name:
            raise DatabaseUnavailable(f'no database is named "{database}"; there is {self.name}.')
        with closing(self._opened()) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
            return Schema(self.name, "sqlite", tuple(_table(connection, name) for name in names))

    def execute(self, database: str, sql: str) -> Execution:
        self.executed.append(Statement(database, sql))
        if database != self.name:
            return NotExecuted("no such database", f'no database is named "{database}"; there is {self.name}.')
        with closing(self._opened()) as connection:
            connection.execute("PRAGMA query_only = ON")
            try:
                cursor = connection.execute(sql)
                rows = tuple(cursor.fetchall())
            except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
                return NotExecuted("error", str(error))
            if cursor.description is None:
                return NotExecuted("refused", "it gives no rows")
            return Rows(tuple(ResultColumn(column[0], "any") for column in cursor.description), rows)

    def execute_all(self, statements: Iterable[Statement]) -> Iterator[Execution]:
        for statement in statements:
            yield self.execute(statement.database, statement.sql)

    async def execute_soon(self, database: str, sql: str) -> Execution:
        return self.execute(database, sql)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for statement in self._statements:
            connection.execute(statement)
        return connection


def _table(connection: sqlite3.Connection, name: str) -> Table:
    described = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (name,)).fetchall()
    foreign = connection.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (name,)).fetchall()
    keys = tuple(ForeignKey((mine,), other, (theirs,)) for mine, other, theirs in foreign)
    rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
    columns = tuple(_column(column, type_, [row[place] for row in rows]) for place, (column, type_, _) in enumerate(described))
    key = tuple(column for column, _, place in described if place)
    return Table(name, columns, Key(key) if key else None, keys, rows=len(rows))


def _column(name: str, type_: str, values: list[object]) -> Column:
    kinds: dict[str, object] = {"INTEGER": "integer", "REAL": "real"}
    counts = sorted({value: values.count(value) for value in values if value is not None}.items(), key=lambda pair: (-pair[1], str(pair[0])))
    nulls = values.count(None)
    low_and_high = (min(value for value, _ in counts), max(value for value, _ in counts)) if counts else (None, None)  # type: ignore[type-var]
    seen = ColumnStatistics(len(values), True, nulls, len(counts), *low_and_high, frequent=tuple(counts[:8]), mean_length=6.0)
    return Column(name, type_, kinds.get(type_, "text"), statistics=seen)  # type: ignore[arg-type]
