"""A version under way on an object store: Parquet files of some megabytes, each written with one request as soon as it is full."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from resources.warehouse import kept_engines
from resources.warehouse.duckdb_files import DATABASE, name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.records import Part, StoredParts
from resources.warehouse.version_store import PinnedVersion

ROW_GROUP_BYTES = 32 << 20
"""As Arrow."""
PART_BYTES = 32 << 20
"""As Parquet. A file is written whole by one request, so that a kill leaves no unfinished uploads, and read whole to memory."""
HASH_BYTES = 16


class ParquetDraft:
    """A `Draft`. Two files at most are in memory: one that is filled, and one that is being written to the store."""

    def __init__(
        self,
        bucket: Bucket,
        folder: str,
        work: Path,
        told_as: str,
        publish: Callable[[Mapping[str, Any], Mapping[str, StoredParts]], str],
        same: Callable[[PinnedVersion], Mapping[str, StoredParts]],
    ) -> None:
        """`folder` is the key of the folder of the files. `publish` is given the run and the tables, `same` tells the tables of a version."""
        self.work = work
        self._bucket = bucket
        self._folder = folder
        self._told_as = told_as
        self._publish = publish
        self._same = same
        self._thread = ThreadPoolExecutor(1, "warehouse-upload")
        self._tables: dict[str, _Parts] = {}
        self._publishing = False

    def table(self, name: str, kept: pa.Schema, stored: pa.Schema) -> _Parts:
        self._tables[name] = _Parts(self._bucket, f"{self._folder}/{name}", self._thread, kept, stored, f"{name} of {self._told_as}")
        return self._tables[name]

    def publish(self, run: Mapping[str, Any]) -> str:
        self._publishing = True
        return self._publish(run, {name: table.finished() for name, table in self._tables.items()})

    def publish_same(self, pin: PinnedVersion, run: Mapping[str, Any]) -> str:
        version = self._publish(run, self._same(pin))
        self._remove_files()
        return version

    def close(self) -> None:
        """Wait for what is under way, whether it succeeds or not."""
        self._thread.shutdown()

    def give_up(self) -> None:
        """The version comes to nothing. Once it was being published nothing is removed: whether it counts may be uncertain, as where an answer was
        lost, and collection finds out."""
        self.close()
        if not self._publishing:
            self._remove_files()

    def _remove_files(self) -> None:
        """What cannot be removed now, collection removes."""
        with suppress(WarehouseError):
            self._bucket.delete([part.key for table in self._tables.values() for part in table.parts])


class _Parts:
    """A table of a version: a `TableSink`."""

    def __init__(self, bucket: Bucket, stem: str, thread: ThreadPoolExecutor, kept: pa.Schema, stored: pa.Schema, told_as: str) -> None:
        self.parts: list[Part] = []
        self._bucket, self._stem, self._thread = bucket, stem, thread
        self._kept, self._stored, self._told_as = kept, stored, told_as
        self._json = [column for column, field in zip(stored.names, kept, strict=False) if field.type == pa.json_()]
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self._file: pa.BufferOutputStream | None = None
        self._writer: pq.ParquetWriter | None = None
        self._rows_of_file = self._rows = self._bytes = 0
        self._under_way: Future[None] | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        rows = max(1, int(ROW_GROUP_BYTES * batch.num_rows / max(batch.nbytes, 1)))
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            self._waiting.append(part)
            self._waiting_bytes += part.nbytes
            if self._waiting_bytes >= ROW_GROUP_BYTES:
                self._write_row_group()

    def close(self) -> None:
        self._write_row_group()
        self._end_file()
        self._wait()

    def finished(self) -> StoredParts:
        return StoredParts(self._kept, self._stored, self._rows, self._bytes, tuple(self.parts))

    def _write_row_group(self) -> None:
        if not self._waiting:
            return
        rows = pa.Table.from_batches(self._waiting, schema=self._stored)
        self._waiting, self._waiting_bytes = [], 0
        self._check_json(rows)
        if self._writer is None:
            self._file = pa.BufferOutputStream()
            # each page carries a checksum, since a reader of some columns does not see the hash of the whole file
            self._writer = pq.ParquetWriter(self._file, self._stored, compression="zstd", write_page_checksum=True)
        self._writer.write_table(rows, row_group_size=max(rows.num_rows, 1))
        self._rows_of_file += rows.num_rows
        if self._file is not None and self._file.tell() >= PART_BYTES:
            self._end_file()

    def _end_file(self) -> None:
        if self._writer is None or self._file is None:
            return
        self._writer.close()
        body = memoryview(self._file.getvalue()).cast("B")
        key = f"{self._stem}-{len(self.parts):05d}.parquet"
        self.parts.append(Part(key, self._rows_of_file, len(body), hash_of(body)))
        self._writer = self._file = None
        self._rows_of_file = 0
        self._wait()
        self._under_way = self._thread.submit(self._bucket.put, key, body)

    def _wait(self) -> None:
        """One file at most is under way. Raises what went wrong with the one before."""
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            under_way.result()

    def _check_json(self, rows: pa.Table) -> None:
        """What is not JSON is refused, as by a DuckDB file."""
        if not self._json:
            return
        import duckdb

        engine = kept_engines.take(DATABASE)
        engine.register("arrow_rows", rows)
        try:
            for column in self._json:
                engine.execute(f"SELECT count({name(column)}::JSON) FROM arrow_rows").fetchall()
        except duckdb.Error as error:
            raise WarehouseError(f"{self._told_as}: DuckDB refused the rows: {error}") from error
        finally:
            engine.unregister("arrow_rows")
            kept_engines.give_back(engine)


def hash_of(body: bytes | memoryview) -> str:
    return hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest()
