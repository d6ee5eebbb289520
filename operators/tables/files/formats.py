"""What each file format provides, and where it is found. A format's module is imported when a file of it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.errors import FileFormatError


class Reader(Protocol):
    """The files of one reading, of one format. `schema` and `batches` raise FileFormatError."""

    @property
    def schema(self) -> pa.Schema: ...

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]: ...

    def count_rows(self) -> int: ...


class Encoder(Protocol):
    """Writes rows to a binary file; `close` completes the file and leaves it open."""

    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


def open_reader(file_format: str, paths: Sequence[str], types: Mapping[str, pa.DataType]) -> Reader:
    if file_format == "parquet":
        from operators.tables.files.parquet import ParquetReader

        return ParquetReader(paths, types)
    if file_format == "arrow":
        from operators.tables.files.arrow_ipc import ArrowReader

        return ArrowReader(paths, types)
    if file_format == "warc":
        from operators.tables.files.warc.reader import WarcReader

        return WarcReader(paths, types)
    if file_format in ("csv", "tsv"):
        from operators.tables.files.delimited.reader import DelimitedReader

        return DelimitedReader(paths, file_format, types)
    from operators.tables.files.json.reader import JsonReader

    return JsonReader(paths, types)


def open_encoder(file_format: str, sink: Any, schema: pa.Schema) -> Encoder:
    if file_format == "parquet":
        from operators.tables.files.parquet import ParquetEncoder

        return ParquetEncoder(sink, schema)
    if file_format == "arrow":
        from operators.tables.files.arrow_ipc import ArrowEncoder

        return ArrowEncoder(sink, schema)
    if file_format in ("csv", "tsv"):
        from operators.tables.files.delimited.writer import DelimitedEncoder

        return DelimitedEncoder(sink, schema, file_format)
    if file_format == "warc":
        raise FileFormatError("WARC files are read, not written. Name a .jsonl or .parquet file.")
    from operators.tables.files.json.writer import JsonArrayEncoder, JsonLinesEncoder

    return JsonLinesEncoder(sink) if file_format == "jsonl" else JsonArrayEncoder(sink)
