"""Bytes into files, so that a file appears whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from operators.tables.files.errors import ExistingFileError, FileFormatError, access_error, explained
from operators.tables.files.zstd_checksum import ChecksumWriter

_BUFFER_BYTES = 1 << 20


@contextmanager
def atomic_file(path: str, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file to write (and perhaps close) that takes its final name only when the context ends without an error; folders are made as needed.

    A killed process leaves at most a hidden ".NAME.PID-XXXX.tmp" beside it, never half a file under the final name.

    Raises:
        FileAccessError: no space, no permission, a folder of this name, a name that is too long; said before the first row where it is known.
        ExistingFileError: there is a file, and `overwrite` is False.
    """
    final = Path(path)
    with explained(path, "written"):
        _refuse_to_overwrite(final, overwrite)
        final.parent.mkdir(parents=True, exist_ok=True)
        # the temporary name is longer than the final one, which may be as long as the file system allows
        temporary = final.with_name(f".{final.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
        raw = _ExplainedFile(temporary, path)
    try:
        with io.BufferedWriter(raw, _BUFFER_BYTES) as file:
            yield file
        with explained(path, "written"):
            sync(temporary)
            _refuse_to_overwrite(final, overwrite)
            temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with explained(path, "written"):
        sync(final.parent)


class _ExplainedFile(io.FileIO):
    """A new file whose errors name the file that it is going to be."""

    def __init__(self, temporary: Path, final: str) -> None:
        super().__init__(temporary, "xb")
        self._final = final

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise access_error(self._final, "written", error) from error


def compressed(file: IO[bytes], compression: str | None) -> AbstractContextManager[Any]:
    """A binary file to write that compresses into `file`, the same bytes for the same content."""
    if compression == "gzip":
        # Arrow's own would compress at level 9: three times slower for two percent less
        return gzip.GzipFile(filename="", mode="wb", compresslevel=5, fileobj=file, mtime=0)
    if compression == "zstd":
        return ChecksumWriter(file)
    return nullcontext(file)


def sync(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_to_overwrite(final: Path, overwrite: bool) -> None:
    if final.is_dir():
        raise FileFormatError(f"{final}: is a folder; name the file to write.")
    if final.exists() and not overwrite:
        raise ExistingFileError(f"{final}: exists already. Pass overwrite=True to replace it, or write to another name.")
