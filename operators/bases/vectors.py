"""Vectors in a column of a table, the most different of them, and clusters of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from operators.bases.draws import draws
from operators.bases.embedding import Vectors
from operators.engine.rows_reader import RowsReader
from operators.tables.types import ROW_ID

VECTOR: Final = pa.list_(pa.float32())
"""A vector as a value of a column."""
Distances: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

LARGEST: Final = 1e15
"""Of a number in a vector: the squares of larger ones leave what 32 bits can hold."""
_BLOCK: Final = 4096


class Read(NamedTuple):
    """The vectors of the rows that have a usable one, shape (rows, dimensions), with their row ids; and of all rows that were read, in order, why
    theirs cannot be used ("" where it can)."""

    vectors: Vectors
    ids: list[str]
    reasons: list[str]

    @property
    def usable(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return np.array([not reason for reason in self.reasons], np.bool_)


def read_vectors(rows: RowsReader, short: str) -> Read:
    """Vectors of another length than most, or with a number that is null, not finite or beyond LARGEST, cannot be used."""
    batches = [(batch.column(short), batch.column(ROW_ID).to_pylist()) for batch in rows.batches([short]) if batch.num_rows]
    lengths = np.concatenate([np.zeros(0, np.int64), *(np.diff(column.offsets.to_numpy()).astype(np.int64) for column, _ in batches)])
    counted = np.bincount(lengths[lengths > 0]) if (lengths > 0).any() else np.zeros(2, np.int64)
    dimensions = max(1, int(counted.argmax()))
    vectors, ids, reasons = [np.zeros((0, dimensions), np.float32)], list[str](), list[str]()
    for column, of_batch in batches:
        sizes = np.diff(column.offsets.to_numpy())
        fits = sizes == dimensions
        numbers = column.filter(pa.array(fits)).flatten().cast(pa.float32(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
        found = np.asarray(numbers, np.float32).reshape(-1, dimensions)
        is_good = (np.abs(found) <= LARGEST).all(axis=1)  # false for NaN
        good = fits.copy()
        good[fits] = is_good
        vectors.append(found[is_good])
        ids += [row_id for row_id, kept in zip(of_batch, good, strict=True) if kept]
        reasons += [_unusable(int(size), dimensions, bool(kept)) for size, kept in zip(sizes, good, strict=True)]
    return Read(np.concatenate(vectors), ids, reasons)


def _unusable(size: int, dimensions: int, is_good: bool) -> str:
    if is_good:
        return ""
    return f"its vector has {size} numbers, most have {dimensions}" if size != dimensions else "its vector holds what is no ordinary number"


class Chosen(NamedTuple):
    """`places` in the order in which they were chosen; for each row its distance from the nearest of those chosen before it was (infinite for the
    first), and for one that was not chosen, from the nearest of all."""

    places: Places
    distances: Distances


def k_centers(vectors: Vectors, ids: Sequence[str], count: int, seed: int) -> Chosen:
    """The first by a draw, then always the row that is farthest from all chosen so far: no row is farther from its nearest centre than twice the
    least that is possible. Equal rows are chosen when nothing else is left; ties go by the row ids, so that the order of the rows changes nothing.

    Source: Gonzalez 1985; as a core-set, Sener and Savarese 2018. Time: rows x count x dimensions.
    """
    rows = len(vectors)
    by_draw = np.lexsort((np.array(ids), draws(seed, ids))) if rows else np.zeros(0, np.int64)
    arranged = vectors[by_draw].astype(np.float32)
    squares = np.einsum("ij,ij->i", arranged, arranged, dtype=np.float64)
    nearest, at_choice = np.full(rows, np.inf), np.full(rows, np.nan)
    is_left = np.ones(rows, np.bool_)
    chosen: list[int] = []
    for _ in range(min(count, rows)):
        place = int(np.argmax(np.where(is_left, nearest, -1.0)))
        at_choice[place] = nearest[place]
        is_left[place] = False
        chosen.append(place)
        squared = squares + squares[place] - 2.0 * (arranged @ arranged[place])
        squared[(arranged == arranged[place]).all(axis=1)] = 0.0  # whatever rounding left of it
        nearest = np.minimum(nearest, np.maximum(squared, 0.0))
    distances = np.empty(rows)
    distances[by_draw] = np.sqrt(np.where(is_left, nearest, at_choice))
    return Chosen(by_draw[np.array(chosen, np.int64)], distances)


class Clusters(NamedTuple):
    """For each row the number of its cluster, from 0, the largest first, and its distance from the middle of that."""

    numbers: Places
    distances: Distances


def clusters(vectors: Vectors, ids: Sequence[str], count: int, seed: int, rounds: int = 25) -> Clusters:
    """k-means from the most different rows, by Euclidean distance. Source: Lloyd 1982, begun at k centres (Gonzalez 1985)."""
    centres = vectors[k_centers(vectors, ids, count, seed).places].astype(np.float64)
    numbers, distances = np.zeros(len(vectors), np.int64), np.zeros(len(vectors))
    before = np.full(len(vectors), -1)
    for _ in range(rounds):
        for start in range(0, len(vectors), _BLOCK):
            block = vectors[start : start + _BLOCK].astype(np.float64)
            squared = (block**2).sum(1)[:, None] + (centres**2).sum(1)[None, :] - 2.0 * (block @ centres.T)
            numbers[start : start + _BLOCK] = squared.argmin(axis=1)
            distances[start : start + _BLOCK] = np.sqrt(np.maximum(squared.min(axis=1), 0.0))
        if (before == numbers).all():
            break
        before = numbers.copy()
        sums = np.zeros_like(centres)
        np.add.at(sums, numbers, vectors)
        sizes = np.bincount(numbers, minlength=len(centres))
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    sizes = np.bincount(numbers, minlength=max(len(centres), 1))
    rank = np.empty(len(sizes), np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return Clusters(rank[numbers], distances)
