"""When the next request to a host may be sent."""

from __future__ import annotations

import threading
import time


class Pace:
    """One for all stages of a run: a host sees one request a pause, whoever sends it."""

    def __init__(self, seconds_between: float) -> None:
        self._seconds_between = seconds_between
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, host: str, delay: float = 0.0) -> float:
        """Take the next place in the queue of a host; `delay`: the pause that the host asks for."""
        now = time.monotonic()
        with self._lock:
            at = max(now, self._next.get(host, now))
            self._next[host] = at + max(self._seconds_between, delay)
        return at - now
