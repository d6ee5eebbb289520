"""Texts to vectors as operators see it, in front of any backend: cache, then the server through the engine's limits and retries."""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from operators.asking.answers import ServingStopped, TextsRefused, Usage
from operators.asking.usage_label import current_label
from operators.engine.synchronously import run_to_end
from resources.embeddings.backend import EmbeddingBackend, EmbeddingConnection, EmbeddingReply, EmbeddingRequest, Vectors
from resources.embeddings.fetching import Fetching
from resources.embeddings.ledger import Ledger
from resources.embeddings.settings import EmbeddingSettings
from resources.embeddings.vector_cache import VectorCache, VectorKeys
from resources.llm.accounting.budget import Budget
from resources.llm.accounting.prices import Price, price_of
from resources.llm.engine.accounting import Accounting
from resources.llm.engine.backend import InThisProcess
from resources.llm.engine.caller import Caller, Contact
from resources.llm.engine.rate_limits import RateLimits
from resources.llm.engine.rate_share import FOLDER, name_of
from resources.llm.engine.retries import RetryPolicy

_PROBE = "How long is a vector?"
_SHOWN = 80


class EmbeddingFailed(TextsRefused):
    """The server refused a text, or gave up on it; the message says why. What it did answer is in the cache, and in `vectors`."""


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
        self._most_texts = settings.texts_per_request
        """Fewer once the server turns out to take fewer."""
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
            EmbeddingFailed: some texts have no vector: the server refused them, or did not answer after all retries. It holds those of the others.
            ServingStopped: no request can succeed.
        """
        if not len(texts):
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            found, refused = run_to_end(lambda: self._embed(texts))
        self._learn_dimensions(found)
        if not refused:
            return np.stack([found[text] for text in texts])
        length = self._dimensions or (self.dimensions if _PROBE not in texts else 0)
        nothing = np.zeros(length, dtype=np.float32)
        places = {place: refused[text] for place, text in enumerate(texts) if text in refused}
        first = texts[min(places)]
        message = f"{places[min(places)]} ({len(places)} of {len(texts)} texts, the first: {first[:_SHOWN]!r})"
        raise EmbeddingFailed(message, np.stack([found.get(text, nothing) for text in texts]), places)

    def _learn_dimensions(self, found: dict[str, Vectors]) -> None:
        """Raises ServingStopped where vectors have different lengths: what is computed from them would be nonsense."""
        lengths = {len(vector) for vector in found.values()} | ({self._dimensions} if self._dimensions else set())
        if len(lengths) > 1:
            raise ServingStopped(
                f"{self.backend.name} gives vectors of different lengths ({', '.join(map(str, sorted(lengths)))}): does it still serve the same "
                "model? If it does not, name the new one (model), or use another cache_path."
            )
        self._dimensions = next(iter(lengths), self._dimensions)

    async def _embed(self, texts: Sequence[str]) -> tuple[dict[str, Vectors], dict[str, str]]:
        """The vectors by text, and by text why there is none."""
        cache = VectorCache(self.cache_path) if self.cache_path is not None else None
        ledger = Ledger(self.ledger_path)
        try:
            async with self.backend.connect() as connection:
                keys = VectorKeys(connection.identity, connection.model)
                key_of = {text: keys.of(text) for text in texts}
                kept = cache.get(list(key_of.values())) if cache is not None else {}
                found = {text: kept[key] for text, key in key_of.items() if key in kept}
                self.usage.model = connection.model
                self.usage.cached += len(found)
                price = price_of(connection.model) or (Price(0, 0) if isinstance(self.backend, InThisProcess) else None)
                accounting = self._accounting = self._accounting or Accounting(self.usage, price, connection.model, self._label)

                def keep(request: EmbeddingRequest, reply: EmbeddingReply) -> None:
                    if reply.keeper == "gateway's cache":
                        self.usage.cached += len(request.texts)
                        return
                    if cache is not None and not reply.keeper:
                        cache.put([(key_of[text], vector) for text, vector in zip(request.texts, reply.vectors, strict=True)])
                    paid = accounting.paid(reply, len(request.texts))
                    if not reply.keeper:
                        ledger.add([paid])

                fetching = Fetching(self._caller(connection), keep, self._most_texts, is_proven=bool(found) or self._dimensions is not None)
                others = self.cache_path and self.cache_path.with_name(FOLDER) / name_of(connection.identity, connection.model)
                with self._rate_limits.shared(others):
                    await fetching.run([text for text in key_of if text not in found])
                self._most_texts = fetching.most_texts
                self.usage.failed += len(fetching.refused)
                return found | fetching.found, fetching.refused
        finally:
            ledger.close()
            if cache is not None:
                cache.close()

    def _caller(self, connection: EmbeddingConnection) -> Caller[EmbeddingRequest, EmbeddingReply]:
        retries, budget = RetryPolicy.of(self.settings), Budget(None, None, None, connection.model)
        return Caller(self.backend, connection.complete, self._rate_limits, retries, budget, self.usage, contact=self._contact)
