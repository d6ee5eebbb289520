"""What a user is told when a file cannot be read or written as asked."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileFormatError(ValueError):
    """The content or the name of a file does not fit; the message says where and what to do."""


class FileAccessError(OSError, FileFormatError):
    """A file cannot be opened, read or written: no permission, no space, a folder in its place."""


class MissingFileError(FileNotFoundError, FileFormatError):
    """There is no such file."""


class ExistingFileError(FileExistsError, FileFormatError):
    """A file would be replaced."""


class FileChangedError(FileFormatError):
    """A file was changed while it was read: its rows would be a mixture of two contents."""


class BadLine(ValueError):
    """One line cannot be read. It becomes a `BadRow`; it never leaves this package."""


_ADVICE = {
    errno.EROFS: ("the file system is read-only", "Write to another folder."),
    errno.EACCES: ("permission denied", "Change the permissions of the file and its folders, or use another place."),
    errno.EPERM: ("not permitted", "Change the permissions of the file and its folders, or use another place."),
    errno.EISDIR: ("is a folder", "Name a file."),
    errno.EEXIST: ("a part of this path is a file, not a folder", "Name another folder."),
    errno.ENOTDIR: ("a part of this path is a file, not a folder", "Name another folder."),
    errno.ENOENT: ("no such file", "Look at its name; perhaps it was removed meanwhile."),
    errno.ENAMETOOLONG: ("the name is too long for this file system", "Use a shorter one."),
    errno.EFBIG: ("the file would be larger than is allowed here", "Raise the limit (ulimit -f), or write to another file system."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, or write to another folder."),
    errno.ELOOP: ("links lead in a circle", "Remove the link that leads back to itself."),
    errno.EMFILE: ("too many files are open", "Raise the limit (ulimit -n)."),
    errno.EIO: ("the disk reports an error", "Copy the file from elsewhere, and look at the disk."),
    errno.ESTALE: ("the network file is no longer there", "Read it again."),
}


@contextmanager
def explained(path: str | Path, doing: str) -> Iterator[None]:
    """Turns what the operating system says inside the context into a FileAccessError with the file, the reason and the remedy.

    `doing` is "read" or "written".
    """
    try:
        yield
    except FileFormatError:
        raise
    except OSError as error:
        raise access_error(path, doing, error) from error


def access_error(path: str | Path, doing: str, error: OSError) -> FileAccessError:
    if error.errno == errno.ENOSPC:
        what, remedy = f"the disk is full{_free_space(Path(path))}", "Free some space, or write to another folder. No half-written file is left."
    else:
        what, remedy = _ADVICE.get(error.errno or 0, (error.strerror or str(error), "Look at the file and its folder."))
    return FileAccessError(f"{path}: cannot be {doing}: {what}. {remedy}")


def _free_space(path: Path) -> str:
    folder = path if path.is_dir() else path.parent
    try:
        return f" ({shutil.disk_usage(os.fspath(folder)).free:,} bytes are free in {folder})"
    except OSError:
        return ""
