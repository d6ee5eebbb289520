"""Any server that speaks OpenAI's /v1/embeddings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from resources.embeddings.backend import EmbeddingConnection, EmbeddingReply, EmbeddingRequest
from resources.embeddings.embeddings_json import reply_of
from resources.embeddings.settings import EmbeddingSettings
from resources.llm.answers.completion_json import ErrorInAnswer
from resources.llm.answers.masking import masked
from resources.llm.answers.reply import BackendError
from resources.llm.backends.http_client import HttpServer
from resources.llm.backends.model_name import only_model
from resources.llm.settings.base_url import endpoint
from resources.llm.settings.secret_values import without_keys

if TYPE_CHECKING:
    import aiohttp

_INSTEAD_OF_NOTHING = " "
"""Servers refuse an empty text."""
_REMEDY = "Start it, or point DATAFLOW_EMBEDDING_BASE_URL (or base_url) at a server that runs; unset, the embedded model serves."


class OpenAICompatibleEmbeddings:
    """One embedding model of one server."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        self.settings = settings
        self.server = HttpServer(settings, remedy=_REMEDY)
        self.max_in_flight = settings.max_in_flight
        self.name = self.server.name
        self.remedy = _REMEDY

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[EmbeddingConnection]:
        async with self.server.session() as session:
            yield HttpEmbeddingConnection(self, session, self.settings.model or await only_model(session, self.server))


class HttpEmbeddingConnection:
    def __init__(self, backend: OpenAICompatibleEmbeddings, session: aiohttp.ClientSession, model: str) -> None:
        from yarl import URL

        self.model = model
        self.identity: Mapping[str, Any] = {"base_url": without_keys(backend.server.base_url), "extra_body": backend.settings.extra_body}
        self.name = backend.name
        self._extra_body = backend.settings.extra_body
        self._server = backend.server
        self._session = session
        self._url = URL(endpoint(backend.server.base_url, "/embeddings"))

    async def complete(self, request: EmbeddingRequest) -> EmbeddingReply:
        # half a surrogate pair, which some crawled texts hold, is no Unicode text
        inputs = [text.encode("utf-8", "replace").decode() or _INSTEAD_OF_NOTHING for text in request.texts]
        return await self.send(orjson.dumps({"model": self.model, "input": inputs, **self._extra_body}), request.texts)

    async def send(self, body: bytes, texts: Sequence[str]) -> EmbeddingReply:
        """Raises BackendError."""
        server = self._server
        status, headers, content, seconds = await server.ask(self._session, self._url, body, run="")
        if status != 200:
            raise server.error(status, headers, content, "\n".join(texts))
        try:
            return reply_of(content, texts, self.model, seconds, server.name)
        except ErrorInAnswer as error:
            raise server.error_in_answer(error.said, "\n".join(texts)) from None
        except BackendError as error:
            error.message = masked(error.message, server.secrets)
            raise
