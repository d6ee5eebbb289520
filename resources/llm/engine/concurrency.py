"""How many requests to have under way: more while the server keeps up, fewer as soon as it does not.

Additive increase, multiplicative decrease on the share of refusals among the requests of one window, not on each: a server that refuses one
request in twenty for its own reasons is not overloaded, and one that can take 40 of 46 is. The decrease is what was too many.
"""

from __future__ import annotations

import asyncio
from collections import deque

START_IN_FLIGHT = 64
_OVERLOADED_SHARE = 0.15
_LEAST_WINDOW = 64
"""Outcomes to judge by: among fewer, refusals that have nothing to do with the load come to more than the share above now and then."""
_LEAST_FLOOD = 8
"""So many refusals, a quarter of the limit and more of them than answers, need no longer window."""
_STRONGEST_DECREASE = 0.5


class ConcurrencyLimiter:
    def __init__(self, most: int, start: int = START_IN_FLIGHT) -> None:
        self.most = most
        self.limit: float = min(most, start)
        self.in_flight = 0
        self._slow_start = True
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._period = 0
        self._outcomes = 0
        self._refusals = 0

    async def acquire(self, first: bool = False) -> int:
        """Wait for a place, with `first` before all others. Returns the period in which the request started, for `report`."""
        if self.in_flight < int(self.limit) and not self._waiting:
            self.in_flight += 1
            return self._period
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(place)
        else:
            self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release()
            raise
        return self._period

    def release(self) -> None:
        self.in_flight -= 1
        self._admit()

    def report(self, period: int, refused: bool) -> bool:
        """Count an outcome; True when the limit was lowered. Requests from before the last decrease say nothing about the new limit."""
        if period != self._period:
            return False
        self._outcomes += 1
        if refused:
            self._refusals += 1
        else:
            self._grow()
        flooded = self._refusals >= max(_LEAST_FLOOD, self.limit / 4) and self._refusals * 2 > self._outcomes
        if self._outcomes < max(_LEAST_WINDOW, self.limit) and not flooded:
            return False
        share = self._refusals / self._outcomes
        self._outcomes = self._refusals = 0
        if share <= _OVERLOADED_SHARE:
            return False
        self.limit = max(1.0, self.limit * max(_STRONGEST_DECREASE, 1 - share))
        self._slow_start = False
        self._period += 1
        return True

    def _grow(self) -> None:
        if self.limit < self.most and self.in_flight >= int(self.limit):
            self.limit = min(self.most, self.limit + (1 if self._slow_start else 1 / self.limit))
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_flight < int(self.limit):
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
