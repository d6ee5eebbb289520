"""The embedded model as a backend: the same client, spread over the servers in this process, with llama.cpp's own way of constraining an answer."""

from __future__ import annotations

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
from resources.llm.backends.openai_compatible import HttpConnection, OpenAICompatibleBackend
from resources.llm.backends.request_manner import Manner, RequestManner
from resources.llm.backends.spread import Spread
from resources.llm.backends.structured_output import Structured
from resources.llm.engine.backend import Connection
from resources.llm.settings.language_model import LLMSettings

MODEL = "smollm2"
_AGAINST_LOOPS = {"repeat_penalty": 1.15, "repeat_last_n": 64}
"""A model this small repeats itself without it: "1.1.1.1.1" up to the longest answer, which also takes the most time."""
_COMPACT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": ", "lenient": True}
"""Options of llguidance, the engine behind llama.cpp's grammars: no tokens for line breaks; keywords that it does not know constrain nothing."""
_LEAST_TIMEOUT_SECONDS = 600.0
"""Busy cores make answers slow, not wrong."""


class EmbeddedBackend:
    def __init__(self, settings: LLMSettings) -> None:
        name = settings.model or MODEL
        try:
            self._weights = models.path(name)
        except models.ModelMissing as error:
            raise ServingStopped(f"{error} Or point DATAFLOW_LLM_BASE_URL at a server.") from error
        except models.ModelError as error:
            raise ServingStopped(f"{error} It would be embedded because DATAFLOW_LLM_BASE_URL (or base_url) is not set.") from error
        self._settings = settings
        self._model = name
        self._sha256 = next(status.weights.sha256 for status in models.list() if status.weights.name == name)
        self.max_in_flight = embedded_server.count_of_servers()
        self.name = f"the embedded model {name}"

        self.remedy = "It runs inside this process: start the run again."

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        servers = embedded_server.start(self._weights)
        async with AsyncExitStack() as stack:
            clients = [self._client(address, servers.api_key) for address in servers.addresses]
            yield SpreadConnection([await stack.enter_async_context(client) for client in clients], self._sha256)

    def _client(self, address: str, api_key: str) -> AbstractAsyncContextManager[HttpConnection]:
        settings = self._settings.model_copy(
            update={
                "provider": None,
                "base_url": f"{address}/v1",
                "model": self._model,
                "api_key": SecretStr(api_key),
                "headers": {},
                "timeout": max(_LEAST_TIMEOUT_SECONDS, self._settings.timeout),
                "extra_body": {**_AGAINST_LOOPS, **self._settings.extra_body},
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
            reply = await connection.complete(request)
        return replace(reply, model=self.model)  # llama.cpp gives the path of the weights, which means something only on this machine

    async def log_probabilities(self, given: GivenText) -> Reply:
        with self._spread.least_busy() as connection:
            return await connection.log_probabilities(given)


class GrammarManner(RequestManner):
    """The schema as a grammar, which also fixes the spaces between the tokens of the answer. This server is known: there is nothing to find out."""

    def apply(self, body: dict[str, Any], schema: Mapping[str, Any], structured: Structured) -> None:
        body["grammar"] = "%llguidance {}\nstart: %json " + orjson.dumps({**schema, "x-guidance": _COMPACT}).decode()

    async def ask(self, request: Request, attempt: Callable[[Manner], Awaitable[Reply]]) -> Reply:
        return await attempt(self.of(request))
