"""A version that is being read: as long as a lease on it is held, garbage collection leaves its file alone."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from resources.warehouse.table_folder import TableFolder


class Lease:
    """A shared lock (flock) on a version file, given back when closed or forgotten. A killed reader holds nothing."""

    def __init__(self, folder: TableFolder, version: str, locked: IO[bytes]) -> None:
        self.folder = folder
        self.version = version
        self.file = folder.version_file(version)
        self._locked = locked

    @staticmethod
    def on(folder: TableFolder, version: str) -> Lease:
        """Raises WarehouseError (TableNotFound if it is not the current one) where the version is missing."""
        if locked := _lock_shared(folder.version_file(version)):
            return Lease(folder, version, locked)
        raise folder.missing(version)

    @staticmethod
    def on_current(folder: TableFolder) -> Lease:
        """On the version that is current now. Between reading the pointer and locking the file, it may be replaced and collected: then again."""
        while True:
            version = folder.current()
            if locked := _lock_shared(folder.version_file(version)):
                return Lease(folder, version, locked)
            if folder.current() == version:
                raise folder.missing(version)

    def close(self) -> None:
        self._locked.close()


def _lock_shared(file: Path) -> IO[bytes] | None:
    try:
        opened = file.open("rb")  # held as long as the lease
    except FileNotFoundError:
        return None
    fcntl.flock(opened, fcntl.LOCK_SH)
    if os.fstat(opened.fileno()).st_nlink == 0:  # collected between the two lines above
        opened.close()
        return None
    return opened


def remove_if_unused(file: Path) -> bool:
    """Remove a version file unless a lease is held on it."""
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        file.unlink()
        return True
