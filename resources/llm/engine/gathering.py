"""Items that come one by one, handed on together: when enough wait, or when no more seem to come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Gathering(Generic[Item]):
    """Calls `hand_on` with the waiting items, in the order in which they came, inside one event loop.

    Args:
        most: hand on as soon as so many wait.
        most_bytes: or as soon as their sizes add up to this.
        quiet_seconds: or when nothing new came for so long. A pipeline that waits for answers sends nothing new: waiting for more would be for ever.
    """

    def __init__(self, hand_on: Callable[[list[Item]], None], most: int, quiet_seconds: float, most_bytes: int | None = None) -> None:
        self._hand_on = hand_on
        self._most = most
        self._most_bytes = most_bytes
        self._quiet_seconds = quiet_seconds
        self._items: dict[int, Item] = {}
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def add(self, item: Item, size: int = 0) -> None:
        """`size` in bytes."""
        if self._items and self._most_bytes is not None and self._bytes + size > self._most_bytes:
            self.flush()
        self._items[id(item)] = item
        self._bytes += size
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if len(self._items) >= self._most:
            self.flush()
        elif self._timer is None:
            self._look_after(self._quiet_seconds)

    def remove(self, item: Item) -> None:
        """Nobody waits for it any more. Nothing where it was handed on already."""
        self._items.pop(id(item), None)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        items, self._items, self._bytes = list(self._items.values()), {}, 0
        if items:
            self._hand_on(items)

    def _look_after(self, seconds: float, again: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._look, loop.time() + seconds, again)

    def _look(self, due: float, again: bool) -> None:
        """One timer for all items: it looks again later when something came meanwhile.

        While the process itself was held up, nothing could come: who looks too late looks once more.
        """
        self._timer = None
        now = asyncio.get_running_loop().time()
        left = self._last + self._quiet_seconds - now
        if now - due > self._quiet_seconds / 2 and not again:
            self._look_after(self._quiet_seconds, again=True)
        elif left > 0.001:
            self._look_after(left)
        else:
            self.flush()
