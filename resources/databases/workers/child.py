"""The worker process: it opens databases, runs one query at a time, and ends when the process that asks has gone.

Started as `python -m resources.databases.workers.child FD`, where FD is one end of a socket.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import OrderedDict
from multiprocessing.connection import Connection
from typing import Final

from operators.databases.execution import Execution, NotExecuted, ResultColumn, Rows
from operators.databases.schema import Schema
from resources.databases.drivers.driver import Driver, Stopped
from resources.databases.limits import Limits
from resources.databases.target import Target
from resources.databases.workers.alarm import Alarm
from resources.databases.workers.messages import OPENING_AGAIN, STARTED, Task

SERVER_SECONDS: Final = 0.1
"""Servers keep the limit themselves, and sooner than a further connection can tell them to."""
NICENESS: Final = 4
MOST_OPEN: Final = 8
"""Databases that a worker keeps open, those used last."""


class OpenDatabases:
    """Drivers by target."""

    def __init__(self) -> None:
        self._drivers: OrderedDict[Target, Driver] = OrderedDict()

    def get(self, target: Target, limits: Limits) -> Driver:
        """Raises Stopped: it cannot be opened, or its user may do more than read."""
        if target in self._drivers:
            self._drivers.move_to_end(target)
            return self._drivers[target]
        driver = _open(target, limits)
        self._drivers[target] = driver
        while len(self._drivers) > MOST_OPEN:
            self._drivers.popitem(last=False)[1].close()
        return driver

    def has(self, target: Target) -> bool:
        return target in self._drivers

    def forget(self, target: Target) -> None:
        """After an interrupt, which may arrive late and hit the next query of the same connection."""
        if (driver := self._drivers.pop(target, None)) is not None:
            driver.close()


def _open(target: Target, limits: Limits) -> Driver:
    if target.engine == "sqlite":
        from resources.databases.drivers.sqlite import SqliteDriver

        return SqliteDriver(target)
    if target.engine == "duckdb":
        from resources.databases.drivers.duckdb_file import DuckDBDriver

        return DuckDBDriver(target, limits)
    if target.engine == "postgres":
        from resources.databases.drivers.postgresql import PostgresDriver

        return PostgresDriver(target, limits)
    from resources.databases.drivers.mysql import MySQLDriver

    return MySQLDriver(target, limits)


class Child:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._open = OpenDatabases()
        self._alarm = Alarm()
        self._memory: tuple[int, int] = (0, 0)
        self._stepped_back = False

    def serve(self) -> None:
        while True:
            try:
                task: Task = self._connection.recv()
            except EOFError:
                return
            kept = self._open.has(task.target)
            answer = self._done(task)
            if kept and isinstance(answer, NotExecuted) and answer.cause == "unreachable":
                # The server was started anew, or ended a connection that nobody had used for long
                self._connection.send(OPENING_AGAIN)
                answer = self._done(task)
            self._connection.send(answer)

    def _done(self, task: Task) -> Execution | Schema:
        began = time.perf_counter()
        try:
            driver = self._open.get(task.target, task.limits)
            self._allow(task.limits)
            self._connection.send(STARTED)
            self._step_back()
            if task.what == "schema":
                with self._alarm.after(task.limits.seconds, driver.interrupt):
                    return driver.schema(task.target.name)
            return self._execute(driver, task)
        except Stopped as stopped:
            self._open.forget(task.target)
            return NotExecuted(stopped.cause, task.target.masked(str(stopped)), time.perf_counter() - began)
        except MemoryError:
            return NotExecuted("memory limit", _memory(task.limits), time.perf_counter() - began)
        except Exception as error:  # of a driver, about this query: the worker and its other databases go on
            self._open.forget(task.target)
            return NotExecuted("error", task.target.masked(f"{type(error).__name__}: {error}"), time.perf_counter() - began)

    def _execute(self, driver: Driver, task: Task) -> Execution:
        began = time.perf_counter()
        limits = task.limits
        head_start = 0.0 if task.target.path else SERVER_SECONDS
        try:
            with self._alarm.after(limits.seconds + head_start, driver.interrupt):
                columns, rows = driver.execute(task.sql, limits)
        except (Stopped, MemoryError) as problem:
            stopped = problem if isinstance(problem, Stopped) else Stopped("memory limit", "out of memory")
            seconds = time.perf_counter() - began
            if self._alarm.rang or stopped.cause in ("time limit", "unreachable"):
                self._open.forget(task.target)
            if self._alarm.rang or stopped.cause == "time limit":
                return NotExecuted("time limit", f"it took longer than {limits.seconds:g} s", seconds)
            message = f"{_memory(limits)} ({stopped})" if stopped.cause == "memory limit" else str(stopped)
            return NotExecuted(stopped.cause, task.target.masked(message), seconds)
        seconds = time.perf_counter() - began
        if self._alarm.rang or seconds > limits.seconds:  # MySQL's SLEEP ends with an ordinary answer when it is interrupted
            self._open.forget(task.target)
            return NotExecuted("time limit", f"it took longer than {limits.seconds:g} s", seconds)
        return Rows(tuple(ResultColumn(name, type_) for name, type_ in columns), tuple(rows), seconds)

    def _step_back(self) -> None:
        """From the first query on, leave the processor to those that keep the limits, and to workers that are starting."""
        if not self._stepped_back:
            self._stepped_back = True
            os.nice(NICENESS)

    def _allow(self, limits: Limits) -> None:
        """Let this process have so much memory more than it has now, and write temporary files of so many bytes."""
        wanted = (limits.memory_bytes, limits.temporary_megabytes)
        if self._memory == wanted or sys.platform != "linux":
            return
        self._memory = wanted
        has = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (has + limits.memory_bytes, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.temporary_megabytes * 1_000_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _memory(limits: Limits) -> str:
    return f"it needs more than {limits.memory_megabytes:,} MB of memory"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setpgid(0, 0)  # Ctrl-C is for the process that asks
    Child(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
