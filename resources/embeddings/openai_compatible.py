"""Any server that speaks OpenAI's /v1/embeddings."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from operators.asking.requests import Request
from resources.embeddings.backend import EmbeddingConnection, EmbeddingReply, texts_of
from resources.embeddings.embeddings_json import reply_of
from resources.embeddings.settings import EmbeddingSettings
from resources.llm.backends.model_name import only_model
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.settings.base_url import endpoint

if TYPE_CHECKING:
    import aiohttp

_INSTEAD_OF_NOTHING = " "
"""Servers refuse an empty text."""


class OpenAICompatibleEmbeddings:
    """One embedding model of one server."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        self.settings = settings
        self.server = OpenAICompatibleBackend(settings.of_connection())
        self.max_in_flight = settings.max_in_flight
        self.name = self.server.name
        self.remedy = "Start it, or point DATAFLOW_EMBEDDING_BASE_URL (or base_url) at a server that runs; unset, the embedded model serves."

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[EmbeddingConnection]:
        async with self.server.http_session() as session:
            yield HttpEmbeddingConnection(self, session, self.settings.model or await only_model(session, self.server))


class HttpEmbeddingConnection:
    def __init__(self, backend: OpenAICompatibleEmbeddings, session: aiohttp.ClientSession, model: str) -> None:
        from yarl import URL

        self.model = model
        self.identity: Mapping[str, Any] = {"base_url": backend.server.base_url, "extra_body": backend.settings.extra_body}
        self._backend = backend
        self._session = session
        self._url = URL(endpoint(backend.server.base_url, "/embeddings"))

    async def complete(self, request: Request) -> EmbeddingReply:
        texts = texts_of(request)
        # half a surrogate pair, which some crawled texts hold, is no Unicode text
        inputs = [text.encode("utf-8", "replace").decode() or _INSTEAD_OF_NOTHING for text in texts]
        return await self.send(orjson.dumps({"model": self.model, "input": inputs, **self._backend.settings.extra_body}), texts)

    async def send(self, body: bytes, texts: list[str]) -> EmbeddingReply:
        """Raises BackendError."""
        import aiohttp

        server = self._backend.server
        started = time.perf_counter()
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                content = await response.read()
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise server.error_of_connection(error) from None
        if response.status != 200:
            raise server.error_of(response.status, response.headers, content)
        return reply_of(content, texts, self.model, time.perf_counter() - started, self._backend.name)
