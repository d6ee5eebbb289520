"""MinHash (Broder 1997): signatures of which the share of equal values estimates the Jaccard similarity of two texts' shingles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import Mask, TextSpans
from operators.kernels.characters import character_tables

Signatures = np.ndarray[Any, np.dtype[np.uint32]]
Hashes = np.ndarray[Any, np.dtype[np.uint64]]

EMPTY = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True)
class MinHash:
    """How texts are signed.

    `unit` and `size` say what a shingle is: `size` successive words (case and surrounding punctuation do not count), or characters (case and runs of
    white space do not count). `seed` draws the permutations.
    """

    permutations: int = 128
    unit: Literal["word", "character"] = "word"
    size: int = 5
    seed: int = 1

    @cached_property
    def _permutations(self) -> tuple[Signatures, Signatures]:
        """Odd factors and shifts: x -> factor x + shift modulo 2^32 permutes all numbers of 32 bits. The shingles' own hashes are as good as random,
        so a permutation as simple as this leaves each of them the same chance to be the least."""
        random = np.random.default_rng(self.seed)
        factors = random.integers(0, 2**31, self.permutations, np.uint32) * np.uint32(2) + np.uint32(1)
        return factors, random.integers(0, 2**32, self.permutations, np.uint32)

    def sign(self, texts: pa.Array) -> tuple[Signatures, Mask]:
        """Signatures, uint32 of shape (rows, permutations), and which rows have one: null and blank texts have none, and are like no other text."""
        from operators.kernels.compiled import minhash as kernel

        spans, tables = TextSpans.of(texts), character_tables()
        signatures = np.full((len(spans), self.permutations), EMPTY, np.uint32)
        signed = np.zeros(len(spans), np.bool_)
        kernel.sign(spans.data, spans.starts, spans.ends, *tables, self.unit == "word", self.size, *self._permutations, signatures, signed)
        return signatures, signed

    def shingles(self, texts: pa.Array) -> list[Hashes]:
        """The sorted distinct shingle hashes of each text: what the signatures stand for."""
        from operators.kernels.compiled import minhash as kernel

        spans, tables = TextSpans.of(texts), character_tables()
        bounds = zip(spans.starts, spans.ends, strict=True)
        return [kernel.distinct_shingles(spans.data, start, end, *tables, self.unit == "word", self.size) for start, end in bounds]


def jaccard(left: Hashes, right: Hashes) -> float:
    """The Jaccard similarity of two sorted sets of hashes, 0 when both are empty."""
    union = len(left) + len(right)
    if union == 0:
        return 0.0
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (union - shared)


def connected_components(
    nodes: int, left: np.ndarray[Any, np.dtype[np.int64]], right: np.ndarray[Any, np.dtype[np.int64]]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each node the least node of its component, given edges left[i] - right[i]."""
    from operators.kernels.compiled.components import connect

    parents = np.arange(nodes, dtype=np.int64)
    connect(parents, left, right)
    return parents
