"""Comparing formulas in processes that are ended when they take too long: no thread, signal or recursion of this process is at stake."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from operators.bases.math_answers import symbolic_process
from operators.engine.processes import AnsweringProcess

PROCESSOR_SECONDS: Final = 0.7
"""Processor time of one comparison; most take some milliseconds. What a busy machine does besides changes no verdict."""
_TOGETHER_SECONDS: Final = 1.2
"""Processor time of all comparisons that two answers need: those of the elements of lists."""
_WALL_SECONDS: Final = 30.0
"""A process that has not answered by then is ended, also on a machine that hardly gets to it."""
_LONGEST: Final = 1000
_DEEPEST: Final = 40

_TOWER: Final = re.compile(r"\^\s*\{?\s*\(?\s*-?\d+\s*\^\s*\{?\s*\d")
_LARGE_POWER: Final = re.compile(r"\d\s*\^\s*\{?\s*\(?\s*-?\d{4,}|\d{4,}\s*!|\d\s*!\s*!|!\s*\)\s*!|\(\s*\d+\s*!\s*\)\s*\^|\d\s*\^\s*\{?\s*\d{2,}\s*!")
_BIG_NUMBER: Final = re.compile(r"\d{300,}")


_left: ContextVar[list[float] | None] = ContextVar("left", default=None)
"""Processor seconds that are left for two answers."""


@contextmanager
def one_time_for_all() -> Iterator[None]:
    """Within it all comparisons together take at most `_TOGETHER_SECONDS`."""
    token = _left.set([_TOGETHER_SECONDS])
    try:
        yield
    finally:
        _left.reset(token)


def compare_safely(gold: str, answer: str, relation: bool = False, rounded: tuple[float, bool] | None = None) -> tuple[str, str]:
    """`compare_formulas` in another process: verdict and reason. "cannot tell" where the time is over, or a formula is too large to be tried."""
    for written in (gold, answer):
        if fault := _too_large(written):
            return "cannot tell", fault
    try:
        return _compared(gold, answer, relation, rounded)
    except TimeoutError:
        return "cannot tell", "not decided in the time that it may take"


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
        left = _left.get() or [PROCESSOR_SECONDS]
        seconds = min(PROCESSOR_SECONDS, left[0])
        if seconds <= 0.01:
            raise TimeoutError
        asked = {"gold": gold, "answer": answer, "relation": relation, "rounded": rounded, "seconds": seconds}
        with self._at_most:
            process = self._take()
            answered = process.ask(json.dumps(asked).encode() + b"\n", _WALL_SECONDS)
            if answered is None:
                left[0] -= seconds
                process.kill()
                raise TimeoutError
            with self._idle_lock:
                self._idle.append(process)
        left[0] -= answered["seconds"]
        if answered["over"]:
            raise TimeoutError
        return str(answered["verdict"]), str(answered["reason"])

    def _take(self) -> AnsweringProcess:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        return AnsweringProcess(symbolic_process.__name__)

    def close(self) -> None:
        with self._idle_lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()


_processes = _Processes()
atexit.register(_processes.close)
