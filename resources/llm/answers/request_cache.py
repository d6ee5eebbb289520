"""Answers that were already paid for, by everything that could change them, and beside them what they cost (usage_ledger.py).

SQLite in WAL mode (sqlite_file.py): any number of processes, commit before use; kill -9 loses nothing that was committed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from operators.asking.answers import ServingStopped
from resources.llm.accounting import usage_ledger
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers.answers_file import connect
from resources.llm.answers.reply import Reply
from resources.llm.answers.request_key import RequestKey
from resources.sqlite_file import transaction

_GET = "SELECT text, model, prompt_tokens, completion_tokens, finish_reason, seconds FROM answers WHERE key = ?"
_PUT = "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"

_Row: TypeAlias = tuple[RequestKey, str, str, int, int, str, float, float]
_Write: TypeAlias = tuple[_Row | None, PaidCall | None, "asyncio.Future[None]", asyncio.AbstractEventLoop]


class RequestCache:
    """One for a serving; its sessions may live in different threads. With `answers=False` only what was paid is written down."""

    def __init__(self, path: Path, answers: bool = True) -> None:
        self.path = path
        self.answers = answers
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        try:
            writing = connect(path)
        except (OSError, sqlite3.Error) as error:
            raise ServingStopped(_trouble(path, error)) from error
        self._writer = threading.Thread(target=self._write_all, args=(writing,), name="request-cache", daemon=True)
        self._writer.start()

    def get(self, key: RequestKey) -> Reply | None:
        """A read of some microseconds, which never waits for a writer."""
        if not self.answers:
            return None
        try:
            row = self._reader().execute(_GET, (key,)).fetchone()
        except sqlite3.Error as error:
            raise ServingStopped(_trouble(self.path, error)) from error
        return None if row is None else Reply(*row)

    def spent(self, model: str, *, since: str = "", run: str = "") -> tuple[int, float]:
        """What all processes together paid for a model until now, see usage_ledger.spent."""
        try:
            return usage_ledger.spent(self._reader(), model, since=since, run=run)
        except sqlite3.Error as error:
            raise ServingStopped(_trouble(self.path, error)) from error

    def _reader(self) -> sqlite3.Connection:
        """Of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.path)
            self._readers.append(connection)
        return connection

    async def put(self, key: RequestKey, reply: Reply, paid: PaidCall | None = None) -> None:
        """Returns when the answer, and what was paid for it, are committed, together."""
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        row = (key, reply.text, reply.model, reply.prompt_tokens, reply.completion_tokens, reply.finish_reason, reply.seconds, time.time())
        self._queue.put((row if self.answers else None, paid, committed, loop))
        await committed

    def close(self) -> None:
        """After what is queued was written. Nobody may read any more."""
        self._queue.put(None)
        self._writer.join()
        for connection in self._readers:
            connection.close()

    def _write_all(self, connection: sqlite3.Connection) -> None:
        closing = False
        while not closing:
            writes = [self._queue.get()]
            while not self._queue.empty():
                writes.append(self._queue.get())
            closing = None in writes
            pending = [write for write in writes if write is not None]
            if pending:
                _acknowledge(pending, self._commit(connection, pending))
        connection.close()

    def _commit(self, connection: sqlite3.Connection, writes: list[_Write]) -> ServingStopped | None:
        """What queued up while the last commit ran goes into one transaction. Not raised: the error belongs to those who wait."""
        try:
            with transaction(connection):
                connection.executemany(_PUT, [row for row, _, _, _ in writes if row is not None])
                usage_ledger.add(connection, [paid for _, paid, _, _ in writes if paid is not None])
        except sqlite3.Error as error:
            return ServingStopped(_trouble(self.path, error))
        return None


def _acknowledge(writes: list[_Write], trouble: ServingStopped | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for _, _, future, loop in writes:
        by_loop.setdefault(loop, []).append(future)
    for loop, futures in by_loop.items():
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(_resolve, futures, trouble)
            except RuntimeError:  # closed between the two lines: nobody waits any more, and the answers are in the file
                continue


def _resolve(futures: list[asyncio.Future[None]], trouble: ServingStopped | None) -> None:
    for future in futures:
        if future.done():
            continue
        if trouble is None:
            future.set_result(None)
        else:
            future.set_exception(trouble)


def _trouble(path: Path, error: Exception) -> str:
    return (
        f"the cache of answers at {path} cannot be used: {error}. Without it answers would be paid for twice. "
        "Free some space or move the file away; DATAFLOW_LLM_CACHE or the setting cache_path names another file, cache: false with "
        "ledger: false does without."
    )
