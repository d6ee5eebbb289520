"""Comparing formulas in processes that are ended when they take too long: no thread, signal or recursion of this process is at stake."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from operators.engine.processes import AnsweringProcess
from operators.math.answers import symbolic_process

WALL_SECONDS: Final = 1.6
"""After so long a comparison is ended; most are decided in some milliseconds."""
_LONGEST: Final = 1000
_DEEPEST: Final = 40

_TOWER: Final = re.compile(r"\^\s*\{?\s*\(?\s*-?\d+\s*\^\s*\{?\s*\d")
_LARGE_POWER: Final = re.compile(r"\d\s*\^\s*\{?\s*\(?\s*-?\d{4,}|\d{4,}\s*!|\d\s*!\s*!|!\s*\)\s*!|\(\s*\d+\s*!\s*\)\s*\^|\d\s*\^\s*\{?\s*\d{2,}\s*!")
_BIG_NUMBER: Final = re.compile(r"\d{300,}")


_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def one_time_for_all() -> Iterator[None]:
    """Within it all comparisons together take at most `WALL_SECONDS`: those of the elements of two lists."""
    token = _ends_at.set(time.monotonic() + WALL_SECONDS)
    try:
        yield
    finally:
        _ends_at.reset(token)


def compare_safely(gold: str, answer: str, relation: bool = False, rounded: tuple[float, bool] | None = None) -> tuple[str, str]:
    """`compare_formulas` in another process: verdict and reason. "cannot tell" after `WALL_SECONDS`, or where a formula is too large to be tried."""
    for written in (gold, answer):
        if fault := _too_large(written):
            return "cannot tell", fault
    try:
        return _compared(gold, answer, relation, rounded)
    except TimeoutError:
        return "cannot tell", f"not decided in {WALL_SECONDS:g} s"


@functools.lru_cache(maxsize=4096)
def _compared(gold: str, answer: str, relation: bool, rounded: tuple[float, bool] | None) -> tuple[str, str]:
    return _processes.ask(gold, answer, relation, rounded)


def _too_large(written: str) -> str | None:
    if len(written) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    depth = deepest = 0
    for mark in written:
        depth += (mark in "([{") - (mark in ")]}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        return f"it is nested more than {_DEEPEST} deep"
    if _TOWER.search(written) or _LARGE_POWER.search(written) or _BIG_NUMBER.search(written):
        return "it stands for a number of too many digits"
    return None


class _Processes:
    """As many as have been needed at once, at most one a core; made when first asked."""

    def __init__(self) -> None:
        self._idle: list[AnsweringProcess] = []
        self._idle_lock = threading.Lock()
        self._at_most = threading.Semaphore(os.cpu_count() or 1)

    def ask(self, gold: str, answer: str, relation: bool, rounded: tuple[float, bool] | None) -> tuple[str, str]:
        line = json.dumps({"gold": gold, "answer": answer, "relation": relation, "rounded": rounded}).encode() + b"\n"
        ends_at = _ends_at.get()
        with self._at_most:
            seconds = WALL_SECONDS if ends_at is None else ends_at - time.monotonic()
            if seconds <= 0:
                raise TimeoutError
            process, fresh = self._take()
            answered = process.ask(line, seconds + (_START_SECONDS if fresh else 0))
            if answered is None:
                process.kill()
                raise TimeoutError
            with self._idle_lock:
                self._idle.append(process)
        return str(answered["verdict"]), str(answered["reason"])

    def _take(self) -> tuple[AnsweringProcess, bool]:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop(), False
        return AnsweringProcess(symbolic_process.__name__), True

    def close(self) -> None:
        with self._idle_lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()


_START_SECONDS: Final = 30.0
"""What a process may take to start, on a machine that is busy."""
_processes = _Processes()
atexit.register(_processes.close)
