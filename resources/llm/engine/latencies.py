"""A bounded, even sample of how long calls took."""

from __future__ import annotations

import random


class LatencySample:
    """Reservoir sampling: each of all calls has the same chance to be among the kept ones."""

    def __init__(self, kept: list[float], most: int = 10_000) -> None:
        self._kept = kept
        self._most = most
        self._seen = 0
        self._random = random.Random(0)

    def add(self, seconds: float) -> None:
        self._seen += 1
        if len(self._kept) < self._most:
            self._kept.append(seconds)
        elif (place := self._random.randrange(self._seen)) < self._most:
            self._kept[place] = seconds
