"""One worker process, from the side of the process that asks it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from typing import Final

from operators.databases.execution import Cause, Execution, NotExecuted
from operators.databases.schema import Schema
from resources.databases.target import Engine, Target
from resources.databases.workers.messages import OPENING_AGAIN, STARTED, Task

OPEN_SECONDS: Final = 60.0
"""For starting the process and opening a database, on a machine that is busy. Drivers give up on a server that does not answer much sooner."""
GRACE_SECONDS: Final = 0.3
"""A query that has not ended so long after its limit is ended by killing its process."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SQLITE_TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
"""Of the environment; keys and passwords of others stay outside."""


class Worker:
    """A process that runs queries of one engine, one at a time. Not for several threads at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine: Engine = engine
        self.last: Target | None = None
        """The database that it was asked last, and has open."""
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            command = [sys.executable, "-P", "-m", "resources.databases.workers.child", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._connection = Connection(ours.detach())

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return not self._connection.closed

    def do(self, task: Task) -> Execution | Schema:
        """The answer, or why there is none; after some of the latter the worker is gone. Raises nothing for what a query does."""
        began = time.monotonic()
        self.last = task.target
        try:
            self._connection.send(task)
            started = False
            while (answer := self._receive(task.limits.seconds + GRACE_SECONDS if started else OPEN_SECONDS)) in (STARTED, OPENING_AGAIN):
                began = time.monotonic()
                started = answer == STARTED
        except (EOFError, OSError):
            return NotExecuted(*self._why_it_died(task), seconds=time.monotonic() - began)
        if answer is not None:
            assert not isinstance(answer, str)
            return answer
        self.close()
        seconds = time.monotonic() - began
        if not started:
            return NotExecuted("unreachable", f"{task.target.shown} could not be opened within {OPEN_SECONDS:g} s", seconds)
        return NotExecuted("time limit", f"it took longer than {task.limits.seconds:g} s", seconds)

    def _receive(self, seconds: float) -> Execution | Schema | str | None:
        return self._connection.recv() if self._connection.poll(seconds) else None

    def _why_it_died(self, task: Task) -> tuple[Cause, str]:
        self._connection.close()
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            status = 0
        self.close()
        if status < 0 and -status in (signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS):
            name = signal.Signals(-status).name
            return "memory limit", f"it needs more than {task.limits.memory_megabytes:,} MB of memory: its process ended with {name}"
        return "error", f"the process that ran it ended with status {status}"

    def close(self) -> None:
        """End the process. What it runs at a server ends there by the server's own time limit."""
        self._connection.close()
        self._process.kill()
        self._process.wait()
