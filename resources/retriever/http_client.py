"""A server that searches, as a retriever: {"queries": [...], "topk": 5, "return_scores": true} there, passages back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import orjson

from operators.engine.synchronously import run_to_end
from operators.retrieval.passages import NotRetrieved, Query, Retrieved
from operators.tables.errors import StageFailed
from resources.retriever.http_answers import MalformedAnswer, passages_of
from resources.retriever.settings import PLACE_VARIABLE, RetrieverSettings

if TYPE_CHECKING:
    import aiohttp

_MOST_BYTES: Final = 64 << 20
_LONGEST_PAUSE_SECONDS: Final = 30.0
_OVERLOADED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSES_ALL: Final = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405})


class _Refused(Exception):
    """The server answered, and does not take this request."""


class HttpRetriever:
    """A Retriever. Queries go many to a request; a request that is refused is sent again query by query, so that one costs no other."""

    def __init__(self, settings: RetrieverSettings) -> None:
        self.settings = settings
        self.max_in_flight = settings.max_in_flight

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HttpRetrieverSession]:
        """Connections for one stage, inside one event loop."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self.settings.seconds)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as client:
            yield HttpRetrieverSession(self.settings, client)

    def retrieve(self, queries: Sequence[Query], top: int) -> Sequence[Retrieved]:
        async def all_of_them() -> list[Retrieved]:
            async with self.session() as session:
                return await session.retrieve_all(queries, top)

        return run_to_end(all_of_them)

    async def retrieve_soon(self, query: Query, top: int) -> Retrieved:
        async with self.session() as session:
            return await session.retrieve_soon(query, top)


class HttpRetrieverSession:
    def __init__(self, settings: RetrieverSettings, client: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._client = client
        self._room = asyncio.Semaphore(settings.max_in_flight)
        self.max_in_flight = settings.max_in_flight

    async def retrieve_soon(self, query: Query, top: int) -> Retrieved:
        return (await self.retrieve_all([query], top))[0]

    async def retrieve_all(self, queries: Sequence[Query], top: int) -> list[Retrieved]:
        size = self._settings.queries_per_request
        parts = [queries[start : start + size] for start in range(0, len(queries), size)]
        answers = await asyncio.gather(*(self._retrieve(part, top) for part in parts))
        return [one for answer in answers for one in answer]

    async def _retrieve(self, queries: Sequence[Query], top: int) -> list[Retrieved]:
        if any(query.only for query in queries):
            raise StageFailed(f"{self._settings.place} is a server, which cannot be told to look in one document alone: leave out `only`.")
        try:
            return [*await self._answer(queries, top)]
        except (_Refused, MalformedAnswer) as error:
            if len(queries) == 1:
                return [NotRetrieved(f"{self._settings.place}: {error}")]
            return [one for query in queries for one in await self._retrieve([query], top)]

    async def _answer(self, queries: Sequence[Query], top: int) -> Sequence[Retrieved]:
        body = orjson.dumps({"queries": [query.text for query in queries], "topk": top, "return_scores": True})
        said = ""
        for number in range(self._settings.tries):
            if number:
                await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, 0.5 * 2**number))
            status, said, content = await self._send(body)
            if status == 200:
                return passages_of(content, len(queries), top)
            if status in _REFUSES_ALL:
                raise StageFailed(f"{self._settings.place} answers {status}: check the address ({PLACE_VARIABLE}) and the key.")
            if status and status not in _OVERLOADED:
                raise _Refused(f"it answers {status}")
        if said and not status:
            raise StageFailed(f"{self._settings.place} cannot be reached: {said}. Start the server, or set {PLACE_VARIABLE} to one that runs.")
        raise _Refused(said or f"it answers {status}, {self._settings.tries} times")

    async def _send(self, body: bytes) -> tuple[int, str, bytes]:
        """The status, a reason and the content; without an answer the status is 408 where it took too long, else 0.

        Redirects are not followed: the key is for this server.
        """
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if self._settings.api_key is not None:
            headers["Authorization"] = f"Bearer {self._settings.api_key.get_secret_value()}"
        try:
            async with self._room, self._client.post(self._settings.place, data=body, headers=headers, allow_redirects=False) as response:
                content = bytearray()
                async for block in response.content.iter_chunked(1 << 16):
                    content += block
                    if len(content) > _MOST_BYTES:
                        raise MalformedAnswer(f"more than {_MOST_BYTES >> 20} MB")
                return response.status, "", bytes(content)
        except TimeoutError:
            return 408, f"no answer within {self._settings.seconds:g} seconds", b""
        except aiohttp.ClientError as error:
            return 0, str(error) or type(error).__name__, b""
