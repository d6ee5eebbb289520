"""Tables of the warehouse as storages."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer
from resources.warehouse import kept_engines, run_facts
from resources.warehouse.arrow_types import from_stored, unlike_names
from resources.warehouse.duckdb_files import VECTOR_ROWS, name
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.read_ahead import ahead
from resources.warehouse.version_store import PinnedVersion, VersionStore
from resources.warehouse.writer import DATABASE, REJECTED, ROWS, SCHEMAS, VersionWriter, write_version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH_BYTES = 64 << 20


class Stored(NamedTuple):
    """A table of a version file: its Arrow schema, rows, and bytes as Arrow."""

    schema: pa.Schema
    rows: int
    bytes: int


def stored_table(connection: DuckDBPyConnection, table: str) -> Stored | None:
    """What the attached version file says of one of its tables; None where it has none of that name."""
    query = f"SELECT schema, row_count, byte_count FROM {DATABASE}.{SCHEMAS} WHERE table_name = ?"
    rows = connection.execute(query, [table]).fetchall()
    return Stored(pa.ipc.read_schema(pa.py_buffer(rows[0][0])), rows[0][1], rows[0][2]) if rows else None


class VersionStorage(Storage):
    """One version of a table, read-only. While the object lives, the version is not collected."""

    def __init__(self, pin: PinnedVersion, table: str = ROWS) -> None:
        self._pin = pin
        self._table = table
        self._found: Stored | None = None
        self._engine: DuckDBPyConnection | None = None

    def __repr__(self) -> str:
        return f"VersionStorage({self})"

    def __str__(self) -> str:
        return f"{self._pin.store}{'__rejected' if self._table == REJECTED else ''} at {self.version}"

    @property
    def version(self) -> str:
        return self._pin.version

    def before(self) -> VersionStorage | None:
        """The version that was published before this one; None if there is none, or it was collected."""
        store = self._pin.store
        older = [version for version in store.versions() if version < self.version]
        try:
            return VersionStorage(store.pin(older[-1])) if older else None
        except TableNotFound:  # collected between the two lines
            return None

    @property
    def schema(self) -> pa.Schema:
        """As it was written, with dictionary columns as plain values."""
        return self._stored().schema

    def count_rows(self) -> int:
        return self._stored().rows

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """As in `Storage`; of very long rows, fewer than `size` at a time."""
        return self._batches(columns, size, range(self.count_rows()))

    def rows_from(self, first: int, rows: int, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """As in `Storage`; what stands before is not read."""
        return self._batches(columns, size, range(self.count_rows())[first : first + rows])

    def count_bytes(self) -> int:
        return self._stored().bytes

    def location(self) -> dict[str, Any]:
        """For `open_location`."""
        return {"stored": "warehouse", **self._pin.store.location(), "versions": self.version, "table": self._table}

    def _batches(self, columns: Sequence[str] | None, size: int, rows: range) -> Iterator[pa.RecordBatch]:
        stored = self._stored()
        names = stored.schema.names
        places = range(len(names)) if columns is None else [self._place(column, names) for column in columns]
        wanted = pa.schema([stored.schema.field(place) for place in places], metadata=stored.schema.metadata)
        if not wanted.names:
            yield from _without_columns(len(rows), size)
            return
        row_bytes = stored.bytes / max(stored.rows, 1)
        size = max(1, min(size, int(BATCH_BYTES / max(row_bytes, 1))))
        yield from ahead(self._read(wanted, places, row_bytes, size, rows))

    def _read(self, wanted: pa.Schema, places: Sequence[int], row_bytes: float, size: int, rows: range) -> Iterator[pa.RecordBatch]:
        in_file = unlike_names(self.schema.names)
        with self._attached() as connection:
            if row_bytes * VECTOR_ROWS > 2**29:
                # DuckDB reads whole vectors: here one may hold more text than 32-bit offsets can address
                connection.execute("SET SESSION arrow_large_buffer_size = true")
            selected = ", ".join(_as_arrow(in_file[place], field.type) for place, field in zip(places, wanted, strict=True))
            # rows are never deleted or changed, so that their ids in the file are their places, and DuckDB skips the row groups of others
            where = "" if len(rows) == self.count_rows() else f" WHERE rowid >= {rows.start} AND rowid < {rows.stop}"
            for read in connection.sql(f"SELECT {selected} FROM {DATABASE}.{self._table}{where}").to_arrow_reader(max(size, VECTOR_ROWS)):
                for start in range(0, read.num_rows, size):
                    part = read.slice(start, size)
                    arrays = [from_stored(column, field.type) for column, field in zip(part.columns, wanted, strict=True)]
                    yield pa.RecordBatch.from_arrays(arrays, schema=wanted)

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        raise WarehouseError(f"{self}: a published version never changes. Write to the table, which publishes a new one.")

    def rejected(self) -> VersionStorage:
        """The rows that were set aside when this version was made. Raises TableNotFound if its writer kept none."""
        storage = VersionStorage(self._pin, REJECTED)
        storage._stored()
        return storage

    def run_facts(self) -> dict[str, Any]:
        """What is known of the run that made this version; see run_facts."""
        with self._attached() as connection:
            return run_facts.read(connection, self._pin.facts_alias(DATABASE))

    @contextmanager
    def _attached(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        if self._engine is None:  # starting one takes longer than reading a small table: it is kept with the object
            opened = kept_engines.take(DATABASE)
            self._pin.attach(opened, DATABASE)
            self._engine = opened
            weakref.finalize(self, kept_engines.give_back, opened)
        with closing(self._engine.cursor()) as connection:
            try:
                yield connection
            except (duckdb.Error, OSError, pa.ArrowException) as error:
                raise self._pin.damaged(str(self), error) from error

    def _stored(self) -> Stored:
        if self._found is None:
            with self._attached() as connection:
                self._found = stored_table(connection, self._table)
            if self._found is None:
                raise TableNotFound(f"{self}: this version was written without a table of rejected rows.")
        return self._found

    def _place(self, column: str, names: Sequence[str]) -> int:
        if column not in names:
            raise KeyError(f'{self}: no column "{column}"; its columns are {", ".join(names)}. {closest(column, names)}'.rstrip())
        return names.index(column)


class WarehouseStorage(Storage):
    """A table of the warehouse: reads the version that is current when a reading begins; what is written becomes the current version."""

    def __init__(self, store: VersionStore) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"WarehouseStorage({str(self._store)!r})"

    @property
    def pipeline(self) -> str:
        return self._store.pipeline

    @property
    def stage(self) -> str:
        return self._store.stage

    @property
    def shard(self) -> str | None:
        """The shard that this is of the stage's table; None for a whole table."""
        return self._store.shard

    def exists(self) -> bool:
        """Whether a version was ever published."""
        return self._store.published_at() is not None

    def current(self) -> VersionStorage:
        """The current version, pinned: what it reads does not change when a new version is published."""
        return VersionStorage(self._store.pin())

    def current_version(self) -> str:
        """Its id. Raises TableNotFound before the first version."""
        return self._store.current()

    def at(self, version: str) -> VersionStorage:
        """One version, by id, kept from collection while the object lives. Raises TableNotFound."""
        return VersionStorage(self._store.pin(version))

    def versions(self) -> list[str]:
        """Ids of the versions that are still there, oldest first; `at(id).run_facts()` tells about each."""
        return self._store.versions()

    @property
    def schema(self) -> pa.Schema:
        return self.current().schema

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        return self.current().batches(columns, size)

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        return self.current().read(columns)

    def count_rows(self) -> int:
        return self.current().count_rows()

    def rejected(self) -> VersionStorage:
        """The rows that were set aside when the current version was made. Raises TableNotFound if its writer kept none."""
        return self.current().rejected()

    def run_facts(self) -> dict[str, Any]:
        """What is known of the run that made the current version."""
        return self.current().run_facts()

    def writer_version(self, schema: pa.Schema, rejected_schema: pa.Schema | None = None) -> AbstractContextManager[VersionWriter]:
        """Write a new version; it is published when the context ends without an error. Raises UnstorableColumn."""
        return write_version(self._store, schema, rejected_schema)

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        return self.writer_version(schema)

    def drop(self) -> None:
        """Take the table away, with its versions, but for those that somebody reads."""
        self._store.drop()


def _as_arrow(column: str, type_: pa.DataType) -> str:
    return f"{name(column)}::VARCHAR" if type_ == pa.json_() else name(column)


def _without_columns(rows: int, size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        yield pa.RecordBatch.from_struct_array(pa.array([{}] * min(size, rows - start), pa.struct([])))
