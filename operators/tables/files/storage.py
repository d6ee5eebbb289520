"""`FileStorage`: a file, or many of one format, as a table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.files.bad_rows import BadRow, BadRows
from operators.tables.files.declared_types import DeclaredType, declared_type
from operators.tables.files.errors import FileFormatError
from operators.tables.files.formats import Encoder, Reader
from operators.tables.files.paths import find_files, suffix_of
from operators.tables.files.streams import atomic_file, compressed
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer


class FileStorage(Storage):
    """JSON Lines, JSON, CSV, TSV or Parquet, by suffix; all but Parquet also with .gz or .zst. Values are kept exactly; no type is guessed.

    JSON columns have the narrowest type that holds every value; nested values of no common shape become JSON columns (`pa.json_()`), and a
    column with no value but null is text. CSV columns are text. A line that cannot be read is set aside in `bad_rows` and the rest is read on.

    Args:
        path: a file, a folder or a glob; many files are read in sorted order of their paths. Only a file can be written.
        types: column name in the file -> type (a Python type, its name, or an Arrow type), where the file's own would not do. A JSON
            column declared `str` keeps the JSON text of values that are not text.
        rename: column name in the file -> name in the table.
        overwrite: let `write` replace an existing file.

    Raises:
        FileNotFoundError: nothing is there; the message offers the closest name.
        FileFormatError: unknown suffix, mixed kinds in a column, a damaged file, a file without one good row.
        FileExistsError: `write` would replace a file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        types: Mapping[str, DeclaredType] | None = None,
        rename: Mapping[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path = os.fspath(path)
        self.types = {name: declared_type(name, declared) for name, declared in (types or {}).items()}
        self.rename = dict(rename or {})
        self.overwrite = overwrite
        self._bad = BadRows()
        self._opened: tuple[object, Reader] | None = None
        if not Path(self.path).is_dir() and not any(character in self.path for character in "*?["):
            suffix_of(self.path)

    def __repr__(self) -> str:
        return f"FileStorage({self.path!r})"

    @property
    def bad_rows(self) -> list[BadRow]:
        """The first 10,000 rows that the last run of `batches` set aside."""
        return self._bad.rows

    @property
    def bad_row_count(self) -> int:
        """How many rows the last run of `batches` set aside."""
        return self._bad.count

    @property
    def schema(self) -> pa.Schema:
        """For JSON this reads the files once; the answer is kept until they change."""
        return self._renamed(self._reader().schema)

    def count_rows(self) -> int:
        """Good rows. Reads the files, except Parquet."""
        return self._reader().count_rows()

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """As in `Storage`; a batch also ends at 32 MB of text. `bad_rows` starts anew."""
        reader = self._reader()
        schema = self._renamed(reader.schema)
        wanted = list(schema.names if columns is None else columns)
        if unknown := [name for name in wanted if name not in schema.names]:
            raise KeyError(f'{self.path}: no column "{unknown[0]}"; its columns are {", ".join(schema.names)}. {closest(unknown[0], schema.names)}')
        self._bad = BadRows()
        for batch in reader.batches([reader.schema.names[schema.get_field_index(name)] for name in wanted], size, self._bad):
            yield batch.rename_columns(wanted) if wanted else batch

    @contextmanager
    def writer(self, schema: pa.Schema) -> Iterator[Writer]:
        """As in `Storage`: the file takes its name when the context ends without an error, and is never seen half written."""
        suffix = suffix_of(self.path)
        if twice := [name for name in schema.names if schema.names.count(name) > 1]:
            raise FileFormatError(f'{self.path}: the table has the column "{twice[0]}" twice. Rename one.')
        with atomic_file(self.path, self.overwrite) as file, compressed(file, suffix.compression) as sink:
            encoder = _encoder(suffix.format, sink, schema)
            yield _Checked(encoder, schema, self.path)
            encoder.close()

    def _reader(self) -> Reader:
        paths = find_files(self.path)
        seen = [(path, status.st_mtime_ns, status.st_size) for path, status in ((path, Path(path).stat()) for path in paths)]
        if self._opened is None or self._opened[0] != seen:
            self._opened = (seen, _open(suffix_of(paths[0]).format, paths, self.types))
        return self._opened[1]

    def _renamed(self, schema: pa.Schema) -> pa.Schema:
        if not self.rename:
            return schema
        if schema.names and (unknown := [name for name in self.rename if name not in schema.names]):
            raise FileFormatError(f'rename: {self.path} has no column "{unknown[0]}"; its columns are {", ".join(schema.names)}.')
        names = [self.rename.get(name, name) for name in schema.names]
        if twice := [name for name in names if names.count(name) > 1]:
            raise FileFormatError(f'rename: two columns of {self.path} would be named "{twice[0]}".')
        return pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)], metadata=schema.metadata)


class _Checked:
    """Refuses batches of another schema before they reach the encoder."""

    def __init__(self, encoder: Encoder, schema: pa.Schema, path: str) -> None:
        self._encoder = encoder
        self._schema = schema
        self._path = path

    def write(self, batch: pa.RecordBatch) -> None:
        if batch.schema.names != self._schema.names:
            raise FileFormatError(f"{self._path}: a batch has the columns {batch.schema.names}; the table has {self._schema.names}.")
        self._encoder.write(batch if batch.schema.equals(self._schema) else batch.cast(self._schema))


def _open(file_format: str, paths: Sequence[str], types: Mapping[str, pa.DataType]) -> Reader:
    if file_format == "parquet":
        from operators.tables.files.parquet import ParquetReader

        return ParquetReader(paths, types)
    if file_format in ("csv", "tsv"):
        from operators.tables.files.delimited.storage import DelimitedReader

        return DelimitedReader(paths, file_format, types)
    from operators.tables.files.json.reader import JsonReader

    return JsonReader(paths, types)


def _encoder(file_format: str, sink: Any, schema: pa.Schema) -> Encoder:
    if file_format == "parquet":
        from operators.tables.files.parquet import ParquetEncoder

        return ParquetEncoder(sink, schema)
    if file_format in ("csv", "tsv"):
        from operators.tables.files.delimited.storage import DelimitedEncoder

        return DelimitedEncoder(sink, schema, file_format)
    from operators.tables.files.json.writer import JsonArrayEncoder, JsonLinesEncoder

    return JsonLinesEncoder(sink) if file_format == "jsonl" else JsonArrayEncoder(sink)
