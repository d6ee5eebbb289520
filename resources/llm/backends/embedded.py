"""The embedded model as a backend: the same client, spread over the servers in this process, with llama.cpp's own way of constraining an answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
from pydantic import SecretStr

from operators.asking.answers import ServingStopped
from operators.asking.requests import GivenText, Request
from resources import models
from resources.llm.answers.reply import Reply
from resources.llm.backends import embedded_server
from resources.llm.backends.embedded_placement import count_of_slots, place
from resources.llm.backends.openai_compatible import HttpConnection, OpenAICompatibleBackend
from resources.llm.backends.request_manner import Manner, RequestManner
from resources.llm.backends.spread import Spread
from resources.llm.backends.structured_output import Structured
from resources.llm.engine.backend import Connection
from resources.llm.settings.language_model import LLMSettings

logger = logging.getLogger(__name__)

MODEL = "smollm2"
_COMPACT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": ", "lenient": True}
"""Options of llguidance, the engine behind llama.cpp's grammars: no tokens for line breaks; keywords that it does not know constrain nothing."""
_LEAST_TIMEOUT_SECONDS = 600.0
"""Busy cores make answers slow, not wrong."""
_warned_of: set[str] = set()
"""Models whose caution this process has said already."""


class EmbeddedBackend:
    def __init__(self, settings: LLMSettings) -> None:
        name = settings.model or MODEL
        try:
            self._model = models.find(name)
        except models.ModelMissing as error:
            raise ServingStopped(f"{error} Or point DATAFLOW_LLM_BASE_URL at a server.") from error
        except models.ModelError as error:
            raise ServingStopped(f"{error} It would be embedded because DATAFLOW_LLM_BASE_URL (or base_url) is not set.") from error
        if self._model.use != "language":
            raise ServingStopped(f"{name!r} makes vectors, not answers: name another model, such as {MODEL}.")
        self._settings = settings
        self._placement = place(self._model.path, count_of_slots())
        self.max_in_flight = self._placement.servers * self._placement.slots
        self.name = f"the embedded model {self._model.name}"
        self.caution = self._model.caution
        self.remedy = "It runs inside this process: start the run again."

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        if self.caution and self._model.name not in _warned_of:
            _warned_of.add(self._model.name)
            logger.warning("the embedded model %s: %s.", self._model.name, self.caution)
        servers = embedded_server.start(self._model.path, slots=self._placement.slots)
        async with AsyncExitStack() as stack:
            clients = [self._client(address, servers.api_key) for address in servers.addresses]
            yield SpreadConnection([await stack.enter_async_context(client) for client in clients], self._model.sha256)

    def _client(self, address: str, api_key: str) -> AbstractAsyncContextManager[HttpConnection]:
        settings = self._settings.model_copy(
            update={
                "provider": None,
                "base_url": f"{address}/v1",
                "model": self._model.name,
                "api_key": SecretStr(api_key),
                "headers": {},
                "timeout": max(_LEAST_TIMEOUT_SECONDS, self._settings.timeout),
                "extra_body": {**self._model.request, **self._settings.extra_body},
            }
        )
        return OpenAICompatibleBackend(settings, GrammarManner(self.name), self.name, "llama.cpp").connect()


class SpreadConnection:
    """Sends each request to the server with the least to do."""

    def __init__(self, connections: Sequence[HttpConnection], weights_sha256: str) -> None:
        self.model = connections[0].model
        self.identity: Mapping[str, Any] = {"weights": weights_sha256, "extra_body": connections[0].identity["extra_body"]}
        self._spread = Spread(connections)

    async def complete(self, request: Request) -> Reply:
        with self._spread.least_busy() as connection:
            return replace(await connection.complete(request), model=self.model)  # llama.cpp itself names the path of the file

    async def log_probabilities(self, given: GivenText) -> Reply:
        with self._spread.least_busy() as connection:
            return replace(await connection.log_probabilities(given), model=self.model)


class GrammarManner(RequestManner):
    """The schema as a grammar, which also fixes the spaces between the tokens of the answer. This server is known: there is nothing to find out."""

    def apply(self, body: dict[str, Any], schema: Mapping[str, Any], structured: Structured) -> None:
        body["grammar"] = "%llguidance {}\nstart: %json " + orjson.dumps({**schema, "x-guidance": _COMPACT}).decode()

    async def ask(self, request: Request, attempt: Callable[[Manner], Awaitable[Reply]]) -> Reply:
        return await attempt(self.of(request))
