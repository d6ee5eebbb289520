"""The public web: one page after the other, each within its limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from operators.engine.cache_folder import cache_folder
from operators.engine.synchronously import run_to_end
from operators.web.page import Fetched
from resources.web.connecting import IsAllowed, Resolve, ask_dns, connector, nothing_more
from resources.web.pace import Pace
from resources.web.page_cache import PageCache
from resources.web.session import FetchingSession
from resources.web.settings import WebSettings


class WebFetcher:
    """A Web.

    `resolve` and `is_allowed` are for tests and for code of your own: no setting, and so no YAML, opens an address that is not public.
    """

    def __init__(self, settings: WebSettings, *, resolve: Resolve = ask_dns, is_allowed: IsAllowed = nothing_more) -> None:
        self.settings = settings
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._pace = Pace(settings.seconds_between)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[FetchingSession]:
        settings = self.settings
        cache = PageCache(settings.cache_path or cache_folder("pages") / "pages.sqlite", settings.cache_days) if settings.cache else None
        connections = connector(self._resolve, self._is_allowed, settings.max_in_flight)
        try:
            async with aiohttp.ClientSession(
                connector=connections,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,  # a proxy would connect for us, to where it likes
                headers={"User-Agent": settings.agent, "Accept": ", ".join(settings.types)},
                timeout=aiohttp.ClientTimeout(total=None),  # the session limits each page as a whole
            ) as client:
                session = FetchingSession(settings, client, self._pace, self._is_allowed, cache)
                try:
                    yield session
                finally:
                    session.close()
        finally:
            if cache is not None:
                cache.close()

    def fetch(self, url: str) -> Fetched:
        async def one() -> Fetched:
            async with self.session() as session:
                return await session.fetch(url)

        return run_to_end(one)
