"""CSV and TSV (RFC 4180, UTF-8) as Arrow and back. Every column is text unless declared; an empty field is null, a quoted one ("") empty text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.conversion import text_as
from operators.tables.files.delimited.records import RecordSplitter
from operators.tables.files.errors import FileFormatError
from operators.tables.files.json.encoding import iso_text, json_values
from operators.tables.files.json.writer import ByteSink
from operators.tables.files.streams import BOM

CHUNK_BYTES = 32 << 20
SCAN_ROWS = 8192
DELIMITERS = {"csv": ",", "tsv": "\t"}


class Chunk(NamedTuple):
    lines: list[int]
    records: list[bytes]


class DelimitedReader:
    """Files with a header line; `declared` columns are converted, and a row with a value that does not fit is bad."""

    def __init__(self, paths: Sequence[str], file_format: str, declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        self._delimiter = DELIMITERS[file_format]
        self._splitter = RecordSplitter(self._delimiter)
        self._declared = declared

    @cached_property
    def schema(self) -> pa.Schema:
        headers = {path: self._header(path) for path in self._paths}
        names = next((header for header in headers.values() if header), [])
        for path, header in headers.items():
            if header and set(header) != set(names):
                raise FileFormatError(
                    f"{path}: its columns are {', '.join(header)}; those of {self._paths[0]} are {', '.join(names)}. Read them apart."
                )
        if not names:
            return pa.schema(list(self._declared.items()))
        if unknown := [name for name in self._declared if name not in names]:
            raise FileFormatError(f'types: no column "{unknown[0]}" in {self._paths[0]}; its columns are {", ".join(names)}.')
        return pa.schema([(name, self._declared.get(name, pa.string())) for name in names])

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], SCAN_ROWS, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns])
        for path in self._paths:
            good, bad_before = 0, bad.count
            names = self._header(path)
            for chunk in self._chunks(path, names, size, bad):
                batch = self._convert(path, names, chunk, bad)
                good += batch.num_rows
                if batch.num_rows:
                    yield batch.select(columns).cast(wanted) if columns else batch.select([])
            if bad.count > bad_before and not good:
                raise FileFormatError(f"{path}: none of its {bad.count - bad_before} rows could be read. The last: {bad.rows[-1]}")

    def _header(self, path: str) -> list[str]:
        record = next(self._splitter.records(path), None)
        if record is None:
            return []
        line, raw, closed = record
        if not closed:
            raise FileFormatError(f"{path}:{line}: the header opens a quote that is never closed.")
        parsed = self._parse(raw, None, lambda row: "error")
        try:
            names = [(column[0].as_py() or b"").decode("utf-8") or f"column_{place}" for place, column in enumerate(parsed.columns, 1)]
        except UnicodeDecodeError:
            raise FileFormatError(f"{path}:{line}: the header is not UTF-8. Convert the file: iconv -t UTF-8.") from None
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise FileFormatError(f'{path}:{line}: the header has the column "{twice[0]}" twice. Rename one of them in the file.')
        return names

    def _chunks(self, path: str, names: Sequence[str], size: int, bad: BadRows) -> Iterator[Chunk]:
        chunk, weight = Chunk([], []), 0
        records = self._splitter.records(path)
        next(records, None)
        for line, raw, closed in records:
            if not closed:
                bad.add(path, line, "a quote is opened and never closed", raw)
                continue
            if not raw and len(names) > 1:
                continue  # a blank line; in a file of one column it is a null
            chunk.lines.append(line)
            chunk.records.append(raw)
            weight += len(raw)
            if len(chunk.lines) >= size or weight >= CHUNK_BYTES:
                yield chunk
                chunk, weight = Chunk([], []), 0
        if chunk.lines:
            yield chunk

    def _convert(self, path: str, names: Sequence[str], chunk: Chunk, bad: BadRows) -> pa.RecordBatch:
        mistakes: dict[int, str] = {}

        def set_aside(row: pa_csv.InvalidRow) -> str:
            mistakes[row.number - 1] = f"has {row.actual_columns} fields, the header {row.expected_columns}"
            return "skip"

        parsed = self._parse(b"\n".join(chunk.records), names, set_aside)
        places = [index for index in range(len(chunk.lines)) if index not in mistakes]
        arrays = []
        for name, column in zip(names, parsed.columns, strict=True):
            texts, wrong = _utf8(column.combine_chunks())
            if not wrong:
                texts, wrong = text_as(texts, self._declared.get(name, pa.string()))
            arrays.append(texts)
            for index, reason in wrong.items():
                mistakes.setdefault(places[index], f'column "{name}": {reason}')
        for index, reason in sorted(mistakes.items()):
            bad.add(path, chunk.lines[index], reason, chunk.records[index])
        keep = [index not in mistakes for index in places]
        if not all(keep):
            arrays = [array.filter(pa.array(keep)) for array in arrays]
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def _parse(self, raw: bytes, names: Sequence[str] | None, on_ragged: Any) -> pa.Table:
        known = {"column_names": list(names)} if names else {"autogenerate_column_names": True}
        columns = list(names) if names else [f"f{place}" for place in range(raw.count(self._delimiter.encode()) + 1)]
        return pa_csv.read_csv(
            # the parser drops a byte order mark wherever it begins: it is given one to drop, so that a text which begins with one keeps it
            pa.BufferReader(BOM + raw + b"\n"),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=len(raw) + 16, **known),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_ragged
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.binary() for name in columns},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
                check_utf8=False,
            ),
        )


def _utf8(column: pa.Array) -> tuple[pa.StringArray, dict[int, str]]:
    try:
        return column.cast(pa.string()), {}
    except pa.ArrowInvalid:
        texts: list[str | None] = []
        wrong: dict[int, str] = {}
        for index, value in enumerate(column.to_pylist()):
            try:
                texts.append(None if value is None else value.decode("utf-8"))
            except UnicodeDecodeError as error:
                texts.append(None)
                wrong[index] = f"invalid UTF-8 at byte {error.start + 1} of the field"
        return pa.array(texts, pa.string()), wrong


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
            columns = [_as_text(column, field.name) for column, field in zip(batch.columns, self._fields, strict=True)]
            self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._fields))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _as_it_is(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_) or pa.types.is_string(type_))


def _as_text(column: pa.Array, name: str) -> pa.Array:
    type_ = column.type
    if _as_it_is(type_):
        return column
    if pa.types.is_dictionary(type_) and not _as_it_is(type_.value_type):
        return _as_text(column.cast(type_.value_type), name)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_) or pa.types.is_null(type_) or pa.types.is_dictionary(type_):
        return column.cast(pa.string())
    if pa.types.is_date(type_) or pa.types.is_time(type_) or pa.types.is_timestamp(type_):
        return iso_text(column)
    values = json_values(column, name)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_) or type_ == pa.uuid():
        return pa.array(values, pa.string())
    return pa.array([None if value is None else orjson.dumps(value).decode() for value in values], pa.string())
