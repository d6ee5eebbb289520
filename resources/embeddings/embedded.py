"""The embedded model as a backend: all-MiniLM-L6-v2 on llama.cpp, without torch or onnxruntime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import orjson
from pydantic import SecretStr

from operators.asking.answers import ServingStopped
from resources import models
from resources.embeddings import embedded_server
from resources.embeddings.backend import EmbeddingConnection, EmbeddingReply, EmbeddingRequest
from resources.embeddings.openai_compatible import HttpEmbeddingConnection, OpenAICompatibleEmbeddings
from resources.embeddings.settings import EmbeddingSettings
from resources.llm.answers.reply import BackendError
from resources.llm.backends.embedded_placement import count_of_servers
from resources.llm.backends.embedded_server import EmbeddedServers
from resources.llm.backends.spread import Spread

MODEL = "minilm"
MOST_TOKENS = 256
"""Of a longer text the rest is not looked at: the model was trained on no longer ones, and sentence-transformers cuts there too."""

_START, _END = 101, 102
"""[CLS] and [SEP]."""
_LEAST_TIMEOUT_SECONDS = 600.0
"""Busy cores make answers slow, not wrong."""


class EmbeddedEmbeddings:
    def __init__(self, settings: EmbeddingSettings) -> None:
        name = settings.model or MODEL
        try:
            self._model = models.find(name)
        except models.ModelMissing as error:
            raise ServingStopped(f"{error} Or point DATAFLOW_EMBEDDING_BASE_URL at a server.") from error
        except models.ModelError as error:
            raise ServingStopped(f"{error} It would be embedded because DATAFLOW_EMBEDDING_BASE_URL (or base_url) is not set.") from error
        if name != MODEL:
            raise ServingStopped(f"{name!r} makes no vectors: the embedded model that does is {MODEL!r}.")
        self._settings = settings
        self.max_in_flight = 2 * count_of_servers()
        self.name = f"the embedded model {name}"
        self.remedy = "It runs inside this process: start the run again."

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[EmbeddingConnection]:
        servers = embedded_server.start(self._model.path)
        async with AsyncExitStack() as stack:
            headers = {"Authorization": f"Bearer {servers.api_key}"}
            session = await stack.enter_async_context(aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()))
            clients = [self._client(address, servers) for address in servers.addresses]
            connections = [await stack.enter_async_context(client.connect()) for client in clients]
            yield MiniLMConnection([c for c in connections if isinstance(c, HttpEmbeddingConnection)], session, servers, self._model.sha256)

    def _client(self, address: str, servers: EmbeddedServers) -> OpenAICompatibleEmbeddings:
        settings = self._settings.model_copy(
            update={
                "base_url": f"{address}/v1",
                "model": MODEL,
                "api_key": SecretStr(servers.api_key),
                "headers": {},
                "timeout": max(_LEAST_TIMEOUT_SECONDS, self._settings.timeout),
            }
        )
        return OpenAICompatibleEmbeddings(settings)


class MiniLMConnection:
    """Sends each request to the server with the least to do. Texts that may be too long, or are empty, go as tokens, which can be cut exactly."""

    model = MODEL

    def __init__(
        self, connections: Sequence[HttpEmbeddingConnection], session: aiohttp.ClientSession, servers: EmbeddedServers, weights_sha256: str
    ) -> None:
        self.identity: Mapping[str, Any] = {"weights": weights_sha256, "tokens": MOST_TOKENS}
        self._session = session
        self._spread = Spread(list(zip(connections, servers.addresses, strict=True)))

    async def complete(self, request: EmbeddingRequest) -> EmbeddingReply:
        with self._spread.least_busy() as (connection, address):
            inputs = [await self._input(text, address) for text in request.texts]
            return await connection.send(orjson.dumps({"model": MODEL, "input": inputs}), request.texts)

    async def _input(self, text: str, address: str) -> str | list[int]:
        """The text itself where it surely fits: a token is at least one byte long."""
        text = text.encode("utf-8", "replace").decode()
        if text.strip() and len(text.encode()) <= MOST_TOKENS - 2:
            return text
        return [_START, *(await self._tokens(text, address))[: MOST_TOKENS - 2], _END]

    async def _tokens(self, text: str, address: str) -> list[int]:
        if not text.strip():
            return []
        # more than enough text for all the tokens that are looked at, so that a book is not cut into words
        body = orjson.dumps({"content": text[: 64 * MOST_TOKENS], "add_special": False})
        try:
            async with self._session.post(f"{address}/tokenize", data=body, allow_redirects=False) as response:
                return list(orjson.loads(await response.read())["tokens"])
        except (aiohttp.ClientError, OSError, KeyError, TypeError, orjson.JSONDecodeError) as error:
            raise BackendError("malformed", f"the embedded model could not cut a text into words ({error})", retryable=True) from None
