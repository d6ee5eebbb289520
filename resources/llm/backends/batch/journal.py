"""Which batches are under way: written down before and after each is created, so that a killed run finds them again and pays for none twice."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from operators.asking.answers import ServingStopped
from resources.llm.answers.request_key import RequestKey

_CREATE = """
CREATE TABLE IF NOT EXISTS batches (
    token TEXT PRIMARY KEY, server TEXT NOT NULL, file_id TEXT, batch_id TEXT,
    started_at REAL NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    key BLOB NOT NULL, token TEXT NOT NULL REFERENCES batches (token) ON DELETE CASCADE, PRIMARY KEY (token, key)) WITHOUT ROWID;
"""
_BUSY_SECONDS = 60.0

_attended: set[str] = set()
"""Tokens of the batches that sessions of this process look after."""


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that is not over yet. `token` is ours; the server was told it, so that a batch whose answer we never saw can be recognised."""

    token: str
    file_id: str | None
    batch_id: str | None
    """None: it was about to be created. Only the server knows whether it was."""
    keys: tuple[RequestKey, ...]


class BatchJournal:
    """SQLite in WAL mode; every change is committed, and on the disk, when the call returns. `server` tells the batches of one server apart."""

    def __init__(self, path: Path, server: str) -> None:
        self.path = path
        self._server = server
        self._lock = threading.Lock()
        self._tokens: set[str] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._connection.executescript(_CREATE)
        except (OSError, sqlite3.Error) as error:
            raise ServingStopped(_trouble(path, error)) from error

    def begin(self, keys: Sequence[RequestKey]) -> str:
        """Before anything is sent. Returns the token of the new batch."""
        token = uuid.uuid4().hex
        self._attend(token)
        with self._lock, self._transaction():
            self._connection.execute(
                "INSERT INTO batches VALUES (?, ?, NULL, NULL, ?, ?, ?)", (token, self._server, time.time(), socket.gethostname(), os.getpid())
            )
            self._connection.executemany("INSERT INTO requests VALUES (?, ?)", [(key, token) for key in keys])
        return token

    def uploaded(self, token: str, file_id: str) -> None:
        with self._lock, self._transaction():
            self._connection.execute("UPDATE batches SET file_id = ? WHERE token = ?", (file_id, token))

    def created(self, token: str, batch_id: str) -> None:
        with self._lock, self._transaction():
            self._connection.execute("UPDATE batches SET batch_id = ? WHERE token = ?", (batch_id, token))

    def ended(self, token: str) -> None:
        """Its answers are in the cache, or there are none."""
        with self._lock, self._transaction():
            self._connection.execute("DELETE FROM batches WHERE token = ?", (token,))

    def left_behind(self) -> list[OpenBatch]:
        """Batches of this server that no living process, and no other session of this one, looks after; this one does from now on."""
        here, this = socket.gethostname(), os.getpid()
        found = []
        with self._lock, self._transaction():
            rows = self._connection.execute(
                "SELECT token, file_id, batch_id, host, process FROM batches WHERE server = ? ORDER BY started_at", (self._server,)
            ).fetchall()
            for token, file_id, batch_id, host, process in rows:
                if token in _attended or (host == here and process != this and _is_alive(process)):
                    continue
                self._attend(token)
                keys = tuple(key for (key,) in self._connection.execute("SELECT key FROM requests WHERE token = ?", (token,)))
                self._connection.execute("UPDATE batches SET host = ?, process = ? WHERE token = ?", (here, this, token))
                found.append(OpenBatch(token, file_id, batch_id, keys))
        return found

    def close(self) -> None:
        """Waits for a change that is being written: SQLite crashes where a connection is closed under it. A change that comes later is refused."""
        with self._lock:
            _attended.difference_update(self._tokens)
            self._connection.close()

    def _attend(self, token: str) -> None:
        self._tokens.add(token)
        _attended.add(token)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection, self.path)


class _Transaction:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def __enter__(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise ServingStopped(_trouble(self._path, error)) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        try:
            self._connection.execute("ROLLBACK" if error is not None else "COMMIT")
        except sqlite3.Error as trouble:
            raise ServingStopped(_trouble(self._path, trouble)) from trouble
        if isinstance(error, sqlite3.Error):
            raise ServingStopped(_trouble(self._path, error)) from error


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _trouble(path: Path, error: Exception) -> str:
    return (
        f"the list of open batches at {path} cannot be used: {error}. Without it batches would be paid for twice. Free some space, or mend the file."
    )
