"""Reading a version that is a DuckDB file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from resources.warehouse import kept_engines, run_facts
from resources.warehouse.arrow_types import unlike_names
from resources.warehouse.duckdb_files import DATABASE, SCHEMAS, VECTOR_ROWS, name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.version_store import Stored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGE_VECTOR_BYTES = 2**29
MEGABYTES = 128
"""Of memory to read a file with. DuckDB by itself keeps what it read, up to four fifths of the machine's memory in each process."""
_VECTORS = 4
"""So many have to fit into it."""


class PinnedFile(Protocol):
    """A version file that is not collected."""

    def attach(self, connection: DuckDBPyConnection, alias: str) -> None: ...
    def facts_alias(self, alias: str) -> str: ...
    def damaged(self, error: Exception) -> WarehouseError: ...


class DuckDbReader:
    """Holds an engine until it is closed: starting one takes longer than reading a small table. It may be closed by a finalizer."""

    def __init__(self, file: PinnedFile) -> None:
        self._file = file
        self._engine = kept_engines.take(DATABASE)
        self._megabytes = 0
        self._allow(MEGABYTES)
        file.attach(self._engine, DATABASE)
        self._tables: dict[str, Stored | None] = {}

    def close(self) -> None:
        kept_engines.give_back(self._engine)

    def table(self, name: str) -> Stored | None:
        if name not in self._tables:
            with self._connection() as connection:
                query = f"SELECT schema, row_count, byte_count FROM {DATABASE}.{SCHEMAS} WHERE table_name = ?"
                rows = connection.execute(query, [name]).fetchall()
                self._tables[name] = Stored(pa.ipc.read_schema(pa.py_buffer(rows[0][0])), rows[0][1], rows[0][2]) if rows else None
        return self._tables[name]

    def run_facts(self) -> dict[str, Any]:
        with self._connection() as connection:
            return run_facts.read(connection, self._file.facts_alias(DATABASE))

    def batches(self, name: str, places: Sequence[int], rows: range, size: int) -> Iterator[pa.RecordBatch]:
        stored = self.table(name)
        assert stored is not None, "who asks for rows has asked for the table"
        in_file = unlike_names(stored.schema.names)
        selected = ", ".join(_as_arrow(in_file[place], stored.schema.field(place).type) for place in places)
        vector_bytes = stored.bytes / max(stored.rows, 1) * VECTOR_ROWS
        self._allow(int(_VECTORS * vector_bytes) >> 20)
        with self._connection() as connection:
            if vector_bytes > _LARGE_VECTOR_BYTES:
                # DuckDB reads whole vectors: here one may hold more text than 32-bit offsets can address
                connection.execute("SET SESSION arrow_large_buffer_size = true")
            at, lifted = rows.start, False
            while at < rows.stop:
                # rows are never deleted or changed, so that their ids in the file are their places, and DuckDB skips the row groups of others
                where = "" if at == 0 and rows.stop == stored.rows else f" WHERE rowid >= {at} AND rowid < {rows.stop}"
                try:
                    for read in connection.sql(f"SELECT {selected} FROM {DATABASE}.{name}{where}").to_arrow_reader(max(size, VECTOR_ROWS)):
                        for start in range(0, read.num_rows, size):
                            batch = read.slice(start, size)
                            at += batch.num_rows
                            yield batch
                    if at < rows.stop:
                        raise OSError(f"row {at} and those behind it are not there")
                except Exception as error:
                    if lifted or "Out of Memory" not in str(error):
                        raise
                    lifted = True  # some texts are many times as long as the mean
                    self._megabytes = sys.maxsize
                    self._engine.execute("RESET memory_limit")

    def _allow(self, megabytes: int) -> None:
        """Take at most so much memory, or what was allowed before if that is more."""
        if megabytes > self._megabytes:
            self._megabytes = megabytes
            self._engine.execute(f"SET memory_limit = '{megabytes}MB'")

    @contextmanager
    def _connection(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        with closing(self._engine.cursor()) as connection:
            try:
                yield connection
            except (duckdb.Error, OSError, pa.ArrowException) as error:
                raise self._file.damaged(error) from error


def _as_arrow(column: str, type_: pa.DataType) -> str:
    return f"{name(column)}::VARCHAR" if type_ == pa.json_() else name(column)
