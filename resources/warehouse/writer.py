"""Writing a version: rows go to a file that nobody sees, and the whole file is published at once."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from resources.warehouse import run_facts
from resources.warehouse.arrow_types import kept_type, stored_type, to_stored, unlike_names
from resources.warehouse.content_hash import ContentHash
from resources.warehouse.duckdb_files import VECTOR_ROWS, attach_new, name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.kept_engines import give_back, take, writing_engine
from resources.warehouse.lease import FACTS
from resources.warehouse.version_store import VersionStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROW_GROUP_BYTES = 32 << 20
"""What is held in memory before it is written, more or less."""
MAX_ROW_GROUP_ROWS = 60 * VECTOR_ROWS
DATABASE = "version"
ROWS, REJECTED, SCHEMAS = "rows", "rejected", "arrow_schema"
NO_COLUMN = "_"
"""DuckDB has no tables without columns: an Arrow table without columns gets this one, of nulls."""


class VersionWriter:
    """Takes the rows of a version, its rejected rows, and in `run` what is known of the run (see run_facts)."""

    def __init__(self, store: VersionStore, work: Path, rows: _TableWriter, rejected: _TableWriter | None) -> None:
        self.run: dict[str, Any] = {}
        self.work = work
        """A folder for files on the way to the version; it is removed with all that is in it."""
        self._store = store
        self._rows = rows
        self._rejected = rejected
        self._version: str | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        self._rows.write(batch)

    def reject(self, batch: pa.RecordBatch) -> None:
        """Set rows aside. Raises WarehouseError where the writer was given no `rejected_schema`."""
        if self._rejected is None:
            raise WarehouseError(f"{self._store}: rows are rejected, but the version was opened without rejected_schema.")
        self._rejected.write(batch)

    @property
    def version(self) -> str:
        """The id of the version, once it is published: after the context has ended."""
        if self._version is None:
            raise WarehouseError(f"{self._store}: the version gets its id when it is published, at the end of the context.")
        return self._version


@contextmanager
def write_version(store: VersionStore, schema: pa.Schema, rejected_schema: pa.Schema | None = None) -> Iterator[VersionWriter]:
    """A writer whose version becomes the current one if the context ends without an error; else nothing changes.

    Several writers of one table do not wait for each other: each publishes a version of its own, and the last is current.
    """
    started, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    with store.writing() as work:
        complete = work / "table.duckdb"
        with writing_engine(work / "spill", DATABASE) as connection, closing(_File(connection, complete)) as file:
            rows = _TableWriter(file, ROWS, schema, str(store))
            rejected = None if rejected_schema is None else _TableWriter(file, REJECTED, rejected_schema, f"rejected rows of {store}")
            writer = VersionWriter(store, work, rows, rejected)
            yield writer
            for table in (rows, rejected):
                if table is not None:
                    table.close()
            measured = {
                "content_hash": rows.content_hash.hexdigest(),
                "rejected_hash": rejected.content_hash.hexdigest() if rejected else "",
                "rows": rows.count,
                "rejected_rows": rejected.count if rejected else 0,
                "bytes": rows.bytes,
                "started_at": started.isoformat(),
                "finished_at": datetime.datetime.now(datetime.UTC).isoformat(),
            }
            writer.run.setdefault("seconds", time.perf_counter() - clock)
            run_facts.write(file.connection, DATABASE, writer.run, measured)
            schemas = [table.schema_bytes for table in (rows, rejected) if table is not None]
            same = _same_as_current(store, measured, schemas)
            if same is not None:
                facts = _facts_alone(file.connection, work / "run.duckdb", writer.run, measured)
                writer._version = store.publish_same(same, facts)
            file.complete()
        if writer._version is None:
            writer._version = store.publish(complete)


def _same_as_current(store: VersionStore, measured: Mapping[str, Any], schemas: Sequence[bytes]) -> str | None:
    """The current version, if it has the same rows, the same rejected rows and the same columns."""
    try:
        pin = store.pin()
    except WarehouseError:  # there is none, or it cannot be read, and then it is replaced
        return None
    connection = take(DATABASE)
    try:
        pin.attach(connection, DATABASE)
        facts = run_facts.read(connection, pin.facts_alias(DATABASE))
        if any(facts[key] != measured[key] for key in ("content_hash", "rejected_hash")):
            return None
        stored = connection.execute(f"SELECT schema FROM {DATABASE}.{SCHEMAS} ORDER BY table_name = ?", [REJECTED]).fetchall()
        return pin.version if [bytes(row[0]) for row in stored] == list(schemas) else None
    except _damages():
        return None
    finally:
        give_back(connection)
        pin.close()


def _damages() -> tuple[type[Exception], ...]:
    """What DuckDB raises for a damaged file."""
    import duckdb

    return (WarehouseError, duckdb.Error, OSError)


def _facts_alone(connection: DuckDBPyConnection, file: Path, run: Mapping[str, Any], measured: Mapping[str, Any]) -> Path:
    """A file with nothing but the `run` table."""
    attach_new(connection, file, DATABASE + FACTS, VECTOR_ROWS)
    run_facts.write(connection, DATABASE + FACTS, run, measured)
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


class _TableWriter:
    """Gathers batches to whole row groups: inserted one by one, each goes straight to its place in the file, and memory stays small."""

    def __init__(self, file: _File, table: str, schema: pa.Schema, told_as: str) -> None:
        self._file = file
        self._table = f"{DATABASE}.{table}"
        self._name = table
        self._told_as = told_as
        self._given = schema
        self._kept = pa.schema([field.with_type(kept_type(field.type)) for field in schema], metadata=schema.metadata)
        physical = zip(unlike_names(schema.names), schema, strict=True)
        self._stored = pa.schema([(column, stored_type(field.type, field.name)) for column, field in physical] or [(NO_COLUMN, pa.bool_())])
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._created = False
        self.content_hash = ContentHash(self._kept, self._stored)
        self.count = self.bytes = 0

    @property
    def schema_bytes(self) -> bytes:
        serialized: bytes = self._kept.serialize().to_pybytes()
        return serialized

    def write(self, batch: pa.RecordBatch) -> None:
        stored = self._store(batch)
        self.content_hash.update(stored)
        self.count += stored.num_rows
        self.bytes += stored.nbytes
        self._waiting.append(stored)
        self._waiting_rows += stored.num_rows
        self._waiting_bytes += stored.nbytes
        if self._waiting_bytes >= ROW_GROUP_BYTES or self._waiting_rows >= MAX_ROW_GROUP_ROWS:
            self._create()
            self._insert_row_groups()

    def close(self) -> None:
        self._create()
        self._insert_row_groups()
        if self._waiting_rows:
            self._insert(pa.Table.from_batches(self._waiting, schema=self._stored))
        facts = [self._name, self.schema_bytes, self.count, self.bytes]
        self._file.connection.execute(f"INSERT INTO {DATABASE}.{SCHEMAS} VALUES (?, ?, ?, ?)", facts)

    def _store(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.schema.names != self._given.names:
            raise WarehouseError(f"{self._told_as}: a batch has the columns {batch.schema.names}, the table {self._given.names}.")
        if not self._given.names:
            return pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows, pa.bool_())], schema=self._stored)
        arrays = []
        for column, given, stored in zip(batch.columns, self._given, self._stored, strict=True):
            try:
                arrays.append(to_stored(column if column.type == given.type else column.cast(given.type), stored.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
                raise WarehouseError(f'{self._told_as}: column "{given.name}" is {column.type}, and as {given.type}: {error}.') from error
        return pa.RecordBatch.from_arrays(arrays, schema=self._stored)

    def _create(self) -> None:
        if self._created:
            return
        self._file.create(self._waiting_bytes / max(self._waiting_rows, 1))
        given = [*self._given, pa.field(NO_COLUMN, pa.bool_())]
        selected = [_declaration(column, field.type) for column, field in zip(self._stored.names, given, strict=False)]
        connection = self._file.connection
        with _registered(connection, self._stored.empty_table()) as view:
            connection.execute(f"CREATE TABLE {self._table} AS SELECT {', '.join(selected)} FROM {view}")
        self._created = True

    def _insert_row_groups(self) -> None:
        whole = self._waiting_rows - self._waiting_rows % self._file.row_group_rows
        if not whole:
            return
        table = pa.Table.from_batches(self._waiting, schema=self._stored)
        for start in range(0, whole, self._file.row_group_rows):
            self._insert(table.slice(start, self._file.row_group_rows))
        self._waiting = table.slice(whole).to_batches()
        self._waiting_rows = sum(batch.num_rows for batch in self._waiting)
        self._waiting_bytes = sum(batch.nbytes for batch in self._waiting)

    def _insert(self, rows: pa.Table) -> None:
        self._file.in_background(lambda connection: self._insert_now(connection, rows))

    def _insert_now(self, connection: DuckDBPyConnection, rows: pa.Table) -> None:
        import duckdb

        if any(pa.types.is_nested(column) for column in self._stored.types):
            rows = _without_offsets(rows)
        try:
            with _registered(connection, rows) as view:
                connection.execute(f"INSERT INTO {self._table} SELECT * FROM {view}")
        except duckdb.Error as error:
            raise WarehouseError(f"{self._told_as}: DuckDB refused the rows: {error}") from error


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
