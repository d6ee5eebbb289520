"""Parquet files: Arrow types are kept as they are, except that dictionary columns come back as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.columnar import common_schema, conformed
from operators.tables.files.errors import FileFormatError, explained

ROW_GROUP_ROWS = 100_000
ROW_GROUP_BYTES = 64 << 20


class ParquetReader:
    """`declared` types are cast to, and a value that would change stops the reading. A column that one file lacks is null there.

    Pages that carry a checksum, as those written here do, are checked.
    """

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        self._declared = declared

    @cached_property
    def schema(self) -> pa.Schema:
        schemas = []
        for path in self._paths:
            with _open(path) as file:
                schemas.append(file.schema_arrow)
        return common_schema(self._paths, schemas, self._declared)

    def count_rows(self) -> int:
        count = 0
        for path in self._paths:
            with _open(path) as file:
                count += file.metadata.num_rows
        return count

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns], metadata=self.schema.metadata)
        for path in self._paths:
            with _open(path) as file:
                in_file = set(file.schema_arrow.names)
                present = [name for name in columns if name in in_file]
                # a name with a dot would be taken for a path into a struct: then everything is read
                narrow = present if present and not any("." in name for name in in_file) else None
                rows = 0
                for batch in file.iter_batches(batch_size=size, columns=narrow, use_threads=False):
                    rows += batch.num_rows
                    yield conformed(batch, wanted, path)
                if rows != file.metadata.num_rows:
                    raise _damaged(path, f"it has {rows:,} rows, and its footer says {file.metadata.num_rows:,}")


@contextmanager
def _open(path: str) -> Iterator[pq.ParquetFile]:
    """The file, and inside the context whatever Arrow finds wrong with it as a FileFormatError."""
    with explained(path, "read"), open(path, "rb") as raw:  # noqa: PTH123 (errors of the system come with their number)
        try:
            with pq.ParquetFile(raw, pre_buffer=False, page_checksum_verification=True) as file:
                _check_footer(path, file)
                yield file
        except FileFormatError:
            raise
        except pa.ArrowNotImplementedError as error:
            raise FileFormatError(f"{path}: holds what Arrow cannot read yet ({error}). Drop or cast that column where the file is made.") from error
        except (pa.ArrowException, ValueError, IndexError, MemoryError) as error:
            raise _damaged(path, str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damaged(path, str(error)) from error


def _check_footer(path: str, file: pq.ParquetFile) -> None:
    """The footer has no checksum, but says some things twice."""
    groups = sum(file.metadata.row_group(index).num_rows for index in range(file.metadata.num_row_groups))
    if groups != file.metadata.num_rows:
        raise _damaged(path, f"its row groups have {groups:,} rows, and its footer says {file.metadata.num_rows:,}")
    if file.metadata.num_row_groups:
        group = file.metadata.row_group(0)
        names = [group.column(index).path_in_schema for index in range(group.num_columns)]
        known = [file.schema.column(index).path for index in range(len(file.schema))]
        if names != known:
            raise _damaged(path, f"its footer names the columns {', '.join(known[:8])} and {', '.join(names[:8])}")


def _damaged(path: str, why: str) -> FileFormatError:
    return FileFormatError(f"{path}: is not a Parquet file, or the Parquet file is damaged or only a part of one ({why}). Write or fetch it again.")


class ParquetEncoder:
    """Row groups of at most 100,000 rows or 64 MB, compressed with zstd, each page with a checksum."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        try:
            self._writer = pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise FileFormatError(f"Parquet cannot hold this table: {error}. Cast or drop the column.") from error
        self._schema = schema
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._write_row_group()

    def close(self) -> None:
        self._write_row_group()
        self._writer.close()

    def _write_row_group(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._waiting, schema=self._schema), row_group_size=self._rows)
        self._waiting, self._rows, self._bytes = [], 0, 0
