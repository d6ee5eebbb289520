"""The time limit of a query, kept by a thread beside the one that waits for the engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AGAIN_SECONDS: Final = 0.1
"""An interrupt that comes before the engine has begun is lost: it is repeated until the query has ended."""


class Alarm:
    """Calls `interrupt` when a query takes longer than it may. One query at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._interrupt: Callable[[], None] | None = None
        self.rang = False
        """Whether the last query was interrupted."""
        threading.Thread(target=self._watch, name="database-alarm", daemon=True).start()

    @contextmanager
    def after(self, seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
        with self._changed:
            self.rang = False
            self._deadline, self._interrupt = time.monotonic() + seconds, interrupt
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:  # an interrupt under way is over before the next query begins
                self._deadline = self._interrupt = None
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                left = None if self._deadline is None else self._deadline - time.monotonic()
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                self.rang = True
                assert self._interrupt is not None
                try:
                    self._interrupt()
                except Exception as error:  # the asking process kills this one soon after; the watch goes on until then
                    print(f"the query could not be interrupted: {type(error).__name__}", flush=True)
                self._deadline = time.monotonic() + AGAIN_SECONDS
