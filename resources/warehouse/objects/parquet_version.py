"""Reading a version that is Parquet files on an object store: what is asked for is fetched, and nothing is kept on this machine."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from operators.tables.threads import usable_threads
from resources.warehouse import run_facts
from resources.warehouse.duckdb_files import name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.object_file import ObjectFile
from resources.warehouse.objects.parquet_draft import hash_of
from resources.warehouse.objects.records import Manifest, Part, StoredParts
from resources.warehouse.objects.session import Session
from resources.warehouse.version_store import Stored, VersionStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READ_WHOLE_BYTES = 1 << 20
"""Smaller files are fetched with one request, whatever is wanted of them."""
_UNREADABLE = (pa.ArrowException, OSError, ValueError)


class ObjectVersion:
    """A `PinnedVersion`: its folder is held by the session of this process."""

    def __init__(self, store: VersionStore, version: str, folder: str, manifest: Manifest, bucket: Bucket, session: Session) -> None:
        """The session holds `folder` already, on behalf of this object."""
        self.store = store
        self.version = version
        self.manifest = manifest
        self.bucket = bucket
        self.session = session
        self._release = weakref.finalize(self, session.release, folder)

    def reader(self) -> ParquetReader:
        return ParquetReader(self)

    def attach(self, connection: DuckDBPyConnection, alias: str) -> None:
        """Views on the files, of which a query fetches the columns and row groups that it needs."""
        self.session.check()
        connection.execute(f"ATTACH ':memory:' AS {name(alias)}")
        run_facts.write(connection, alias, self.manifest.run)
        for table, stored in self.manifest.tables.items():
            view = f"{alias} {table}"
            connection.register(view, self._dataset(stored))
            selected = [
                f"{name(column)}::JSON AS {name(column)}" if field.type == pa.json_() else name(column)
                for column, field in zip(stored.stored.names, [*stored.kept, pa.field("", pa.null())], strict=False)
            ]
            connection.execute(f"CREATE VIEW {name(alias)}.{name(table)} AS SELECT {', '.join(selected)} FROM temp.main.{name(view)}")

    def facts_alias(self, alias: str) -> str:
        return alias

    def close(self) -> None:
        self._release()

    def damaged(self, part: Part, why: object) -> WarehouseError:
        said = str(why).splitlines()[0]
        where = f"{self.bucket.address}/{part.key}"
        return WarehouseError(f"{self.store} at {self.version}: {where} cannot be read ({said}). Materialize the table again.")

    def _dataset(self, stored: StoredParts) -> ds.Dataset | pa.Table:
        if not stored.parts:
            return stored.stored.empty_table()
        form = ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(pre_buffer=True, page_checksum_verification=True))
        files = [form.make_fragment(pa.PythonFile(ObjectFile(self.bucket, part), mode="r")) for part in stored.parts]
        return ds.FileSystemDataset(files, stored.stored, form)


class ParquetReader:
    """A `VersionReader`. Everything but the rows is in the manifest."""

    def __init__(self, version: ObjectVersion) -> None:
        self._of = version

    def table(self, name: str) -> Stored | None:
        stored = self._of.manifest.tables.get(name)
        return None if stored is None else stored.told

    def run_facts(self) -> dict[str, Any]:
        return run_facts.of_row(self._of.manifest.run)

    def close(self) -> None:
        """Nothing is open."""

    def batches(self, name: str, places: Sequence[int], rows: range, size: int) -> Iterator[pa.RecordBatch]:
        stored = self._of.manifest.tables[name]
        before = 0
        for part in stored.parts:
            here = range(max(rows.start - before, 0), min(rows.stop - before, part.rows))
            before += part.rows
            if here:
                self._of.session.check()
                yield from self._of_part(stored.stored, part, places, here, size)

    def _of_part(self, stored: pa.Schema, part: Part, places: Sequence[int], rows: range, size: int) -> Iterator[pa.RecordBatch]:
        whole = part.bytes <= READ_WHOLE_BYTES or (len(set(places)) == len(stored) and len(rows) == part.rows)
        source = self._checked(part) if whole else pa.PythonFile(ObjectFile(self._of.bucket, part), mode="r")
        try:
            file = pq.ParquetFile(source, pre_buffer=not whole, page_checksum_verification=True)
            wanted = pa.schema([stored.field(place) for place in places])
            for batch in _batches(file, stored, places, rows, size):
                columns = [_as(batch.column(stored.names[place]), field.type) for place, field in zip(places, wanted, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, schema=wanted)
        except _UNREADABLE as error:
            raise self._of.damaged(part, error) from error

    def _checked(self, part: Part) -> pa.BufferReader:
        """The whole file, as its hash says that it was written."""
        for _ in range(2):  # a body may be spoilt on its way
            found = self._of.bucket.get(part.key)
            if found is None:
                raise self._of.damaged(part, "it is gone: something else than this project removed it")
            if len(found.body) == part.bytes and hash_of(found.body) == part.hash:
                return pa.BufferReader(found.body)
        raise self._of.damaged(part, "it is not what was written: its hash differs")


def _batches(file: pq.ParquetFile, stored: pa.Schema, places: Sequence[int], rows: range, size: int) -> Iterator[pa.RecordBatch]:
    """Of the row groups that have them; columns by the numbers of their leaves, since names may hold dots."""
    groups, before, skipped = [], 0, 0
    for group in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if before + count <= rows.start:
            skipped += count
        elif before < rows.stop:
            groups.append(group)
        before += count
    leaves = _leaves(stored)
    chosen = sorted({leaf for place in places for leaf in leaves[place]})
    to_skip, left = rows.start - skipped, len(rows)
    for batch in file.reader.iter_batches(size, row_groups=groups, column_indices=chosen, use_threads=usable_threads() > 1):
        wanted = batch.slice(min(to_skip, batch.num_rows), left)
        to_skip -= batch.num_rows - batch.slice(min(to_skip, batch.num_rows)).num_rows
        left -= wanted.num_rows
        if wanted.num_rows:
            yield wanted
        if not left:
            return


def _leaves(schema: pa.Schema) -> list[range]:
    """Of each column, the numbers of the columns of the file that it is made of."""
    found, number = [], 0
    for field in schema:
        count = _count(field.type)
        found.append(range(number, number + count))
        number += count
    return found


def _count(type_: pa.DataType) -> int:
    if pa.types.is_struct(type_):
        return sum(_count(field.type) for field in type_)
    return _count(type_.value_type) if pa.types.is_list(type_) or pa.types.is_fixed_size_list(type_) else 1


def _as(column: pa.Array, type_: pa.DataType) -> pa.Array:
    """Parquet has no times of whole seconds, for example: they come back as milliseconds."""
    return column if column.type == type_ else column.cast(type_)
