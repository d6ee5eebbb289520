"""An index on disk as a retriever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from operators.bases.retrieval.corpus_index import CorpusIndex, index_of, open_index
from operators.retrieval.passages import NotRetrieved, Query, Retrieved
from operators.tables.errors import StageFailed
from operators.tables.files import FileStorage
from operators.tables.row_ids import RowIdStorage
from resources.retriever.settings import RetrieverSettings

if TYPE_CHECKING:
    from operators.asking.serving import EmbeddingServing


class IndexRetriever:
    """A Retriever. The index is opened, and where it lacks what is searched by, made, when the first query comes.

    `embedding`: what embeds queries and passages unless only words count; by default what the environment says.
    """

    def __init__(self, settings: RetrieverSettings, embedding: EmbeddingServing | None = None) -> None:
        self._settings = settings
        self._embedding = embedding
        self._index: CorpusIndex | None = None
        self._lock = threading.Lock()

    def retrieve(self, queries: Sequence[Query], top: int) -> Sequence[Retrieved]:
        with self._lock:
            index = self._opened()
            unknown = {name for query in queries for name in query.only} - set(index.fields)
            if unknown:
                known = ", ".join(index.fields) or "none"
                reason = f'{self._settings.place} cannot be narrowed by "{min(unknown)}"; it can by: {known}'
                return [NotRetrieved(reason)] * len(queries)
            return index.find(queries, top, self._settings.by, self._embedding)

    async def retrieve_soon(self, query: Query, top: int) -> Retrieved:
        return (await asyncio.to_thread(self.retrieve, [query], top))[0]

    def _opened(self) -> CorpusIndex:
        if self._index is None:
            self._index = self._open()
            if self._settings.by != "words" and self._embedding is None:
                from resources.embeddings import open_embeddings

                self._embedding = open_embeddings()
        return self._index

    def _open(self) -> CorpusIndex:
        place = Path(self._settings.place).expanduser()
        if place.is_dir() and (place / "passages.arrow").is_file():
            return open_index(place)
        storage = RowIdStorage(FileStorage(place))
        for column in (self._settings.text, *self._settings.fields):
            if column not in storage.schema.names:
                raise StageFailed(f'{place} has no column "{column}"; it has {", ".join(storage.schema.names)}.')
        return index_of(storage, self._settings.text, self._settings.fields)
