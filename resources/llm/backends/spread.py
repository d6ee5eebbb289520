"""Requests spread over several servers that compute the same: each goes to the one with the least to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

ConnectionType = TypeVar("ConnectionType")


class Spread(Generic[ConnectionType]):
    """Connections to the servers, inside one event loop."""

    def __init__(self, connections: Sequence[ConnectionType]) -> None:
        self.connections = connections
        self._busy = [0] * len(connections)

    @contextmanager
    def least_busy(self) -> Iterator[ConnectionType]:
        """The connection counts as busy for as long as the context lasts."""
        chosen = self._busy.index(min(self._busy))
        self._busy[chosen] += 1
        try:
            yield self.connections[chosen]
        finally:
            self._busy[chosen] -= 1
