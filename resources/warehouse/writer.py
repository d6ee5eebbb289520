"""Writing a version: rows go to a draft that nobody sees, and all of it is published at once."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from resources.warehouse import run_facts
from resources.warehouse.arrow_types import kept_type, stored_type, to_stored, unlike_names
from resources.warehouse.content_hash import ContentHash
from resources.warehouse.errors import WarehouseError
from resources.warehouse.version_store import REJECTED, ROWS, Draft, PinnedVersion, VersionStore

NO_COLUMN = "_"
"""DuckDB and Parquet have no tables without columns: an Arrow table without columns gets this one, of nulls."""


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
    with store.draft() as draft:
        rows = _TableWriter(draft, ROWS, schema, str(store))
        rejected = None if rejected_schema is None else _TableWriter(draft, REJECTED, rejected_schema, f"rejected rows of {store}")
        tables = [table for table in (rows, rejected) if table is not None]
        writer = VersionWriter(store, draft.work, rows, rejected)
        yield writer
        for table in tables:
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
        writer._version = _publish(store, draft, run_facts.row(writer.run, measured), tables)


def _publish(store: VersionStore, draft: Draft, run: Mapping[str, Any], tables: Sequence[_TableWriter]) -> str:
    same = _same_as_current(store, run, tables)
    if same is not None:
        try:  # pinned until the new version is current: its rows are those of the new one
            if version := draft.publish_same(same, run):
                return version
        finally:
            same.close()
    return draft.publish(run)


def _same_as_current(store: VersionStore, run: Mapping[str, Any], tables: Sequence[_TableWriter]) -> PinnedVersion | None:
    """The current version, if it has the same rows, the same rejected rows and the same columns."""
    try:
        pin = store.pin()
    except WarehouseError:  # there is none, or it cannot be read, and then it is replaced
        return None
    try:
        reader = pin.reader()
        try:
            facts = reader.run_facts()
            same = all(facts[key] == run[key] for key in ("content_hash", "rejected_hash"))
            if same and [_bytes_of(reader.table(name)) for name in (ROWS, REJECTED)] == [_bytes_of(table) for table in (*tables, None)][:2]:
                return pin
        finally:
            reader.close()
    except WarehouseError:
        pass  # a damaged one is replaced
    pin.close()
    return None


class _TableWriter:
    """Turns batches into what is stored, and counts and hashes them."""

    def __init__(self, draft: Draft, name: str, schema: pa.Schema, told_as: str) -> None:
        self._told_as = told_as
        self._given = schema
        self.schema = pa.schema([field.with_type(kept_type(field.type)) for field in schema], metadata=schema.metadata)
        physical = zip(unlike_names(schema.names), schema, strict=True)
        self._stored = pa.schema([(column, stored_type(field.type, field.name)) for column, field in physical] or [(NO_COLUMN, pa.bool_())])
        self._sink = draft.table(name, self.schema, self._stored)
        self.content_hash = ContentHash(self.schema, self._stored)
        self.count = self.bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        stored = self._store(batch)
        self.content_hash.update(stored)
        self.count += stored.num_rows
        self.bytes += stored.nbytes
        self._sink.write(stored)

    def close(self) -> None:
        self._sink.close()

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


def _bytes_of(table: Any) -> bytes | None:
    """The schema of a table, with everything in it; None where there is no table."""
    return None if table is None else bytes(table.schema.serialize().to_pybytes())
