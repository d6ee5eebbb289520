"""A version under way that is a DuckDB file: rows go to a file that nobody sees, and the whole file is published at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from operators.tables.files.errors import access_error
from operators.tables.threads import usable_threads
from resources.warehouse import run_facts
from resources.warehouse.duckdb_files import DATABASE, FACTS, SCHEMAS, VECTOR_ROWS, attach_new, name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.kept_engines import writing_engine
from resources.warehouse.version_store import PinnedVersion

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROW_GROUP_BYTES = 32 << 20
"""Of the rows in memory, more or less, before they are a row group in the file."""
MAX_ROW_GROUP_ROWS = 60 * VECTOR_ROWS
MOST_AT_ONCE = 8
"""Row groups written at once, each by a thread of its own; so many are held in memory before they are written. No more than half as many as cores:
one core alone, and two that already have work, are faster one row group after the other."""


class Publisher(Protocol):
    """A store whose versions are files."""

    def publish(self, complete: Path) -> str: ...
    def publish_same(self, version: str, facts: Path) -> str | None: ...


@contextmanager
def duckdb_draft(publisher: Publisher, work: Path) -> Iterator[DuckDbDraft]:
    complete = work / "table.duckdb"
    with (
        _full_disk_said(f"{publisher}", work),
        writing_engine(work / "spill", DATABASE) as connection,
        closing(_File(connection, complete)) as file,
    ):
        yield DuckDbDraft(publisher, work, file, complete)


@contextmanager
def _full_disk_said(told_as: str, work: Path) -> Iterator[None]:
    """Raises WarehouseError in place of what DuckDB says of a disk without space."""
    import duckdb

    try:
        yield
    except (duckdb.Error, WarehouseError) as error:
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        raise WarehouseError(f"{told_as}: {access_error(work.parent, 'written', OSError(errno.ENOSPC, ''))}") from error


class DuckDbDraft:
    """A `Draft`."""

    def __init__(self, publisher: Publisher, work: Path, file: _File, complete: Path) -> None:
        self.work = work
        self._publisher = publisher
        self._file = file
        self._complete = complete

    def table(self, name: str, kept: pa.Schema, stored: pa.Schema) -> _Table:
        return _Table(self._file, name, kept, stored, f"{name} of {self._publisher}")

    def publish(self, run: Mapping[str, Any]) -> str:
        run_facts.write(self._file.connection, DATABASE, run)
        self._file.complete()
        return self._publisher.publish(self._complete)

    def publish_same(self, pin: PinnedVersion, run: Mapping[str, Any]) -> str | None:
        return self._publisher.publish_same(pin.version, _facts_alone(self._file.connection, self.work / "run.duckdb", run))


def _facts_alone(connection: DuckDBPyConnection, file: Path, run: Mapping[str, Any]) -> Path:
    """A file with nothing but the `run` table."""
    attach_new(connection, file, DATABASE + FACTS, VECTOR_ROWS)
    run_facts.write(connection, DATABASE + FACTS, run)
    connection.execute(f"CHECKPOINT {name(DATABASE + FACTS)}")
    connection.execute(f"DETACH {name(DATABASE + FACTS)}")
    return file


class _File:
    """The DuckDB file under way. It is created with the first rows, whose size tells how many make a row group.

    One thread writes row groups while others are made: `in_background` waits until the one before is written, so one at most is held for it.
    """

    def __init__(self, connection: DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._thread = ThreadPoolExecutor(1, "warehouse-writer")
        self._under_way: Future[None] | None = None
        self.row_group_rows = 0

    @property
    def connection(self) -> DuckDBPyConnection:
        """For one thread at a time: nothing is under way when it is given. Raises what went wrong in the background."""
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            under_way.result()
        return self._connection

    def in_background(self, write: Callable[[DuckDBPyConnection], None]) -> None:
        self._under_way = self._thread.submit(write, self.connection)

    def close(self) -> None:
        """Wait for what is under way, whether it succeeds or not."""
        self._thread.shutdown()

    def create(self, row_bytes: float) -> None:
        if not self.row_group_rows:
            vectors = int(ROW_GROUP_BYTES / max(row_bytes, 1)) // VECTOR_ROWS
            self.row_group_rows = max(VECTOR_ROWS, min(vectors * VECTOR_ROWS, MAX_ROW_GROUP_ROWS))
            attach_new(self.connection, self._path, DATABASE, self.row_group_rows)
            self.connection.execute(f"CREATE TABLE {DATABASE}.{SCHEMAS} (table_name VARCHAR, schema BLOB, row_count BIGINT, byte_count BIGINT)")

    def complete(self) -> None:
        self.connection.execute(f"CHECKPOINT {DATABASE}")
        self.connection.execute(f"DETACH {DATABASE}")


class _Table:
    """Gathers batches to whole row groups, a few at a time: each goes straight to its place in the file, and memory stays small."""

    def __init__(self, file: _File, name: str, kept: pa.Schema, stored: pa.Schema, told_as: str) -> None:
        self._file = file
        self._name = name
        self._table = f"{DATABASE}.{name}"
        self._told_as = told_as
        self._kept, self._stored = kept, stored
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._rows = self._bytes = 0
        self._created = False
        self._at_once = max(1, min(usable_threads() // 2, MOST_AT_ONCE))

    def write(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        self._waiting_bytes += batch.nbytes
        if self._waiting_bytes >= self._at_once * ROW_GROUP_BYTES or self._waiting_rows >= self._at_once * MAX_ROW_GROUP_ROWS:
            self._create()
            self._insert_row_groups()

    def close(self) -> None:
        self._create()
        self._insert_row_groups()
        if self._waiting_rows:
            self._insert(pa.Table.from_batches(self._waiting, schema=self._stored))
        facts = [self._name, self._kept.serialize().to_pybytes(), self._rows, self._bytes]
        self._file.connection.execute(f"INSERT INTO {DATABASE}.{SCHEMAS} VALUES (?, ?, ?, ?)", facts)

    def _create(self) -> None:
        if self._created:
            return
        self._file.create(self._waiting_bytes / max(self._waiting_rows, 1))
        kept = [*self._kept, pa.field("", pa.null())]  # a table without columns has one all the same
        selected = [_declaration(column, field.type) for column, field in zip(self._stored.names, kept, strict=False)]
        connection = self._file.connection
        with _registered(connection, self._stored.empty_table()) as view:
            connection.execute(f"CREATE TABLE {self._table} AS SELECT {', '.join(selected)} FROM {view}")
        self._created = True

    def _insert_row_groups(self) -> None:
        size = self._file.row_group_rows
        whole = self._waiting_rows - self._waiting_rows % size
        if not whole:
            return
        table = pa.Table.from_batches(self._waiting, schema=self._stored)
        groups = [table.slice(start, size) for start in range(0, whole, size)]
        for start in range(0, len(groups), self._at_once):
            self._insert(_at_once(groups[start : start + self._at_once]))
        self._waiting = table.slice(whole).to_batches()
        self._waiting_rows = sum(batch.num_rows for batch in self._waiting)
        self._waiting_bytes = sum(batch.nbytes for batch in self._waiting)

    def _insert(self, rows: pa.Table) -> None:
        self._file.in_background(lambda connection: self._insert_now(connection, rows))

    def _insert_now(self, connection: DuckDBPyConnection, rows: pa.Table) -> None:
        import duckdb

        if any(pa.types.is_nested(column) for column in self._stored.types):
            rows = _without_offsets(rows)
        if rows.num_rows > self._file.row_group_rows:
            connection.execute(f"SET threads = {self._at_once}")
        try:
            with _registered(connection, rows) as view:
                connection.execute(f"INSERT INTO {self._table} SELECT * FROM {view}")
        except duckdb.Error as error:
            raise WarehouseError(f"{self._told_as}: DuckDB refused the rows: {error}") from error


def _at_once(groups: Sequence[pa.Table]) -> pa.Table:
    """One batch a row group, of which DuckDB gives each to a thread, and keeps their order."""
    return groups[0] if len(groups) == 1 else pa.concat_tables(group.combine_chunks() for group in groups)


def _declaration(column: str, type_: pa.DataType) -> str:
    """JSON columns are JSON in SQL too, and what is not JSON is refused."""
    return f"{name(column)}::JSON AS {name(column)}" if type_ == pa.json_() else name(column)


def _without_offsets(rows: pa.Table) -> pa.Table:
    """The same rows in buffers of their own: DuckDB does not take structs that are slices of larger ones."""
    buffer = pa.BufferOutputStream()
    with pa.ipc.new_stream(buffer, rows.schema) as stream:
        stream.write_table(rows)
    return pa.ipc.open_stream(buffer.getvalue()).read_all()


@contextmanager
def _registered(connection: DuckDBPyConnection, rows: pa.Table) -> Iterator[str]:
    connection.register("arrow_rows", rows)
    try:
        yield "arrow_rows"
    finally:
        connection.unregister("arrow_rows")
