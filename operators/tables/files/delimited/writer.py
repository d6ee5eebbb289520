"""Arrow as CSV and TSV (RFC 4180, UTF-8)."""

from __future__ import annotations

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv

from operators.tables.files.delimited.text import DELIMITERS
from operators.tables.files.errors import FileFormatError
from operators.tables.files.json.encoding import iso_text, json_values
from operators.tables.files.json.writer import ByteSink


class DelimitedEncoder:
    """Text is quoted, null is an empty field, nested values and JSON columns are JSON text, dates and times ISO 8601."""

    def __init__(self, sink: ByteSink, schema: pa.Schema, file_format: str) -> None:
        if "" in schema.names:
            raise FileFormatError("a column without a name cannot be written to CSV. Rename it.")
        self._fields = pa.schema([(field.name, field.type if _as_it_is(field.type) else pa.string()) for field in schema])
        options = pa_csv.WriteOptions(delimiter=DELIMITERS[file_format])
        self._writer = pa_csv.CSVWriter(sink, self._fields, write_options=options) if schema.names else None

    def write(self, batch: pa.RecordBatch) -> None:
        if self._writer is not None and batch.num_rows:
            columns = [as_text(column, field.name) for column, field in zip(batch.columns, self._fields, strict=True)]
            self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._fields))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _as_it_is(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_) or pa.types.is_string(type_))


def as_text(column: pa.Array, name: str) -> pa.Array:
    """A column as CSV has it: numbers and truth values as they are, everything else as text."""
    type_ = column.type
    if _as_it_is(type_):
        return column
    if pa.types.is_dictionary(type_) and not _as_it_is(type_.value_type):
        return as_text(column.cast(type_.value_type), name)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_) or pa.types.is_null(type_) or pa.types.is_dictionary(type_):
        return column.cast(pa.string())
    if pa.types.is_date(type_) or pa.types.is_time(type_) or pa.types.is_timestamp(type_):
        return iso_text(column, name)
    values = json_values(column, name)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_) or type_ == pa.uuid():
        return pa.array(values, pa.string())
    return pa.array([None if value is None else orjson.dumps(value).decode() for value in values], pa.string())
