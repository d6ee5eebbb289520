"""Bytes into files, so that a file appears whole or not at all."""

from __future__ import annotations

import fcntl
import glob
import gzip
import io
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

from operators.tables.files.errors import ExistingFileError, FileFormatError, access_error, explained
from operators.tables.files.zstd_checksum import ChecksumWriter

_BUFFER_BYTES = 1 << 20
_BEING_MADE_SECONDS = 60.0
"""A file that is younger may not be locked yet."""


@contextmanager
def atomic_file(path: str, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file to write (and perhaps close) that takes its final name only when the context ends without an error; folders are made as needed.

    A killed process leaves at most a hidden ".NAME.PID-XXXX.tmp" beside it, never half a file under the final name.
    The next that writes NAME removes it.

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
        _remove_abandoned(final)
        raw = _ExplainedFile(temporary, path)
        lock = _locked(raw)
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
    finally:
        os.close(lock)
    with explained(path, "written"):
        sync(final.parent)


def _locked(file: io.FileIO) -> int:
    """A descriptor of the file that holds a lock on it until it is closed, also where the file is closed before."""
    descriptor = os.dup(file.fileno())
    with suppress(OSError):  # a file system without locks: then nobody else gets one either
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _remove_abandoned(final: Path) -> None:
    """What killed processes left of this file: nobody holds its lock, and none is about to."""
    for left in final.parent.glob(f".{glob.escape(final.name[:40])}.*-*.tmp"):
        with suppress(OSError), left.open("rb") as file:  # another user's, or locked by who writes it
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - left.stat().st_mtime > _BEING_MADE_SECONDS:
                left.unlink()


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
