"""The embedded model as a backend: all-MiniLM-L6-v2 on llama.cpp, without torch or onnxruntime. It was trained on English."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np
import orjson
from pydantic import SecretStr

from operators.asking.answers import ServingStopped
from operators.bases.models.gguf_fields import read_fields
from resources import models
from resources.embeddings import embedded_server
from resources.embeddings.backend import EmbeddingConnection, EmbeddingReply, EmbeddingRequest, Vectors
from resources.embeddings.openai_compatible import HttpEmbeddingConnection, OpenAICompatibleEmbeddings
from resources.embeddings.settings import EmbeddingSettings
from resources.llm.answers.reply import BackendError
from resources.llm.backends.embedded_placement import count_of_servers
from resources.llm.backends.embedded_server import EmbeddedServers
from resources.llm.backends.spread import Spread

MODEL = "minilm"
WINDOW_TOKENS: Final = 256
"""The model was trained on no longer texts. The vector of a longer one is the mean of its windows' vectors, each weighted by its tokens."""

_UNKNOWN, _START, _END = 100, 101, 102
"""[UNK], [CLS] and [SEP]."""
_MOST_UNREAD: Final = 0.5
"""Of the words of a text, measured on 25 sentences in each of 48 languages: at most 0.2 in those of Latin script, at least 0.8 in the others."""
_MOST_WINDOWS: Final = 32
"""Of one text: of a longer one, 8,000 tokens or so, spread evenly over it."""
_WINDOWS_A_REQUEST: Final = 64
_LEAST_TIMEOUT_SECONDS = 600.0
"""Busy cores make answers slow, not wrong."""


class EmbeddedEmbeddings:
    def __init__(self, settings: EmbeddingSettings) -> None:
        name = settings.model or MODEL
        if name != MODEL:
            raise ServingStopped(
                f"the only model that makes vectors in this process is {MODEL}, and {name!r} is named. Leave the name away, or point "
                "DATAFLOW_EMBEDDING_BASE_URL (or base_url) at a server that has it."
            )
        try:
            self._model = models.find(name)
        except models.ModelMissing as error:
            raise ServingStopped(f"{error} Or point DATAFLOW_EMBEDDING_BASE_URL at a server.") from error
        except models.ModelError as error:
            raise ServingStopped(str(error)) from error
        self._settings = settings
        self.caution = self._model.caution
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
            yield MiniLMConnection([c for c in connections if isinstance(c, HttpEmbeddingConnection)], session, servers, self._model)

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
    """Sends each request to the server with the least to do.

    Texts that may be too long, or may hold words that the model does not know, go as tokens. A text of which most words are unknown to it is
    refused: all such texts have nearly the same vector, whatever they say.
    """

    model = MODEL

    def __init__(
        self, connections: Sequence[HttpEmbeddingConnection], session: aiohttp.ClientSession, servers: EmbeddedServers, weights: models.Model
    ) -> None:
        self.identity: Mapping[str, Any] = {"weights": weights.sha256, "windows": WINDOW_TOKENS}
        self._session = session
        self._spread = Spread(list(zip(connections, servers.addresses, strict=True)))
        self._weights = weights.path

    async def complete(self, request: EmbeddingRequest) -> EmbeddingReply:
        with self._spread.least_busy() as (connection, address):
            windows = [await self._windows(text, address) for text in request.texts]
            flat = [window for of_text in windows for window in of_text]
            parts = [flat[start : start + _WINDOWS_A_REQUEST] for start in range(0, len(flat), _WINDOWS_A_REQUEST)]
            replies = [await connection.send(orjson.dumps({"model": MODEL, "input": part}), [MODEL] * len(part)) for part in parts]
        vectors = np.concatenate([reply.vectors for reply in replies])
        return EmbeddingReply(_means(vectors, windows), MODEL, sum(reply.prompt_tokens for reply in replies), sum(reply.seconds for reply in replies))

    async def _windows(self, text: str, address: str) -> list[str | list[int]]:
        """What is embedded of a text: the text itself where it surely fits, since a token is at least one byte long."""
        text = text.encode("utf-8", "replace").decode()
        if text.strip() and text.isascii() and len(text) <= WINDOW_TOKENS - 2:
            return [text]
        tokens = await self._tokens(text, address) if text.strip() else []
        if (unread := self._unread_share(tokens)) > _MOST_UNREAD:
            raise BackendError(
                "bad_request",
                f"the embedded model {MODEL} was trained on English and does not know {unread:.0%} of the words of a text. "
                "Point DATAFLOW_EMBEDDING_BASE_URL at a server with a model that reads its language",
            )
        return [[_START, *window, _END] for window in _cut(tokens)]

    def _unread_share(self, tokens: Sequence[int]) -> float:
        """Of the tokens with letters, those that are unknown, or lone letters of a script of which the model has no words."""
        letters, lone = _letters_of(self._weights)
        counted = [token for token in tokens if token in letters]
        return sum(token in lone for token in counted) / len(counted) if counted else 0.0

    async def _tokens(self, text: str, address: str) -> list[int]:
        body = orjson.dumps({"content": text, "add_special": False})
        try:
            async with self._session.post(f"{address}/tokenize", data=body, allow_redirects=False) as response:
                return list(orjson.loads(await response.read())["tokens"])
        except (aiohttp.ClientError, OSError, KeyError, TypeError, orjson.JSONDecodeError) as error:
            raise BackendError("malformed", f"the embedded model could not cut a text into words ({error})", retryable=True) from None


def _cut(tokens: Sequence[int]) -> Iterator[Sequence[int]]:
    """Windows of nearly the same length, so that the last one is no scrap."""
    longest = WINDOW_TOKENS - 2
    count = max(1, -(-len(tokens) // longest))
    windows = range(count) if count <= _MOST_WINDOWS else [number * (count - 1) // (_MOST_WINDOWS - 1) for number in range(_MOST_WINDOWS)]
    return (tokens[len(tokens) * number // count : len(tokens) * (number + 1) // count] for number in windows)


def _means(vectors: Vectors, windows: Sequence[Sequence[str | list[int]]]) -> Vectors:
    """Of each text the mean of its windows' vectors, of unit length."""
    means, at = [], 0
    for of_text in windows:
        some = vectors[at : at + len(of_text)]
        at += len(of_text)
        if len(of_text) > 1:
            total = np.average(some.astype(np.float64), axis=0, weights=[len(window) for window in of_text])
            some = np.asarray(total / np.linalg.norm(total), np.float32)[None]
        means.append(some)
    return np.concatenate(means)


@lru_cache(maxsize=2)
def _letters_of(weights: Path) -> tuple[frozenset[int], frozenset[int]]:
    """The tokens that hold letters; and among them the unknown one and those that are one letter of another script than Latin."""
    pieces = [str(piece).lstrip("\u2581") for piece in read_fields(weights, ["tokenizer.ggml.tokens"])["tokenizer.ggml.tokens"]]
    letters = {number for number, piece in enumerate(pieces) if any(map(str.isalpha, piece))} | {_UNKNOWN}
    lone = {number for number in letters if len(pieces[number]) == 1 and not pieces[number].isascii()} | {_UNKNOWN}
    return frozenset(letters), frozenset(lone)
