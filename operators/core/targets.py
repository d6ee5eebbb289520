"""Where results are written: a Storage, a file in one of our formats, or a file in the format of an installed extension."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from operators.core import extensions
from operators.tables.errors import ParameterError, Problem, first_line
from operators.tables.files import FileStorage
from operators.tables.files.errors import access_error, explained
from operators.tables.files.overwriting import refuse_overwriting
from operators.tables.files.paths import COMPRESSIONS, FORMATS
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

Target: TypeAlias = "Storage | str | os.PathLike[str] | None"
Write: TypeAlias = Callable[[Storage, Path], Any]


def as_target(target: Target) -> Storage | None:
    """Where rows are to be written: a Storage, or the path of a file, which is replaced; its folder is made.

    Raises:
        ParameterError: it is neither, or no format has the ending of the file's name.
    """
    if target is None or isinstance(target, Storage):
        return target
    if not isinstance(target, str | os.PathLike):
        raise ParameterError(
            [Problem(f"rows are written to a path or a Storage, not to {type(target).__name__}", suggestion='output="kept.parquet"')]
        )
    path = Path(target)
    storage = _file(path)
    with explained(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
    return storage


def check_target(path: str | os.PathLike[str]) -> None:
    """That a file of this name can be written, so far as its name and its folder say.

    Raises:
        ParameterError: no format has the ending of the file's name.
        FileAccessError: its folder is a file, or nothing may be written to it.
    """
    path = Path(path)
    _file(path)
    there = next(folder for folder in path.absolute().parents if folder.exists() or folder == folder.parent)
    if not there.is_dir():
        raise access_error(path, "written", NotADirectoryError(errno.ENOTDIR, "not a folder"))
    if not os.access(there, os.W_OK | os.X_OK):
        raise access_error(path, "written", PermissionError(errno.EACCES, "no permission"))


def check_places(sources: Iterable[Storage], targets: Mapping[str, Storage | None]) -> None:
    """Raises ParameterError: two results would be written to one file, or one over a file that is read, under whatever names."""
    written = [(name, str(target.path)) for name, target in targets.items() if isinstance(target, FileStorage | FileOfExtension)]
    refuse_overwriting(written, {f"table {number}": source for number, source in enumerate(sources, 1)})


class FileOfExtension(Storage):
    """A file that an extension writes, under the entry point group "dataflow.exports". It can only be written."""

    def __init__(self, path: Path, write: Write) -> None:
        self.path = path
        self._write = write

    @contextmanager
    def writer(self, schema: pa.Schema) -> Iterator[Writer]:
        """The rows are collected in a file beside it, and handed to the extension when they are complete."""
        collected = FileStorage(self._beside(".parquet"), overwrite=True)
        try:
            with collected.writer(schema) as writer:
                yield writer
            self.write_table(collected)
        finally:
            Path(collected.path).unlink(missing_ok=True)

    def write_table(self, table: Storage) -> None:
        """All rows of a table; the file is replaced when it is complete.

        Raises:
            ParameterError: the extension failed.
        """
        unfinished = self._beside(self.path.suffix)
        try:
            self._write(table, unfinished)
            unfinished.replace(self.path)
        except Exception as error:  # code of an extension
            name = self.path.suffix.removeprefix(".")
            raise ParameterError([Problem(f'{self.path}: the format "{name}" of an extension could not be written: {first_line(error)}')]) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(f".{self.path.stem}-{secrets.token_hex(4)}{suffix}")

    @property
    def schema(self) -> pa.Schema:
        raise self._only_written()

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        raise self._only_written()

    def count_rows(self) -> int:
        raise self._only_written()

    def _only_written(self) -> TypeError:
        return TypeError(f"{self.path} is of a format of an extension, which can only be written. Read one of our own: {self.path.stem}.parquet.")


def formats_of_extensions() -> dict[str, Write]:
    """Ending -> function, of the formats that installed extensions write. Those that we write ourselves are none of them."""
    written = (ending for ending, file_format in FORMATS.items() if file_format != "warc")
    return extensions.load(extensions.EXPORTS, frozenset(ending.removeprefix(".") for ending in (*written, *COMPRESSIONS)))


def _file(path: Path) -> FileStorage | FileOfExtension:
    """By the ending of the file's name: the entry point "lance" writes *.lance."""
    brought = formats_of_extensions()
    write: Write | None = brought.get(path.suffix.removeprefix("."))
    if write is not None:
        return FileOfExtension(path, write)
    try:
        return FileStorage(path, overwrite=True)
    except ValueError as error:
        details = (("formats of extensions", ", ".join(sorted(brought))),) if brought else ()
        raise ParameterError([Problem(str(error), details=details)]) from error
