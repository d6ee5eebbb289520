"""Reading a file whose path nobody vouches for: only below allowed folders, only ordinary files, only so large."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from resources.documents.stopped import Stopped


def read_file(path: str, roots: Sequence[Path], most_bytes: int) -> bytes:
    """The bytes of a file below one of these folders, which are real paths.

    It is opened once, without waiting, and what was opened is what is looked at: a link that is changed meanwhile, a pipe or a device does no harm.

    Raises:
        Stopped: there is no such file, it lies elsewhere, is no ordinary file, or is too large.
    """
    if not roots:
        raise Stopped("not allowed", "no folder of documents is named: set DATAFLOW_DOCUMENTS to the folder below which files may be read")
    real = real_path(path, roots)
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        state = os.fstat(descriptor)
    except OSError as error:
        raise Stopped("not found", f"{path}: {error.strerror}") from None
    try:
        if not stat.S_ISREG(state.st_mode):
            raise Stopped("not a file", f"{path} is {_what(state.st_mode)}")
        if state.st_size > most_bytes:
            raise Stopped("size limit", f"it has {state.st_size / 1e6:,.0f} MB, and {most_bytes / 1e6:,.0f} MB are allowed")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise Stopped("not found", f"{path} cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(content) > most_bytes:
        raise Stopped("size limit", f"it has more than the {most_bytes / 1e6:,.0f} MB that are allowed")
    return content


def real_path(path: str, roots: Sequence[Path]) -> Path:
    """Where the path leads, links followed, below one of the folders. Raises Stopped: there is no such file, or it lies elsewhere."""
    if "\0" in path:
        raise Stopped("not found", "its path holds a NUL character")
    given = Path(path)
    outside = None
    for root in roots:
        try:
            real = (root / given).resolve()
        except (OSError, RuntimeError, ValueError):
            continue
        if not any(real.is_relative_to(allowed) for allowed in roots):
            outside = real
        elif os.path.lexists(real):
            return real
    if outside is not None:
        raise Stopped("not allowed", f"{path} lies outside the folders of documents ({', '.join(map(str, roots))})")
    raise Stopped("not found", f"there is no {path} in {', '.join(map(str, roots))}")


def _what(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISCHR: "a device", stat.S_ISBLK: "a device", stat.S_ISSOCK: "a socket"}
    return next((what for is_kind, what in kinds.items() if is_kind(mode)), "no ordinary file")
