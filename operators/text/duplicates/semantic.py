"""Texts that say the same in other words."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from operators.asking.serving import EmbeddingServing
from operators.bases.deduplication import Deduplicate, Duplicates, Members, Rows
from operators.bases.embedding import embed_each
from operators.core.operator import Need
from operators.engine.rows_reader import RowsReader
from operators.tables.numbers import number_beside

Vectors = np.ndarray[Any, np.dtype[np.float32]]

_EMBEDDED_AT_ONCE: Final = 256
_BLOCK: Final = 1024
_ROUNDS: Final = 10
_SEED: Final = 1


class SemanticDedup(Deduplicate):
    """Keep texts whose embedding has a cosine similarity below `threshold` to that of every text kept before, those that `keep` prefers first.

    Up to `exact_up_to` rows all pairs are compared, block by block; above, only those of the same cluster of a spherical k-means (SemDeDup). A row
    can lose only to a row that stays. Memory: the vectors, 4 bytes a dimension, twice where `keep` is not "first".
    """

    covers: ClassVar[tuple[str, ...]] = ("SemDeduplicateFilter",)
    source = "SemDeDup (Abbas et al. 2023)"
    asks: ClassVar[tuple[str, ...]] = (
        "remove paraphrases of the same question",
        "dedup by meaning with embeddings",
        "delete semantically similar prompts",
        "the same asked in different wording",
    )
    needs: ClassVar[tuple[Need, ...]] = ("embedding",)

    embedding: str = Field("embedding", description="The resource that embeds.")
    threshold: float = Field(0.95, gt=0, le=1)
    exact_up_to: int = Field(50_000, ge=1)
    cluster_size: int = Field(5_000, ge=2, description="Mean rows of a cluster, where there are clusters.")

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        serving: EmbeddingServing = resources["embedding"]
        embedded: list[Vectors] = []
        refused: dict[int, str] = {}
        members = Members()
        for part in self.read_parts(rows, known, size=_EMBEDDED_AT_ONCE):
            texts = part.texts.to_pylist()
            vectors, reasons = embed_each(serving, texts)
            refused |= {len(members) + place: reason for place, reason in reasons.items()}
            vectors[np.array([not text.strip() for text in texts])] = 0  # like nothing
            embedded.append(vectors)
            members.add(part.known, part.ids, part.merits)
        count = len(members)
        order = members.by_merit()
        vectors = np.concatenate(embedded) if embedded else np.zeros((0, 1), np.float32)
        if self.keep != "first":
            vectors = vectors[order]
        lost_to, similarity = np.full(count, -1, np.int64), np.zeros(count, np.float32)
        first = _first_equal(vectors)
        again = np.flatnonzero((first != np.arange(count)) & (np.arange(count) >= members.known))
        for cluster in _clusters(vectors, 1 if count <= self.exact_up_to else -(-count // self.cluster_size)):
            _lose(vectors, np.setdiff1d(cluster, again, assume_unique=True), members.known, self.threshold, lost_to, similarity)
        stays = lost_to[first[again]] < 0
        similarity[again] = np.where(stays, 1, similarity[first[again]])
        lost_to[again] = np.where(stays, first[again], lost_to[first[again]])
        kept, cosine = np.empty(count, np.int64), np.empty(count, np.float32)
        kept[order] = np.where(lost_to < 0, order, order[lost_to])
        cosine[order] = similarity

        def reason(row: int, winner: str) -> str:
            shown = f"{cosine[row]:.3f}"
            stated = shown if float(shown) >= self.threshold else number_beside(float(cosine[row]), self.threshold)
            return f"{self.name}: says the same as {winner} (cosine {stated})"

        return Duplicates(kept, members, reason, refused)


class SemanticDedupAgainst(SemanticDedup):
    """As `SemanticDedup`, for the next part of a growing collection: texts like one of the second table (what was kept before) are dropped first."""

    asks = (
        "skip new questions that mean what old ones do",
        "incremental dedup by meaning with vectors",
        "compare prompts semantically with an existing set",
    )

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")


def _first_equal(vectors: Vectors) -> Rows:
    """For each row the first with the same vector, whose cosine is 1 whatever rounding makes of it. Zeros are like nothing."""
    places: dict[bytes, int] = {}
    return np.array(
        [
            places.setdefault(hashlib.blake2b(vector.tobytes(), digest_size=16).digest(), place) if vector.any() else place
            for place, vector in enumerate(vectors)
        ],
        np.int64,
    )


def _clusters(vectors: Vectors, count: int) -> list[Rows]:
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


def _lose(vectors: Vectors, members: Rows, known: int, threshold: float, lost_to: Any, similarity: Any) -> None:
    """Write for each member to which member before it, of those that stay, it loses. Rows below `known` always stay."""
    kept, members = members[members < known], members[members >= known]
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
