"""The index of a corpus: its passages, and beside them what is needed to find them by words, by meaning, or by both."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa

from operators.asking.serving import EmbeddingServing
from operators.bases.embedding import Vectors, embed_each
from operators.bases.retrieval.folder import forget_unused, mark_used, publishing
from operators.bases.retrieval.found import Allowed, Found, fused
from operators.bases.retrieval.passages_table import Passages, hash_of, mark_of, open_passages, passages_schema, read_passages, write_passages
from operators.bases.retrieval.vector_index import VectorIndex
from operators.bases.retrieval.word_index import WordIndex
from operators.engine.cache_folder import cache_folder
from operators.retrieval.passages import NotRetrieved, Query, Retrieved
from operators.tables.errors import StageFailed
from operators.tables.row_ids import RowIdStorage
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID

By: TypeAlias = Literal["words", "meaning", "both"]

FUSED_DEPTH: Final = 100
"""Of each ranking so many passages are made one ranking, or as many as are wanted, if that is more."""
MADE_IN_MEMORY: Final = 2000
"""Rows of a corpus of which no index is kept: making it takes less than a second."""
_FORM: Final = "2"
"""Of the terms and scores of a word index; another for another."""
_PROBE: Final = "Which model is this?"
_EMBEDDED_AT_ONCE: Final = 256

logger = logging.getLogger(__name__)


def index_of(corpus: Storage, text: str, fields: Sequence[str] = ()) -> CorpusIndex:
    """The index of a table with row ids: from the cache, by the content of the table, where it was made before. A small one is made in memory.

    `fields`: columns to narrow a search by.
    """
    if corpus.count_rows() <= MADE_IN_MEMORY:
        batches = read_passages(corpus, text, fields)
        return CorpusIndex(Passages(pa.Table.from_batches(batches, schema=passages_schema(corpus.schema, fields))), None)
    root = cache_folder("indexes")
    forget_unused(root)
    folder = root / hash_of(read_passages(corpus, text, fields))
    if not folder.is_dir():
        _write(corpus, text, fields, folder)
    mark_used(folder)
    return open_index(folder)


def make_index(corpus: Storage, text: str, fields: Sequence[str], folder: Path) -> None:
    """Write the passages of a table to a folder that is not there yet. Words and vectors are added when they are first searched for.

    Raises:
        StageFailed: the folder holds something already, such as the index of another corpus; or a column is not there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StageFailed(f"{folder} is there already: remove it, or name a folder that is not there.")
    if missing := next((name for name in (text, *fields) if name not in corpus.schema.names), None):
        raise StageFailed(f'the corpus has no column "{missing}"; it has {", ".join(corpus.schema.names)}.')
    _write(corpus if ROW_ID in corpus.schema.names else RowIdStorage(corpus), text, fields, folder)


def _write(corpus: Storage, text: str, fields: Sequence[str], folder: Path) -> None:
    with publishing(folder) as made:
        write_passages(read_passages(corpus, text, fields), passages_schema(corpus.schema, fields), made)


def open_index(folder: Path) -> CorpusIndex:
    """Raises StageFailed where the folder holds none."""
    try:
        return CorpusIndex(open_passages(folder), folder)
    except (OSError, pa.ArrowException) as error:
        raise StageFailed(f"{folder} holds no index: {error}. Make it with make_index, or remove it and run again.") from error


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Raises StageFailed where a part of an index cannot be read."""
    try:
        yield
    except (OSError, ValueError, EOFError) as error:
        raise StageFailed(f"{folder} is broken: {error}. Remove it: it is made again from the passages beside it.") from error


class CorpusIndex:
    """Passages, their words, and their vectors by each model that was asked for: in a folder, or in memory without one. What is missing is made when
    it is first needed. The names of words and vectors hold the mark of the passages that they are of: those of others are never taken for them."""

    def __init__(self, passages: Passages, folder: Path | None) -> None:
        self._passages = passages
        self._folder = folder
        self._mark = "" if folder is None else mark_of(folder)
        self._words: WordIndex | None = None
        self._vectors: dict[str, VectorIndex] = {}

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def fields(self) -> list[str]:
        return self._passages.fields

    def find(self, queries: Sequence[Query], top: int, by: By = "words", embedding: EmbeddingServing | None = None) -> list[Retrieved]:
        """For each query at most `top` passages. `embedding` is asked for the vectors of queries, and of passages that have none yet, unless only
        words count."""
        if not len(self) or not queries:
            return [()] * len(queries)
        allowed = [self._passages.allowed(query.only) for query in queries]
        texts = [query.text for query in queries]
        refused: dict[int, str] = {}
        rankings: list[list[Found]] = []
        depth = max(top, FUSED_DEPTH) if by == "both" else top
        if by != "meaning":
            rankings.append(self._by_words().find(texts, depth, allowed))
        if by != "words":
            if embedding is None:
                raise StageFailed(f'by="{by}" compares vectors: give an embedding model')
            found, refused = self._by_meaning(texts, depth, allowed, embedding)
            rankings.append(found)
        merged = [fused(of_query, top) if len(of_query) > 1 else of_query[0] for of_query in zip(*rankings, strict=True)]
        return [NotRetrieved(refused[place]) if place in refused else one for place, one in enumerate(self._passages.of(merged))]

    def _by_words(self) -> WordIndex:
        if self._words is None:
            self._words = (
                WordIndex.build(self._passages.texts()) if self._folder is None else self._words_in(self._folder / f"words-{_FORM}-{self._mark}")
            )
        return self._words

    def _words_in(self, folder: Path) -> WordIndex:
        if not folder.is_dir():
            with publishing(folder) as made:
                WordIndex.build(self._passages.texts()).save(made)
        with _reading(folder):
            return WordIndex.load(folder, len(self))

    def _by_meaning(
        self, texts: Sequence[str], top: int, allowed: Sequence[Allowed | None], embedding: EmbeddingServing
    ) -> tuple[list[Found], dict[int, str]]:
        index = self._vectors_of(embedding)
        vectors, refused = embed_each(embedding, texts)
        vectors[np.array([not text.strip() for text in texts])] = 0  # like nothing
        return index.find(vectors, top, allowed), dict(refused)

    def _vectors_of(self, embedding: EmbeddingServing) -> VectorIndex:
        """A model is known by how it embeds one text."""
        model = hashlib.sha256(np.ascontiguousarray(embedding.embed([_PROBE]), np.float32).tobytes()).hexdigest()[:16]
        if model not in self._vectors:
            self._vectors[model] = self._indexed(embedding, None if self._folder is None else self._folder / f"vectors-{model}-{self._mark}")
        return self._vectors[model]

    def _indexed(self, embedding: EmbeddingServing, folder: Path | None) -> VectorIndex:
        if folder is None:
            return VectorIndex.build(self._embedded(embedding), len(self), embedding.dimensions, None)
        if not folder.is_dir():
            with publishing(folder) as made:
                VectorIndex.build(self._embedded(embedding), len(self), embedding.dimensions, made)
        with _reading(folder):
            return VectorIndex.load(folder, len(self), embedding.dimensions)

    def _embedded(self, embedding: EmbeddingServing) -> Iterator[Vectors]:
        without = 0
        for texts in self._passages.texts():
            for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
                some = texts.slice(start, _EMBEDDED_AT_ONCE).to_pylist()
                vectors, refused = embed_each(embedding, some)
                vectors[np.array([not text.strip() for text in some])] = 0
                without += len(refused)
                yield vectors
        if without:
            logger.warning(
                "%d of %d passages have no vector, as the embedding model refused them: they are never found by meaning", without, len(self)
            )
