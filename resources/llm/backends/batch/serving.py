"""The Batch API as a language model: the same engine and cache, answers within hours, at what is mostly half the price."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from resources.llm.answers.paths import cache_path_of
from resources.llm.backends.batch.client import BatchClient
from resources.llm.backends.batch.connection import BatchConnection
from resources.llm.backends.batch.journal import BatchJournal
from resources.llm.backends.batch.settings import BatchSettings
from resources.llm.backends.openai_compatible import HttpConnection, OpenAICompatibleBackend
from resources.llm.engine.backend import Connection
from resources.llm.engine.serving import Serving
from resources.llm.settings.language_model import LLMSettings

_JOURNAL = "batches.sqlite"


def open_batch_serving(settings: LLMSettings | None = None, batch: BatchSettings | None = None) -> BatchServing:
    """Raises ValueError where the settings name no server, or no cache."""
    settings = settings or LLMSettings.from_environment()
    return BatchServing(settings, batch or BatchSettings(), cache_path_of(settings))


class BatchServing(Serving):
    """An LLMServing whose requests travel in batches."""

    def __init__(self, settings: LLMSettings, batch: BatchSettings, cache_path: Path | None) -> None:
        if settings.base_url is None:
            raise ValueError("the embedded model has no Batch API: set base_url (or provider) of the language model, or batch: false.")
        if cache_path is None or not settings.cache:
            raise ValueError("batches need the cache, from which a run takes the answers of a batch that it finds again: set cache: true.")
        # a second copy of a late request would be a second batch
        super().__init__(BatchBackend(settings, batch, cache_path), settings.model_copy(update={"hedge": None}), cache_path)


class BatchBackend:
    """Connects to one model of one server, by way of its batches."""

    def __init__(self, settings: LLMSettings, batch: BatchSettings, cache_path: Path) -> None:
        self.settings = settings
        self.batch = batch
        self.cache_path = cache_path
        self._direct = OpenAICompatibleBackend(settings)
        self.max_in_flight = self.start_in_flight = batch.requests * batch.open_batches
        self.name = self._direct.name
        self.remedy = self._direct.remedy

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        async with self._direct.connect() as direct:
            assert isinstance(direct, HttpConnection)
            server = orjson.dumps([dict(direct.identity), direct.model], option=orjson.OPT_SORT_KEYS).decode()
            journal = await asyncio.to_thread(BatchJournal, self.cache_path.with_name(_JOURNAL), server)
            client = BatchClient(self.settings)
            connection = BatchConnection(direct, self._direct.manner, client, journal, self.cache_path, self.batch)
            try:
                await connection.start()
                yield connection
            finally:
                await connection.close()
                await client.close()
                journal.close()
