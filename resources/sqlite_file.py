"""SQLite in WAL mode: any number of processes read and write one file, which must be on a local disk, as WAL does not work over NFS."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_SECONDS = 60.0


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits by itself outside `transaction`. kill -9 loses nothing that was committed.

    synchronous=NORMAL: only a power failure can take the last moments back, and it never breaks the file.

    Raises:
        OSError, sqlite3.Error: the folder cannot be made, or the file is no database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    _enter_wal_mode(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; waits for another process that writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _enter_wal_mode(connection: sqlite3.Connection) -> None:
    """SQLite answers "locked" at once, without its busy timeout, when two processes turn a new file to WAL together."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(0.01)
