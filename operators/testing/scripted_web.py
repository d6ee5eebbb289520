"""A web for tests: its pages are what a function says, and it keeps what it was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from operators.web.page import Fetched, NotFetched, Page


def plain_page(url: str) -> Fetched:
    """A short page for every address that begins with http, and none for the others."""
    if not url.startswith("http"):
        return NotFetched(url, "it is no web address: http:// or https:// is missing")
    return Page(url, url, "text/html", "utf-8", f"<p>The page of {url}</p>".encode("utf-8", "replace"))


class ScriptedWeb:
    """Keeps `operators.web.fetching.Web`. `urls` are those that were asked for, in order."""

    def __init__(self, page: Callable[[str], Fetched] = plain_page, max_in_flight: int = 8) -> None:
        self.page = page
        self.max_in_flight = max_in_flight
        self.urls: list[str] = []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ScriptedWebSession]:
        yield ScriptedWebSession(self)

    def fetch(self, url: str) -> Fetched:
        self.urls.append(url)
        return self.page(url)


class ScriptedWebSession:
    """One stage's use of it."""

    def __init__(self, web: ScriptedWeb) -> None:
        self._web = web
        self.max_in_flight = web.max_in_flight

    async def fetch(self, url: str) -> Fetched:
        return self._web.fetch(url)
