"""Answers that were already paid for, by everything that could change them, and beside them what they cost (usage_ledger.py).

SQLite in WAL mode (sqlite_file.py): any number of processes, commit before use; kill -9 loses nothing that was committed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from operators.asking.answers import ServingStopped
from resources.llm.accounting import usage_ledger
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers.answers_file import connect
from resources.llm.answers.reasoning import parted
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.request_key import RequestKey
from resources.sqlite_file import transaction

_COLUMNS = "text, model, prompt_tokens, completion_tokens, finish_reason, seconds, reasoning"
_GET = f"SELECT {_COLUMNS} FROM answers WHERE key = ?"
_PUT = f"INSERT INTO answers (key, {_COLUMNS}, answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
_FORGET = "DELETE FROM answers WHERE key = ? AND text = ?"

_Row: TypeAlias = tuple[RequestKey, str, str, int, int, str, float, str, float]


@dataclass(frozen=True, slots=True)
class _Write:
    """An answer, what was paid, and who waits until both are on the disk; or, for nobody, an answer to forget."""

    row: _Row | None = None
    paid: PaidCall | None = None
    committed: asyncio.Future[None] | None = None
    forget: tuple[RequestKey, str] | None = None


def is_kept(reply: Reply) -> bool:
    """Only a whole answer is kept: no other may be taken for one later."""
    return reply.ending == "whole"


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
        return None if row is None else self._usable(key, Reply(*row))

    def _usable(self, key: RequestKey, reply: Reply) -> Reply | None:
        """Earlier versions kept answers that were cut, withheld or empty: those are forgotten, and asked anew. Thinking is parted from the rest."""
        kept = reply.text
        if not reply.reasoning:
            text, thought = parted(reply.text)
            reply = replace(reply, text=text, reasoning=thought) if text != kept else reply
        if is_kept(reply):
            return reply
        self._queue.put(_Write(forget=(key, kept)))
        return None

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
        """Returns when the answer, and what was paid for it, are committed, together. Only a whole answer is kept; any other is only paid for.

        Raises:
            ServingStopped: the file cannot be written.
            BackendError: what came back cannot be kept.
        """
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        row = None
        if self.answers and is_kept(reply):
            counts = (reply.prompt_tokens, reply.completion_tokens)
            row = (key, reply.text, reply.model, *counts, reply.finish_reason, reply.seconds, reply.reasoning, time.time())
        if row is None and paid is None:
            return
        if not self._writer.is_alive():
            raise ServingStopped(_trouble(self.path, RuntimeError("its writer has ended")))
        self._queue.put(_Write(row, paid, committed))
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
                self._commit(connection, pending)
        connection.close()

    def _commit(self, connection: sqlite3.Connection, writes: list[_Write]) -> None:
        """What queued up while the last commit ran goes into one transaction. Whatever goes wrong is told to those who wait, and to nobody else."""
        trouble: Exception | None = None
        try:
            with transaction(connection):
                connection.executemany(_FORGET, [write.forget for write in writes if write.forget is not None])
                connection.executemany(_PUT, [write.row for write in writes if write.row is not None])
                usage_ledger.add(connection, [write.paid for write in writes if write.paid is not None])
        except Exception as error:
            of_the_file = isinstance(error, sqlite3.Error | OSError | MemoryError) and not isinstance(error, _OF_A_VALUE)
            if of_the_file:
                trouble = ServingStopped(_trouble(self.path, error))
            elif len(writes) > 1:
                for write in writes:
                    self._commit(connection, [write])
                return
            else:
                trouble = BackendError("malformed", f"an answer cannot be kept ({type(error).__name__}: {error})")
        _acknowledge(writes, trouble)


_OF_A_VALUE = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
"""What SQLite raises for a value that it cannot hold: the other answers can be kept."""


def _acknowledge(writes: list[_Write], trouble: Exception | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for write in writes:
        if write.committed is not None:
            by_loop.setdefault(write.committed.get_loop(), []).append(write.committed)
    for loop, futures in by_loop.items():
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(_resolve, futures, trouble)
            except RuntimeError:  # closed between the two lines: nobody waits any more, and the answers are in the file
                continue


def _resolve(futures: list[asyncio.Future[None]], trouble: Exception | None) -> None:
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
