"""Tables of the warehouse as storages."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer
from resources.warehouse.arrow_types import from_stored
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.read_ahead import ahead
from resources.warehouse.table_run import MADE_BY_RUN, TableRun
from resources.warehouse.version_store import REJECTED, ROWS, PinnedVersion, Stored, VersionReader, VersionStore
from resources.warehouse.writer import VersionWriter, write_version

BATCH_BYTES = 64 << 20


class VersionStorage(Storage):
    """One version of a table, read-only. While the object lives, the version is not collected."""

    def __init__(self, pin: PinnedVersion, table: str = ROWS) -> None:
        self._pin = pin
        self._table = table
        self._reader: VersionReader | None = None

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
        yield from ahead(self._read(wanted, places, size, rows))

    def _read(self, wanted: pa.Schema, places: Sequence[int], size: int, rows: range) -> Iterator[pa.RecordBatch]:
        for batch in self._opened().batches(self._table, places, rows, size):
            arrays = [from_stored(column, field.type) for column, field in zip(batch.columns, wanted, strict=True)]
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
        return self._opened().run_facts()

    def _opened(self) -> VersionReader:
        if self._reader is None:  # it is kept with the object
            self._reader = self._pin.reader()
            weakref.finalize(self, self._reader.close)
        return self._reader

    def _stored(self) -> Stored:
        if (found := self._opened().table(self._table)) is None:
            raise TableNotFound(f"{self}: this version was written without a table of rejected rows.")
        return found

    def _place(self, column: str, names: Sequence[str]) -> int:
        if column not in names:
            raise KeyError(f'{self}: no column "{column}"; its columns are {", ".join(names)}. {closest(column, names)}'.rstrip())
        return names.index(column)


class WarehouseStorage(Storage):
    """A table of the warehouse: reads the version that is current when a reading begins; what is written becomes the current version.

    For a run that makes the table itself, "current" is the version that it made, also where another run published one since.
    """

    def __init__(self, store: VersionStore, run: TableRun | None = None) -> None:
        self._store = store
        self._run = run

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
        current = VersionStorage(self._store.pin())
        return current if self.is_of_run(current) else (self._newest_of_run() or current)

    def is_of_run(self, version: VersionStorage) -> bool:
        """False for a version that another run published of a table that this run makes itself."""
        if self._run is None or (self.pipeline, self.stage) not in self._run.makes:
            return True
        facts = version.run_facts()
        return MADE_BY_RUN not in facts or self._run.made(facts)

    def _newest_of_run(self) -> VersionStorage | None:
        assert self._run is not None
        for version in reversed(self._store.versions()):
            try:
                found = self.at(version)
            except TableNotFound:  # collected meanwhile
                continue
            if self._run.made(found.run_facts()):
                return found
        return None

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

    @contextmanager
    def writer_version(self, schema: pa.Schema, rejected_schema: pa.Schema | None = None) -> Iterator[VersionWriter]:
        """Write a new version; it is published when the context ends without an error. Raises UnstorableColumn."""
        with write_version(self._store, schema, rejected_schema) as version:
            if self._run is not None:
                version.run[MADE_BY_RUN] = self._run.id
            yield version

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        return self.writer_version(schema)

    def drop(self) -> None:
        """Take the table away, with its versions, but for those that somebody reads."""
        self._store.drop()


def _without_columns(rows: int, size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        yield pa.RecordBatch.from_struct_array(pa.array([{}] * min(size, rows - start), pa.struct([])))
