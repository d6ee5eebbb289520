"""A DuckDB that sees the rows that it is handed and nothing else: no file, no network, no extension, no setting that could bring them back."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Result = TypeVar("Result")

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
_LOCKS: Final = ("SET enable_external_access = false", "SET lock_configuration = true")


class SQLError(ValueError):
    """What DuckDB says against a statement, in one line; or that it took too long."""


class TookTooLong(SQLError):
    """The time was over."""


class Engine:
    """One connection, for one thread."""

    def __init__(self, memory_mb: int) -> None:
        import duckdb

        self.connection: DuckDBPyConnection = duckdb.connect(":memory:", config={**_CONFIGURATION, "memory_limit": f"{memory_mb}MB"})
        for lock in _LOCKS:
            self.connection.execute(lock)

    def schema(self, query: str, rows: pa.Schema, seconds: float) -> pa.Schema:
        """The columns of the result, as DuckDB's binder gives them. No row is read.

        Raises:
            SQLError: the statement does not fit the columns.
        """
        with self._given(_plain(rows.empty_table())):
            return self._asked(lambda connection: connection.sql(query).limit(0).to_arrow_table(), seconds).schema

    def run(self, query: str, rows: pa.Table, seconds: float) -> pa.Table:
        """The result on these rows.

        Raises:
            SQLError: DuckDB cannot compute it, its memory is not enough, or the time is over.
        """
        with self._given(_plain(rows)):
            return self._asked(lambda connection: connection.sql(query).to_arrow_table(), seconds)

    def scalar(self, query: str, *values: Any) -> Any:
        """The first value of the first row; for questions about SQL itself."""
        row = self.connection.execute(query, list(values)).fetchone()
        return row[0] if row else None

    @contextmanager
    def _given(self, rows: pa.Table) -> Iterator[None]:
        self.connection.register(ROWS, rows)
        try:
            yield
        finally:
            self.connection.unregister(ROWS)

    def _asked(self, ask: Callable[[DuckDBPyConnection], Result], seconds: float) -> Result:
        import duckdb

        timer = threading.Timer(seconds, self.connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return ask(self.connection)
        except duckdb.InterruptException:
            raise TookTooLong(f"it took longer than seconds = {seconds:g}") from None
        except duckdb.Error as error:
            raise SQLError(_in_one_line(str(error))) from None
        except UnicodeDecodeError as error:
            raise SQLError(f"a text of the result is not valid: {error}") from None
        finally:
            timer.cancel()
            timer.join()


_of_thread = threading.local()


def engine(memory_mb: int) -> Engine:
    """The engine of this thread with so much memory; made when first asked for."""
    made: dict[int, Engine] = _of_thread.__dict__.setdefault("engines", {})
    if memory_mb not in made:
        made[memory_mb] = Engine(memory_mb)
    return made[memory_mb]


@functools.cache
def functions_of_kind(*kinds: str) -> frozenset[str]:
    """The functions that DuckDB has of these kinds: "aggregate"; "VOLATILE" and "CONSISTENT_WITHIN_QUERY", which depend on more than their
    arguments.
    """
    marks = ", ".join("?" for _ in kinds)
    said = f"SELECT list(DISTINCT function_name) FROM duckdb_functions() WHERE function_type IN ({marks}) OR stability IN ({marks})"
    return frozenset(engine(256).scalar(said, *kinds, *kinds) or ())


def _plain(rows: pa.Table) -> pa.Table:
    """Columns of types that DuckDB does not know as what they are made of: JSON as text, nulls as text."""
    for place, field in enumerate(rows.schema):
        if isinstance(field.type, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in rows.column(place).chunks], field.type.storage_type)
            rows = rows.set_column(place, field.name, column)
        elif pa.types.is_null(field.type):
            rows = rows.set_column(place, field.name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def _in_one_line(said: str) -> str:
    """DuckDB's message without the copy of the statement and its arrow."""
    kept = [line.strip() for line in said.split("\n\nLINE ")[0].splitlines() if line.strip()]
    return " ".join(kept)
