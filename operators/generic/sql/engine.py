"""A DuckDB that sees the rows that it is handed and nothing else: no file, no network, no extension, no setting that could bring them back.

This process only parses and binds. What runs on rows runs in a process of its own (`running`), whose memory and time are limited from outside.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS: Final = "rows"
"""What the table is called in SQL."""
_CONFIGURATION: Final[dict[str, Any]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "python_enable_replacements": "false",  # no variable of this process is a table
    "temp_directory": "",
    "threads": 1,  # the same rows give the same result in the same order
}
_SAME_EVERYWHERE: Final = ("SET TimeZone = 'UTC'",)
"""What DuckDB otherwise takes from the machine."""
_LOCKS: Final = ("SET enable_external_access = false", "SET lock_configuration = true")


class SQLError(ValueError):
    """What DuckDB says against a statement, in one line."""


class TookTooLong(SQLError):
    """The time was over."""


def connect(memory_mb: int, *statements: str) -> DuckDBPyConnection:
    """An empty database in memory, locked after `statements`."""
    import duckdb

    connection = duckdb.connect(":memory:", config={**_CONFIGURATION, "memory_limit": f"{memory_mb}MB"})
    for statement in (*statements, *_SAME_EVERYWHERE, *_LOCKS):
        connection.execute(statement)
    return connection


def bound_schema(query: str, rows: pa.Schema) -> pa.Schema:
    """The columns of the result on a table of this schema, as DuckDB's binder gives them. No row is read, and nothing is computed: not even
    constants.

    Raises:
        SQLError: the statement does not fit the columns.
    """
    import duckdb

    connection = _binder()
    connection.register(ROWS, plain(rows.empty_table()))
    try:
        bound = connection.sql(query)
        columns = ", ".join(f"NULL::{type_} AS {quoted(name)}" for name, type_ in zip(bound.columns, bound.types, strict=True))
        return connection.sql(f"SELECT {columns}").to_arrow_table().schema
    except duckdb.Error as error:
        raise SQLError(in_one_line(str(error))) from None
    finally:
        connection.unregister(ROWS)


def scalar(query: str, *values: Any) -> Any:
    """The first value of the first row; for questions about SQL itself."""
    rows = _binder().execute(query, list(values)).fetchall()
    return rows[0][0] if rows else None


_of_thread = threading.local()


def _binder() -> DuckDBPyConnection:
    """The connection of this thread."""
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = connect(256, "PRAGMA disable_optimizer")  # it would compute constants
    made: DuckDBPyConnection = _of_thread.connection
    return made


@functools.cache
def functions_of_kind(*kinds: str) -> frozenset[str]:
    """The functions that DuckDB has of these kinds: "aggregate"; "VOLATILE" and "CONSISTENT_WITHIN_QUERY", which depend on more than their
    arguments."""
    marks = ", ".join("?" for _ in kinds)
    said = f"SELECT list(DISTINCT function_name) FROM duckdb_functions() WHERE function_type IN ({marks}) OR stability IN ({marks})"
    return frozenset(scalar(said, *kinds, *kinds) or ())


def plain(rows: pa.Table) -> pa.Table:
    """Columns of types that DuckDB does not know as what they are made of: JSON as text, nulls as text."""
    for place, field in enumerate(rows.schema):
        if isinstance(field.type, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in rows.column(place).chunks], field.type.storage_type)
            rows = rows.set_column(place, field.name, column)
        elif pa.types.is_null(field.type):
            rows = rows.set_column(place, field.name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def in_one_line(said: str) -> str:
    """DuckDB's message without the copy of the statement and its arrow."""
    kept = [line.strip() for line in said.split("\n\nLINE ")[0].splitlines() if line.strip()]
    return " ".join(kept)
