"""DuckDB engines that go from one version to the next: to start one takes longer than to read or write a small table."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from resources.warehouse.duckdb_files import FACTS, engine, name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_IDLE = 4

_idle: deque[DuckDBPyConnection] = deque(maxlen=MOST_IDLE)
_of_parent: list[deque[DuckDBPyConnection]] = []
"""Engines of the process that this one was forked from: they have lost their threads, and are neither used nor closed here."""


def take(database: str) -> DuckDBPyConnection:
    """An engine of one thread in which nothing is attached as `database`."""
    import duckdb

    while True:
        try:
            connection = _idle.pop()
        except IndexError:
            return engine(threads=1)
        try:
            detach(connection, database)
            return connection
        except duckdb.Error:
            continue  # something still reads there: it closes when that is done


def detach(connection: DuckDBPyConnection, database: str) -> None:
    """Close what a version attached as `database`."""
    for alias in (database, database + FACTS):
        connection.execute(f"DETACH DATABASE IF EXISTS {name(alias)}")


def give_back(connection: DuckDBPyConnection) -> None:
    """For the next who asks. Nothing is done with DuckDB here, so a finalizer may call it at any moment."""
    _idle.append(connection)


@contextmanager
def writing_engine(spill: Path, database: str) -> Iterator[DuckDBPyConnection]:
    """An engine that writes to disk only under `spill`. After an error it is closed, with what it had attached."""
    connection = take(database)
    try:
        connection.execute(f"SET temp_directory = {text(str(spill))}")
        connection.execute("RESET memory_limit")  # that of who read with it before
        yield connection
        connection.execute("RESET temp_directory")
        connection.execute("SET threads = 1")
    except BaseException:
        connection.close()
        raise
    give_back(connection)


def _forget_those_of_the_parent() -> None:
    global _idle
    _of_parent.append(_idle)
    _idle = deque(maxlen=MOST_IDLE)


os.register_at_fork(after_in_child=_forget_those_of_the_parent)
