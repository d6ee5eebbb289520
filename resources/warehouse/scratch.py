"""A warehouse for one run that keeps nothing, in the folder for temporary files."""

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

from resources.warehouse.warehouse import Warehouse

_PREFIX = "dataflow-run-"
_LOCK = "lock"
_BEING_MADE_SECONDS = 3600.0


@contextmanager
def scratch_warehouse(folder: Path | None = None) -> Iterator[Warehouse]:
    """Gone when the context ends. What killed runs left behind in `folder` (the system's for temporary files) is removed first."""
    folder = folder or Path(tempfile.gettempdir())
    remove_abandoned(folder)
    root, lock = _make(folder)
    try:
        yield Warehouse(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
        lock.close()


def remove_abandoned(folder: Path) -> list[Path]:
    """Remove the scratch warehouses whose run is dead: nobody holds their lock. Those of other users are left alone."""
    removed = []
    for root in folder.glob(f"{_PREFIX}*"):
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
            continue  # its run lives
        shutil.rmtree(root, ignore_errors=True)
        lock.close()
        removed.append(root)
    return removed


def _make(folder: Path) -> tuple[Path, IO[bytes]]:
    while True:
        root = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        (root / _LOCK).touch()
        try:
            lock = _locked(root, wait=True)
        except FileNotFoundError:
            continue
        if os.fstat(lock.fileno()).st_nlink:
            return root, lock
        lock.close()  # another run took it for abandoned between these lines


def _locked(root: Path, wait: bool) -> IO[bytes]:
    lock = (root / _LOCK).open("rb")
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
