"""One stage's use of the web: cache, robots.txt, pauses between requests, redirects, limits."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp
from yarl import URL

from operators.web.page import Fetched, NotFetched, Page
from resources.web.addresses import WebAddress, read_web_address
from resources.web.answers import Answer, read_beginning, read_page
from resources.web.connecting import IsAllowed
from resources.web.errors import Refused, Unanswered
from resources.web.pace import Pace
from resources.web.page_cache import PageCache
from resources.web.public_addresses import check_public
from resources.web.robots import EVERYTHING, MOST_BYTES, NOTHING, Robots, read_robots
from resources.web.settings import WebSettings

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OVERLOADED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE_SECONDS: Final = 60.0


class FetchingSession:
    def __init__(self, settings: WebSettings, client: aiohttp.ClientSession, pace: Pace, is_allowed: IsAllowed, cache: PageCache | None) -> None:
        self.max_in_flight = settings.max_in_flight
        self._settings = settings
        self._client = client
        self._pace = pace
        self._is_allowed = is_allowed
        self._cache = cache
        self._room = asyncio.Semaphore(settings.max_in_flight)
        self._robots: dict[str, asyncio.Task[Robots]] = {}

    async def fetch(self, url: str) -> Fetched:
        try:
            address = read_web_address(url)
            key = str(address)
            kept = self._cache.get(key) if self._cache is not None else None
            if kept is None:
                kept = await self._fetched(key, address)
                if self._cache is not None:
                    self._cache.put(kept)
        except Refused as refused:
            return NotFetched(url, str(refused))
        return Page(url, kept.final_url, kept.content_type, kept.charset, kept.content)

    def close(self) -> None:
        """Nobody waits for what is still asked."""
        for task in self._robots.values():
            task.cancel()

    async def _fetched(self, url: str, address: WebAddress) -> Page:
        """Raises Refused."""
        for number in range(self._settings.tries):
            at = address
            for _ in range(self._settings.redirects + 1):
                delay = await self._allowed_by_robots(at)
                answer = await self._ask(at, delay, lambda got: read_page(got, self._settings.most_bytes, self._settings.types))
                if answer.status not in _REDIRECTS:
                    break
                at = _redirected(at, answer)
            else:
                raise Refused(f"more than {self._settings.redirects} redirects in a row")
            if answer.status == 200:
                return Page(url, str(at), answer.content_type, answer.charset, answer.content)
            if answer.status not in _OVERLOADED or number + 1 == self._settings.tries:
                break
            await asyncio.sleep(_pause(answer.headers, number))
        raise Refused(f"it answers {answer.status}" + (f" at {at}" if at != address else ""))

    async def _ask(self, address: WebAddress, delay: float, read: Callable[[aiohttp.ClientResponse], Awaitable[Answer]]) -> Answer:
        """One request, when it is its turn. Raises Refused."""
        if address.number is not None and not self._is_allowed(address.number, address.port):
            check_public(address.number)  # sockets are checked too, but why wait for one
        await asyncio.sleep(self._pace.seconds_to_wait(address.host, delay))
        async with self._room:
            try:
                async with asyncio.timeout(self._settings.seconds):
                    target = URL(str(address), encoded=True)
                    async with self._client.get(target, allow_redirects=False, headers={"Accept-Encoding": "gzip, deflate"}) as response:
                        return await read(response)
            except TimeoutError:
                raise Unanswered(f"{address.host} did not finish within {self._settings.seconds:g} seconds") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _reason(address, error) from None

    async def _allowed_by_robots(self, address: WebAddress) -> float:
        """The pause that the site asks for. Raises Refused: it does not allow the path."""
        if not self._settings.robots:
            return 0.0
        if address.site not in self._robots:
            self._robots[address.site] = asyncio.ensure_future(self._read_robots(address))
        robots = await asyncio.shield(self._robots[address.site])
        if not robots.allows(address.path):
            raise Refused(f"robots.txt of {address.host} does not allow it")
        return robots.delay

    async def _read_robots(self, address: WebAddress) -> Robots:
        """What cannot be read allows nothing, unless it is not there. Raises Refused: the host may not be connected to, or is not there."""
        at = address._replace(path="/robots.txt")
        for _ in range(self._settings.redirects + 1):
            answer = await self._ask(at, 0.0, lambda got: read_beginning(got, MOST_BYTES))
            if answer.status not in _REDIRECTS:
                break
            at = _redirected(at, answer)
        if answer.status == 200:
            return read_robots(answer.content.decode("utf-8", "replace"), self._settings.agent)
        return EVERYTHING if 400 <= answer.status < 500 and answer.status != 429 else NOTHING


def _redirected(address: WebAddress, answer: Answer) -> WebAddress:
    """Raises Refused: not to where it may."""
    location = answer.headers.get("Location")
    if not location:
        raise Refused(f"it answers {answer.status} and does not say where to")
    try:
        target = read_web_address(location, address)
    except Refused as refused:
        raise Refused(f"it redirects to what is not fetched: {refused}") from None
    if address.scheme == "https" and target.scheme != "https":
        raise Refused(f"it redirects from https to http ({target.host})")
    return target


def _reason(address: WebAddress, error: Exception) -> Refused:
    """What lies under an error of aiohttp, which hides a refusal of ours in one of its own."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, Refused):
            return seen
        seen = seen.__cause__ or seen.__context__
    return Unanswered(f"{address.host} gave no answer that can be read ({str(error)[:200] or type(error).__name__})")


def _pause(headers: Mapping[str, str], number: int) -> float:
    """What the server asks for (Retry-After), within a minute, or a growing pause."""
    asked = headers.get("Retry-After", "").strip()
    seconds = 2.0**number
    if asked.isascii() and asked.isdecimal():
        seconds = float(asked[:6])
    elif asked:
        with contextlib.suppress(ValueError, OverflowError):
            seconds = email.utils.parsedate_to_datetime(asked).timestamp() - time.time()
    return min(max(seconds, 0.0), _LONGEST_PAUSE_SECONDS)
