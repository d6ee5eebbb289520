"""Texts that say the same in other words."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from pydantic import Field

from operators.core.batch import Verdict
from operators.core.columns import Input
from operators.core.kinds import Filter
from operators.core.rows_reader import RowsReader
from operators.core.serving import EmbeddingServing
from operators.core.types import ROW_ID

Vectors = np.ndarray[Any, np.dtype[np.float32]]

_EMBEDDED_AT_ONCE: Final = 256
_BLOCK: Final = 1024
_ROUNDS: Final = 10
_SEED: Final = 1


class SemanticDedup(Filter):
    """Keep texts whose embedding has a cosine similarity below `threshold` to that of every text kept before.

    Up to `exact_up_to` rows all pairs are compared, block by block; above, only those of the same cluster of a spherical k-means (SemDeDup). A row
    can lose only to a row that stays. Memory: the vectors, 4 bytes a dimension.
    """

    covers = ("SemDeduplicateFilter",)
    source = "SemDeDup (Abbas et al. 2023)"
    scope = "table"
    needs = ("embedding",)

    input_text = Input(str)
    embedding: str = Field("embedding", description="The resource that embeds.")
    threshold: float = Field(0.95, gt=0, le=1)
    exact_up_to: int = Field(50_000, ge=1)
    cluster_size: int = Field(5_000, ge=2, description="Mean rows of a cluster, where there are clusters.")

    def keep_table(self, rows: RowsReader, embedding: EmbeddingServing) -> Verdict:
        ids: list[str] = []
        parts: list[Vectors] = []
        blank: list[bool] = []
        for batch in rows.batches(["text"], size=_EMBEDDED_AT_ONCE):
            texts = batch.column("text").to_pylist()
            ids += batch.column(ROW_ID).to_pylist()
            blank += [not text.strip() for text in texts]
            parts.append(np.asarray(embedding.embed(texts), np.float32))
        if not ids:
            return Verdict(np.zeros(0, np.bool_))
        vectors = np.concatenate(parts)
        vectors[blank] = 0  # like nothing
        lost_to, similarity = np.full(len(ids), -1, np.int64), np.zeros(len(ids), np.float32)
        for members in _clusters(vectors, 1 if len(ids) <= self.exact_up_to else -(-len(ids) // self.cluster_size)):
            _lose(vectors, members, self.threshold, lost_to, similarity)
        reasons = [
            None if other < 0 else f"{self.name}: says the same as {ids[other]} (cosine {value:.3f})"
            for other, value in zip(lost_to.tolist(), similarity.tolist(), strict=True)
        ]
        return Verdict(lost_to < 0, reasons)


def _clusters(vectors: Vectors, count: int) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """The rows of each cluster, in order."""
    if count <= 1:
        return [np.arange(len(vectors))]
    centres = vectors[np.random.default_rng(_SEED).choice(len(vectors), count, replace=False)]
    nearest = np.zeros(len(vectors), np.int64)
    for _ in range(_ROUNDS):
        for start in range(0, len(vectors), _BLOCK):
            nearest[start : start + _BLOCK] = np.argmax(vectors[start : start + _BLOCK] @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centres).astype(np.float32)
    return [np.flatnonzero(nearest == cluster) for cluster in range(count)]


def _lose(vectors: Vectors, members: np.ndarray[Any, np.dtype[np.int64]], threshold: float, lost_to: Any, similarity: Any) -> None:
    """Write for each member to which member before it, of those that stay, it loses."""
    kept = np.empty(0, np.int64)
    for start in range(0, len(members), _BLOCK):
        block = members[start : start + _BLOCK]
        for first in range(0, len(kept), 8 * _BLOCK):
            before = kept[first : first + 8 * _BLOCK]
            like = vectors[block] @ vectors[before].T
            best = np.argmax(like, axis=1)
            value = like[np.arange(len(block)), best]
            loses = (value >= threshold) & (value > similarity[block])
            lost_to[block[loses]], similarity[block[loses]] = before[best[loses]], value[loses]
        within = vectors[block] @ vectors[block].T
        for place in np.flatnonzero(lost_to[block] < 0):
            earlier = np.flatnonzero((within[place, :place] >= threshold) & (lost_to[block[:place]] < 0))
            if len(earlier):
                lost_to[block[place]], similarity[block[place]] = block[earlier[0]], within[place, earlier[0]]
        kept = np.concatenate([kept, block[lost_to[block] < 0]])
