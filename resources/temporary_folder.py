"""Folders for temporary files that go even where their process is killed: the next that makes such a folder removes those of the dead."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOCK = "lock"
"""A file of each folder, locked while its process lives."""
_BEING_MADE_SECONDS = 3600.0


@contextmanager
def temporary_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """A folder whose name begins with `prefix`, gone when the context ends. Its file `lock` is not the user's.

    What killed processes left of this prefix in `within` (the system's folder for temporary files) is removed first.
    """
    within = within or Path(tempfile.gettempdir())
    remove_abandoned(prefix, within)
    root, lock = _make(prefix, within)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
        lock.close()


def remove_abandoned(prefix: str, within: Path) -> list[Path]:
    """Remove the folders of this prefix whose process is dead: nobody holds their lock. Those of other users are left alone."""
    removed = []
    for root in within.glob(f"{prefix}*"):
        try:
            if root.is_symlink() or root.stat().st_uid != os.getuid():
                continue
            lock = _locked(root, wait=False)
        except FileNotFoundError:  # without a lock: about to be made, or killed while it was
            if time.time() - _made(root) > _BEING_MADE_SECONDS:
                shutil.rmtree(root, ignore_errors=True)
                removed.append(root)
            continue
        except BlockingIOError:
            continue  # its process lives
        shutil.rmtree(root, ignore_errors=True)
        lock.close()
        removed.append(root)
    return removed


def _make(prefix: str, within: Path) -> tuple[Path, IO[bytes]]:
    while True:
        root = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        try:
            (root / LOCK).touch()
            lock = _locked(root, wait=True)
        except FileNotFoundError:
            continue
        if os.fstat(lock.fileno()).st_nlink:
            return root, lock
        lock.close()  # another process took it for abandoned between these lines


def _locked(root: Path, wait: bool) -> IO[bytes]:
    lock = (root / LOCK).open("rb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        lock.close()
        raise
    return lock


def _made(root: Path) -> float:
    try:
        return root.stat().st_mtime
    except FileNotFoundError:
        return time.time()
