"""Connections to SQLite files that are kept open from one statement to the next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

BUSY_SECONDS = 30.0
"""How long a statement waits for another process that writes."""
MOST_FILES = 8
"""Files that are kept open at once; Dagster has a file of events for each run, and a few that all runs share."""


class KeptEngines:
    """An engine a file, with its connection and its compiled statements. For one thread at a time.

    Dagster's own storages make an engine for each statement: it then takes ten times as long to compile the statement, to open the file and to close
    it as to write the event.
    """

    def __init__(self) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()

    def engine(self, address: str) -> Engine:
        """Of a file, by its address (sqlite:///path)."""
        if address not in self._engines:
            self._engines[address] = _open(address)
            while len(self._engines) > MOST_FILES:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(address)
        return self._engines[address]

    @contextmanager
    def transaction(self, address: str) -> Iterator[Connection]:
        with self.engine(address).connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()


def _open(address: str) -> Engine:
    engine = create_engine(address, pool_size=1, max_overflow=-1, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: Any) -> None:
        # with a write-ahead log a killed process loses nothing of what it committed, and a power cut at most the last events
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
