"""The tables of an SQLite file on another engine, with types, keys and rows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from operators.databases.names import quoted
from operators.databases.schema import Column, Dialect, Schema, Table
from tests.database_servers import Server

CLASSES = ("integer", "real", "text", "date", "datetime", "boolean", "blob")
TYPES: dict[Dialect, dict[str, str]] = {
    "duckdb": dict(zip(CLASSES, ("BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "BLOB"), strict=True)),
    "postgres": dict(zip(CLASSES, ("BIGINT", "DOUBLE PRECISION", "TEXT", "DATE", "TIMESTAMP", "BOOLEAN", "BYTEA"), strict=True)),
    "mysql": dict(zip(CLASSES, ("BIGINT", "DOUBLE", "VARCHAR(500)", "DATE", "DATETIME", "BOOLEAN", "LONGBLOB"), strict=True)),
}


def copy_into_duckdb(schema: Schema, source: Path, target: Path) -> None:
    with duckdb.connect(str(target)) as connection:
        for table in schema.tables:
            if table.is_view:
                continue
            connection.execute(made(table, "duckdb"))
            rows = rows_of(table, source)
            columns = {f"c{place}": pa.array([row[place] for row in rows]) for place in range(len(table.columns))}
            given = pa.table(columns)
            connection.register("given", given)
            connection.execute(f"INSERT INTO {quoted(table.name, 'duckdb')} SELECT * FROM given")
            connection.unregister("given")


def copy_onto(server: Server, schema: Schema, source: Path, database: str) -> None:
    """Into a database of this name, which is made, and which `reader` may read."""
    dialect: Dialect = "postgres" if server.engine == "postgres" else "mysql"
    name = quoted(database, dialect)
    utf8 = "" if dialect == "postgres" else " CHARACTER SET utf8mb4"
    server.run(f"CREATE DATABASE {name}{utf8}", database="postgres" if dialect == "postgres" else "")
    with contextlib.closing(server.connection(database)) as connection, connection.cursor() as cursor:
        for table in schema.tables:
            if table.is_view:
                continue
            cursor.execute(made(table, dialect))
            marks = ", ".join(["%s"] * len(table.columns))
            rows = rows_of(table, source)
            for start in range(0, len(rows), 1000):
                cursor.executemany(f"INSERT INTO {quoted(table.name, dialect)} VALUES ({marks})", rows[start : start + 1000])
        grant = "ON ALL TABLES IN SCHEMA public TO reader" if dialect == "postgres" else f"ON {name}.* TO reader@'%'"
        cursor.execute(f"GRANT SELECT {grant}")


def made(table: Table, dialect: Dialect) -> str:
    """CREATE TABLE, with the primary key, and for MySQL indexes of the foreign keys: it joins by nothing else."""
    key = table.primary_key
    keyed = {*(key.columns if key else ()), *(name for one in table.foreign_keys for name in one.columns)}
    parts = [
        f"{quoted(column.name, dialect)} {_key_type(column, dialect) if column.name in keyed else _type(column, dialect)}" for column in table.columns
    ]
    if key is not None and not key.inferred and all(_is_short(table.column(name)) for name in key.columns):
        parts.append(f"PRIMARY KEY ({', '.join(quoted(name, dialect) for name in key.columns)})")
    if dialect == "mysql":
        pointing = {name for one in table.foreign_keys for name in one.columns if _is_short(table.column(name))}
        parts += [f"INDEX ({quoted(name, dialect)})" for name in sorted(pointing)]
    return f"CREATE TABLE {quoted(table.name, dialect)} ({', '.join(parts)})"


def _is_short(column: Column) -> bool:
    """Whether it can be indexed: whole, and without nulls that the copy makes of odd values."""
    return _class(column) in ("integer", "text") and bool(column.statistics and not column.statistics.nulls)


def rows_of(table: Table, source: Path) -> list[Sequence[Any]]:
    with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace").replace("\0", "")
        names = ", ".join(quoted(column.name, "sqlite") for column in table.columns)
        found = connection.execute(f"SELECT {names} FROM {quoted(table.name, 'sqlite')}").fetchall()
    places = range(len(table.columns))
    return [tuple(_value(row[place], table.columns[place]) for place in places) for row in found]


def _key_type(column: Column, dialect: Dialect) -> str:
    """MySQL's indexes are of at most 3,072 bytes, four for each character."""
    return "VARCHAR(190)" if dialect == "mysql" and _class(column) == "text" and _is_short(column) else _type(column, dialect)


def _type(column: Column, dialect: Dialect) -> str:
    return TYPES[dialect].get(_class(column), TYPES[dialect]["text"])


def _class(column: Column) -> str:
    """What all of its values are; columns of days that hold other texts are texts."""
    if column.type_class in ("date", "datetime"):
        return column.type_class if all(isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-" for value in column.samples) else "text"
    return column.type_class


def _value(value: Any, column: Column) -> Any:
    kind = _class(column)
    if value is None or (value == "" and kind not in ("text", "blob")):
        return None
    if kind == "text":
        return value if isinstance(value, str) else str(value)
    if kind in ("integer", "real"):
        try:
            return int(value) if kind == "integer" else float(value)
        except (TypeError, ValueError):
            return None
    return value
