"""Texts to vectors as operators see it, in front of any backend: cache, then the server through the engine's limits and retries."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from operators.asking.answers import Failure, ServingStopped, Usage
from operators.asking.usage_label import current_label
from operators.engine.synchronously import run_to_end
from resources.embeddings.backend import EmbeddingBackend, EmbeddingConnection, EmbeddingReply, Vectors, request_of
from resources.embeddings.ledger import Ledger
from resources.embeddings.settings import EmbeddingSettings
from resources.embeddings.vector_cache import VectorCache, VectorKeys
from resources.llm.accounting.budget import Budget
from resources.llm.accounting.prices import price_of
from resources.llm.answers.reply import Reply
from resources.llm.engine.accounting import Accounting
from resources.llm.engine.caller import Caller, Contact
from resources.llm.engine.rate_limits import RateLimits
from resources.llm.engine.retries import RetryPolicy

_PROBE = "How long is a vector?"


class EmbeddingFailed(Exception):
    """The server refused a text, or gave up on it; the message says why."""


class Embeddings:
    """An EmbeddingServing. `usage` counts what it spent since it was opened: calls are requests of many texts, `cached` are texts."""

    def __init__(self, backend: EmbeddingBackend, settings: EmbeddingSettings, cache_path: Path | None, ledger_path: Path | None = None) -> None:
        self.backend = backend
        self.settings = settings
        self.cache_path = cache_path
        self.ledger_path = ledger_path
        self.usage = Usage()
        self._label = current_label()
        self._accounting: Accounting | None = None
        self._contact = Contact()
        self._rate_limits = RateLimits(settings.rpm, settings.tpm)
        self._dimensions: int | None = None
        self._lock = threading.Lock()

    def counted(self) -> Embeddings:
        """The same model, limits and files, with a usage of its own, for the pipeline and stage that it is now called for."""
        copied = copy.copy(self)
        copied.usage, copied._accounting, copied._label = Usage(), None, current_label()
        return copied

    @property
    def dimensions(self) -> int:
        """Length of the vectors. The server is asked for one, once; the cache remembers it."""
        if self._dimensions is None:
            self.embed([_PROBE])
        assert self._dimensions is not None
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), float32, in the order of the texts. Equal texts are computed once.

        Raises:
            EmbeddingFailed: the server refused a text, or did not answer after all retries. What it did answer is in the cache.
            ServingStopped: no request can succeed.
        """
        if not len(texts):
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            vectors = run_to_end(lambda: self._embed(texts))
            self._dimensions = int(vectors.shape[1])
        return vectors

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        cache = VectorCache(self.cache_path) if self.cache_path is not None else None
        ledger = Ledger(self.ledger_path)
        try:
            async with self.backend.connect() as connection:
                keys = VectorKeys(connection.identity, connection.model)
                key_of = {text: keys.of(text) for text in texts}
                found = cache.get(list(key_of.values())) if cache is not None else {}
                self.usage.model = connection.model
                self.usage.cached += len(found)
                missing = [text for text, key in key_of.items() if key not in found]
                await self._fetch(connection, missing, key_of, found, cache, ledger)
            return np.stack([found[key_of[text]] for text in texts])
        finally:
            ledger.close()
            if cache is not None:
                cache.close()

    async def _fetch(
        self,
        connection: EmbeddingConnection,
        texts: list[str],
        key_of: dict[str, bytes],
        found: dict[bytes, Vectors],
        cache: VectorCache | None,
        ledger: Ledger,
    ) -> None:
        """Compute what is missing into `found`, many texts a request, each request kept as it comes back."""
        settings = self.settings
        accounting = self._accounting = self._accounting or Accounting(self.usage, price_of(connection.model), connection.model, self._label)
        caller = Caller(
            self.backend,
            connection,
            self._rate_limits,
            RetryPolicy(settings.retries, settings.retry_seconds, settings.retry_seconds_most),
            Budget(None, None, None, connection.model),
            self.usage,
            contact=self._contact,
        )

        async def fetch(some: list[str]) -> None:
            async def keep(reply: Reply) -> None:
                assert isinstance(reply, EmbeddingReply)
                assert reply.vectors is not None
                rows = [(key_of[text], vector) for text, vector in zip(some, reply.vectors, strict=True)]
                if cache is not None:
                    cache.put(rows)
                found.update(rows)
                ledger.add([accounting.paid(reply, len(some))])

            reply = await caller.reply(request_of(some), keep)
            if isinstance(reply, Failure):
                self.usage.failed += 1
                raise EmbeddingFailed(f"{reply.kind}: {reply.message} (a request of {len(some)} texts, the first: {some[0][:80]!r})")

        size = settings.texts_per_request
        # the longest together with the longest: the shorter ones of a request wait for its longest
        ordered = sorted(texts, key=len)
        chunks = [ordered[start : start + size] for start in range(0, len(ordered), size)]
        tasks = [asyncio.ensure_future(fetch(chunk)) for chunk in chunks]
        try:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise next((failure for failure in failures if isinstance(failure, ServingStopped)), failures[0])
