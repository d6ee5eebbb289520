"""Passages found by the words that they share with a query: BM25, in any script, with all scores computed when the index is built.

Source: Robertson and Zaragoza 2009, in the form of Lucene; scores added up beforehand as in BM25S (Lù 2024).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa

from operators.bases.retrieval.found import Allowed, Found
from operators.kernels.terms import TermNumbers, Terms
from operators.tables.threads import usable_threads

K1: Final = 1.5
B: Final = 0.75
_FILES: Final = ("hashes", "starts", "rows", "impacts")
_QUERIES_AT_ONCE: Final = 64
_NOTHING_EXCLUDED: Final = np.zeros(0, np.bool_)


class WordIndex:
    """Of each term, by the hash of its text in rising order: the rows that have it, and what it adds to their scores."""

    def __init__(self, hashes: Any, starts: Any, rows: Any, impacts: Any, count: int) -> None:
        self._hashes, self._starts, self._rows, self._impacts = hashes, starts, rows, impacts
        self._count = count

    @classmethod
    def build(cls, texts: Iterable[pa.Array]) -> Self:
        """Of all texts, batch by batch. Memory: about 16 bytes for each different word of each text."""
        from operators.kernels.compiled.terms import fill_postings

        numbers = TermNumbers()
        batches = [(numbers.of(terms.hashes), terms) for terms in map(Terms.of, texts)]
        hashes = numbers.hashes()
        order = np.argsort(hashes)
        place_of = np.empty(len(hashes), np.int32)
        place_of[order] = np.arange(len(hashes), dtype=np.int32)
        having = np.zeros(len(hashes), np.int64)
        for number, (numbered, terms) in enumerate(batches):
            batches[number] = (place_of[numbered], terms)
            having += np.bincount(batches[number][0], minlength=len(hashes))
        count = sum(len(terms.lengths) for _, terms in batches)
        mean = sum(int(terms.lengths.sum()) for _, terms in batches) / max(1, count)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(having)])
        idf = np.log1p((count - having + 0.5) / (having + 0.5))
        rows, impacts = np.empty(int(starts[-1]), np.int32), np.empty(int(starts[-1]), np.float32)
        at, first = starts[:-1].copy(), 0
        for place, (numbered, terms) in enumerate(batches):
            fill_postings(numbered, terms.counts, terms.different, terms.lengths, first, max(mean, 1e-9), K1, B, idf, at, rows, impacts)
            first += len(terms.lengths)
            batches[place] = (numbered[:0], terms._replace(hashes=terms.hashes[:0], counts=terms.counts[:0]))
        return cls(hashes[order], starts, rows, impacts, count)

    def save(self, folder: Path) -> None:
        for name in _FILES:
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path, count: int) -> Self:
        """Mapped into memory: what is not looked at is not read.

        Raises OSError, EOFError or ValueError for files that do not belong together.
        """
        hashes, starts, rows, impacts = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FILES)
        if len(starts) != len(hashes) + 1 or not len(rows) == len(impacts) == int(starts[-1]):
            raise ValueError(f"its files hold {len(hashes)} terms, {len(starts)} starts, {len(rows)} rows and {len(impacts)} impacts")
        return cls(hashes, starts, rows, impacts, count)

    def find(self, queries: Sequence[str], top: int, allowed: Sequence[Allowed | None]) -> list[Found]:
        """For each query the rows of the highest scores, at most `top`; rows that share no word with it are not found."""
        groups = [range(start, min(start + _QUERIES_AT_ONCE, len(queries))) for start in range(0, len(queries), _QUERIES_AT_ONCE)]
        if len(groups) < 2 or usable_threads() == 1:
            return [found for group in groups for found in self._find(group, queries, top, allowed)]
        from operators.tables.threads import in_threads

        return [found for part in in_threads(lambda group: self._find(group, queries, top, allowed), iter(groups)) for found in part]

    def _find(self, group: range, queries: Sequence[str], top: int, allowed: Sequence[Allowed | None]) -> list[Found]:
        from operators.kernels.compiled.terms import best_rows

        top = max(1, min(top, self._count))
        terms, firsts = self._terms([queries[place] for place in group])
        best, scores = np.zeros((len(group), top), np.int32), np.zeros((len(group), top), np.float32)
        found = np.zeros(len(group), np.int64)
        scratch = np.zeros(self._count, np.float32)
        mapped = (np.asarray(self._starts), np.asarray(self._rows), np.asarray(self._impacts))
        for place, number in enumerate(group):
            mask = allowed[number]
            one = slice(place, place + 1)
            excluded = _NOTHING_EXCLUDED if mask is None else mask
            best_rows(terms, firsts[place : place + 2], *mapped, excluded, top, scratch, best[one], scores[one], found[one])
        return [Found(best[place, :many], scores[place, :many].astype(np.float64)) for place, many in enumerate(found.tolist())]

    def _terms(self, queries: Sequence[str]) -> tuple[Any, Any]:
        """The places of the known terms of each query, each as often as it occurs, and where the terms of each begin."""
        terms = Terms.of(pa.array(queries, pa.large_string()))
        query_of = np.repeat(np.repeat(np.arange(len(queries)), terms.different), terms.counts)
        hashes = np.repeat(terms.hashes, terms.counts)
        places = np.searchsorted(self._hashes, hashes)
        known = places < len(self._hashes)
        known[known] = self._hashes[places[known]] == hashes[known]
        firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(query_of[known], minlength=len(queries)))])
        return places[known], firsts
