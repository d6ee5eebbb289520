"""Texts that share n-grams with others: with those before them, or with a benchmark's."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.deduplication import Deduplicate, Duplicates, Members, Rows
from operators.engine.rows_reader import RowsReader
from operators.kernels.index import SeenHashes
from operators.kernels.minhash import MinHash
from operators.tables.storage import DEFAULT_BATCH_ROWS


class Overlap(NamedTuple):
    """Of each text: its distinct n-grams, those that were seen before, and the text that has most of these (-1: none)."""

    totals: Rows
    seen: Rows
    best: Rows


class NGramOverlapDedup(Deduplicate):
    """Keep texts of which less than `max_share` of the distinct n-grams stood in texts that were kept before: copies, parts, and quilts of others.

    Unlike similarity this is not symmetric: a chapter is dropped after its book, a book after a chapter of it stays; keep="longest" lets the book
    come first. Memory: 16 to 32 bytes for each distinct n-gram, and where `keep` is not "first" the texts, which are then gone through in its order.
    """

    covers: ClassVar[tuple[str, ...]] = ("NgramHashDeduplicateFilter",)
    source = "Dolma (Soldaini et al. 2024), overlap with what was seen"
    asks = ("remove documents that are mostly quoted from others", "throw out excerpts and plagiarism", "containment based dedup")

    max_share: float = Field(0.8, gt=0, le=1)
    unit: Literal["word", "character"] = "word"
    size: int = Field(5, ge=1, description="Words or characters of an n-gram.")

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        seen, shingles, members = SeenHashes(), MinHash(unit=self.unit, size=self.size), Members()
        found: list[Overlap] = []
        waiting: list[pa.Array] = []
        at = 0
        for part in self.read_parts(rows, known):
            members.add(part.known, part.ids, part.merits)
            if part.known:
                seen.match(part.texts, shingles, at, least=float("inf"), add=True)
                found.append(Overlap(*np.zeros((3, len(part.texts)), np.int64)))
            elif self.keep == "first":
                found.append(Overlap(*seen.match(part.texts, shingles, at, self.max_share, add=True)))
            else:
                waiting.append(part.texts.cast(pa.large_string()))
            at += len(part.texts)
        order = np.arange(at) if self.keep == "first" else members.by_merit()
        texts = pa.chunked_array(waiting, pa.large_string())
        for start in range(at - len(texts), at, DEFAULT_BATCH_ROWS):
            some = order[start : start + DEFAULT_BATCH_ROWS] - members.known
            found.append(Overlap(*seen.match(texts.take(pa.array(some)).combine_chunks(), shingles, start, self.max_share, add=True)))
        totals, seen_before, best = np.empty((3, at), np.int64)
        if found:
            totals[order], seen_before[order], best[order] = (np.concatenate(values) for values in zip(*found, strict=True))
        stays = (seen_before < self.max_share * totals) | (totals == 0)
        kept = np.where(stays, np.arange(at), order[best])

        def reason(row: int, winner: str) -> str:
            share = seen_before[row] / totals[row]
            stated = f"{share:.0%}" if round(share, 2) >= self.max_share else f"{share:.4%}"
            return f"{self.name}: {stated} of its {self.size}-grams seen before, most in {winner}"

        return Duplicates(kept, members, reason)


class NGramOverlapDedupAgainst(NGramOverlapDedup):
    """As `NGramOverlapDedup`, for the next part of a growing collection: texts made of the second table (what was kept before) are dropped first."""

    asks = (
        "drop new documents pasted together from existing ones",
        "excerpts of what is already in the corpus",
        "containment check with an earlier snapshot",
    )

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")
