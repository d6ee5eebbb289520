"""A version that is being read: as long as a lease on it is held, garbage collection leaves its file alone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, TYPE_CHECKING

from operators.tables.files.errors import access_error
from resources.warehouse.duckdb_files import FACTS, attach_to_read
from resources.warehouse.duckdb_reader import DuckDbReader
from resources.warehouse.errors import WarehouseError
from resources.warehouse.version_store import VersionStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def facts_file(file: Path) -> Path:
    """Beside a version file that is another name of an older one: what is known of the run that made the same rows again."""
    return file.with_name(f"{file.stem}.run")


class Lease:
    """A shared lock (flock) on a version file, given back when closed or forgotten. A killed reader holds nothing."""

    def __init__(self, store: VersionStore, version: str, file: Path, locked: IO[bytes]) -> None:
        self.store = store
        self.version = version
        self._file = file
        self._facts = facts_file(file)
        self._locked = locked

    @staticmethod
    def on(store: VersionStore, version: str, file: Path) -> Lease | None:
        """None where the file is not there. Raises WarehouseError where this user may not read it."""
        locked = _lock_shared(file)
        return None if locked is None else Lease(store, version, file, locked)

    def attach(self, connection: DuckDBPyConnection, alias: str) -> None:
        attach_to_read(connection, self._file, alias)
        if self._facts.exists():
            attach_to_read(connection, self._facts, alias + FACTS)

    def facts_alias(self, alias: str) -> str:
        return alias + FACTS if self._facts.exists() else alias

    def reader(self) -> DuckDbReader:
        return DuckDbReader(self)

    def damaged(self, error: Exception) -> WarehouseError:
        return WarehouseError(
            f"{self.store} at {self.version}: {self._file} cannot be read ({str(error).splitlines()[0]}). Materialize the table again."
        )

    def close(self) -> None:
        self._locked.close()


def _lock_shared(file: Path) -> IO[bytes] | None:
    try:
        opened = file.open("rb")  # held as long as the lease
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WarehouseError(str(access_error(file, "read", error))) from error
    fcntl.flock(opened, fcntl.LOCK_SH)
    if not file.exists():  # collected between the two lines above
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
        facts_file(file).unlink(missing_ok=True)
        file.unlink()
        return True
