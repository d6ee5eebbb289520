"""Parquet files: Arrow types are kept as they are, except that dictionary columns come back as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.errors import FileFormatError

ROW_GROUP_ROWS = 100_000
ROW_GROUP_BYTES = 64 << 20


class ParquetReader:
    """`declared` types are cast to, and a value that would change stops the reading. A column that one file lacks is null there."""

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        self._declared = declared

    @cached_property
    def schema(self) -> pa.Schema:
        schemas = []
        for path in self._paths:
            with _open(path) as file:
                schemas.append(_plain(file.schema_arrow))
        try:
            schema = pa.unify_schemas(schemas)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise FileFormatError(
                f"{self._paths[0]} and the files beside it differ in a type: {error}. Declare the type, or read them apart."
            ) from error
        if unknown := [name for name in self._declared if name not in schema.names]:
            raise FileFormatError(f'types: no column "{unknown[0]}" in {self._paths[0]}; its columns are {", ".join(schema.names)}.')
        return pa.schema([field.with_type(self._declared.get(field.name, field.type)) for field in schema], metadata=schema.metadata)

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
                present = [name for name in columns if name in file.schema_arrow.names]
                # a name with a dot would be taken for a path into a struct: then everything is read
                narrow = present if present and not any("." in name for name in file.schema_arrow.names) else None
                try:
                    for batch in file.iter_batches(batch_size=size, columns=narrow, use_threads=False):
                        yield _as(batch, wanted, path)
                except (OSError, pa.ArrowInvalid) as error:
                    raise FileFormatError(f"{path}: the Parquet file is damaged ({error}). Write or fetch it again.") from error


def _open(path: str) -> Any:
    try:
        return pq.ParquetFile(path, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise FileFormatError(f"{path}: is not a Parquet file, or only a part of one ({error}). Write or fetch it again.") from error


def _plain(schema: pa.Schema) -> pa.Schema:
    types = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema]
    return pa.schema([field.with_type(type_) for field, type_ in zip(schema, types, strict=True)], metadata=schema.metadata)


def _as(batch: pa.RecordBatch, schema: pa.Schema, path: str) -> pa.RecordBatch:
    if not schema.names:
        return batch.select([])
    arrays = []
    for field in schema:
        if field.name not in batch.schema.names:
            arrays.append(pa.nulls(batch.num_rows, field.type))
            continue
        column = batch.column(field.name)
        try:
            arrays.append(column if column.type == field.type else column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise FileFormatError(f'{path}: column "{field.name}" is {column.type} and cannot become {field.type}: {error}.') from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class ParquetEncoder:
    """Row groups of at most 100,000 rows or 64 MB, compressed with zstd."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        try:
            self._writer = pq.ParquetWriter(file, schema, compression="zstd")
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
