"""Statements on rows in processes that are ended when they take too long: no value that somebody's SQL asks for takes this process with it."""

from __future__ import annotations

import atexit
import json
import tempfile
import threading
from pathlib import Path
from typing import Final

import pyarrow as pa

from operators.engine.processes import AnsweringProcess
from operators.generic.sql import process
from operators.generic.sql.engine import SQLError, TookTooLong, plain

_BESIDE: Final = 5.0
"""Seconds for a process to start and to read and write rows, beside those of the statement."""


def run(query: str, rows: pa.Table, seconds: float, memory_mb: int) -> pa.Table:
    """The result of a SELECT on these rows.

    Raises:
        TookTooLong: the time is over.
        SQLError: DuckDB cannot compute it, or its memory is not enough.
    """
    with tempfile.TemporaryDirectory(prefix="dataflow-sql-") as folder:
        given, made = Path(folder) / "rows.arrow", Path(folder) / "made.arrow"
        _write(plain(rows), given)
        message = {"query": query, "rows": str(given), "made": str(made), "seconds": seconds, "memory_mb": memory_mb}
        asked = _processes.take()
        answer = asked.ask(json.dumps(message).encode() + b"\n", seconds + _BESIDE)
        if answer is None:
            ended = asked.how_it_ended()
            raise TookTooLong(f"it was ended: more than seconds = {seconds:g}, or more than max_memory_mb = {memory_mb} ({ended})")
        _processes.give_back(asked)
        if answer.get("over"):
            raise TookTooLong(f"it took longer than seconds = {seconds:g}")
        if "error" in answer:
            raise SQLError(answer["error"])
        with pa.OSFile(str(made)) as file, pa.ipc.open_file(file) as reader:
            return reader.read_all()


def _write(rows: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)


class _Processes:
    """As many as have been needed at once; started when first asked."""

    def __init__(self) -> None:
        self._idle: list[AnsweringProcess] = []
        self._lock = threading.Lock()

    def take(self) -> AnsweringProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return AnsweringProcess(process.__name__)

    def give_back(self, idle: AnsweringProcess) -> None:
        with self._lock:
            self._idle.append(idle)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.kill()


_processes = _Processes()
atexit.register(_processes.close)
