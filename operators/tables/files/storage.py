"""`FileStorage`: a file, or many of one format, as a table."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.files.bad_rows import BadRow, BadRows
from operators.tables.files.declared_types import DeclaredType, declared_type
from operators.tables.files.errors import FileFormatError, explained
from operators.tables.files.formats import Encoder, Reader, open_encoder, open_reader
from operators.tables.files.paths import find_files, is_address, suffix_of
from operators.tables.files.snapshot import Snapshot
from operators.tables.files.streams import atomic_file, compressed
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer


class FileStorage(Storage):
    """JSON Lines, JSON, CSV, TSV, Parquet, Arrow or WARC, by suffix; text and WARC also with .gz or .zst. No value is changed, no type guessed.

    JSON columns have the narrowest type that holds every value; nested values of no common shape become JSON columns (`pa.json_()`), and a
    column with no value but null is text. CSV columns are text. A line that cannot be read is set aside in `bad_rows` and the rest is read on;
    a line of JSON that holds several objects counts once for each.
    Every byte of a file is in a row or in a bad row, or the reading fails: where one record ends and the next begins is never guessed.

    Args:
        path: a file, a folder or a glob; many files are read in sorted order of their paths, each once. Only a file can be written. A folder
            whose files or subfolders are named for several splits (train.jsonl and test.jsonl), or whose README.md tells several splits or
            configurations, as those of Hugging Face data sets are, is refused: the files of one have to be named.
        types: column name in the file -> type (a Python type, its name, or an Arrow type), where the file's own would not do. A JSON
            column declared `str` keeps the JSON text of values that are not text.
        rename: column name in the file -> name in the table.
        overwrite: let `write` replace an existing file.

    Raises:
        FileFormatError: unknown suffix, mixed kinds in a column, a damaged file, a file without one good row. Of the same family are
            MissingFileError (a FileNotFoundError: nothing is there; the message offers the closest name), FileAccessError (an OSError: no
            permission, no space), FileChangedError (changed while it was read) and ExistingFileError (a FileExistsError: `write` would replace it).
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
        self._opened: tuple[Snapshot, Reader] | None = None
        if is_address(self.path):
            raise FileFormatError(f"{self.path}: this is an address, not a file of this machine. Fetch it first; or write here, and copy it there.")
        with explained(self.path, "read"):
            named = not os.path.isdir(self.path) and not glob.has_magic(self.path)  # noqa: PTH112 (Path.is_dir raises for names that are too long)
        if named:
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
        snapshot, reader = self._opened_now()
        with snapshot.kept():
            return self._renamed(reader.schema)

    def count_rows(self) -> int:
        """Good rows. Reads the files, except Parquet."""
        snapshot, reader = self._opened_now()
        with snapshot.kept():
            return reader.count_rows()

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """As in `Storage`; a batch also ends at 32 MB of text. `bad_rows` starts anew."""
        snapshot, reader = self._opened_now()
        with snapshot.kept():
            schema = self._renamed(reader.schema)
            wanted = list(schema.names if columns is None else columns)
            inner = dict(zip(schema.names, reader.schema.names, strict=True))
            if unknown := [name for name in wanted if name not in inner]:
                raise KeyError(
                    f'{self.path}: no column "{unknown[0]}"; its columns are {", ".join(schema.names)}. {closest(unknown[0], schema.names)}'
                )
            self._bad = BadRows()
            for batch in reader.batches([inner[name] for name in wanted], size, self._bad):
                yield batch.rename_columns(wanted) if wanted else batch

    @contextmanager
    def writer(self, schema: pa.Schema) -> Iterator[Writer]:
        """As in `Storage`: the file takes its name when the context ends without an error, and is never seen half written."""
        suffix = suffix_of(self.path)
        if twice := _twice(schema.names):
            raise FileFormatError(f'{self.path}: the table has the column "{twice}" twice. Rename one.')
        with atomic_file(self.path, self.overwrite) as file, compressed(file, suffix.compression) as sink:
            encoder = open_encoder(suffix.format, sink, schema)
            yield _Checked(encoder, schema, self.path)
            encoder.close()

    def _opened_now(self) -> tuple[Snapshot, Reader]:
        """The files as they are now, and their reader: that of before, with what it found out, if they are the same."""
        paths = find_files(self.path)
        snapshot = Snapshot.of(paths)
        if self._opened is None or self._opened[0] != snapshot:
            self._opened = (snapshot, open_reader(suffix_of(paths[0]).format, paths, self.types))
        return self._opened

    def _renamed(self, schema: pa.Schema) -> pa.Schema:
        if not self.rename:
            return schema
        if schema.names and (unknown := [name for name in self.rename if name not in set(schema.names)]):
            raise FileFormatError(f'rename: {self.path} has no column "{unknown[0]}"; its columns are {", ".join(schema.names)}.')
        names = [self.rename.get(name, name) for name in schema.names]
        if twice := _twice(names):
            raise FileFormatError(f'rename: two columns of {self.path} would be named "{twice}".')
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


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name, count in Counter(names).items() if count > 1), None)
