"""The protocol of what fetches pages, as operators see it. Addresses, limits and servers are matters of `resources.web`.

An operator that needs it declares `needs = ("web",)` and the field `web: str = "web"`; its function is asynchronous and is given a `WebSession`.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from operators.web.page import Fetched


class WebSession(Protocol):
    """Connections for one stage, inside one event loop."""

    max_in_flight: int

    async def fetch(self, url: str) -> Fetched:
        """The page of an address: from the cache, or from its server, within all limits. Never raises for what a server or an address does."""
        ...


@runtime_checkable
class Web(Protocol):
    """The public web."""

    def session(self) -> AbstractAsyncContextManager[WebSession]: ...

    def fetch(self, url: str) -> Fetched:
        """One page, for code that does not wait for others meanwhile."""
        ...
