"""SimHash (Charikar 2002; Manku, Jain and Das Sarma 2007): 64-bit fingerprints of which few bits differ when texts are alike."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import Mask, TextSpans
from operators.kernels.characters import character_tables

Fingerprints = np.ndarray[Any, np.dtype[np.uint64]]


def simhash(texts: pa.Array, unit: Literal["word", "character"] = "character", size: int = 4) -> tuple[Fingerprints, Mask]:
    """Fingerprints, and which rows have one: null and blank texts have none. Shingles are those of `MinHash`."""
    from operators.kernels.compiled.simhash import fingerprint

    spans = TextSpans.of(texts)
    fingerprints, signed = np.zeros(len(spans), np.uint64), np.zeros(len(spans), np.bool_)
    fingerprint(spans.data, spans.starts, spans.ends, *character_tables(), unit == "word", size, fingerprints, signed)
    return fingerprints, signed


def near_groups(fingerprints: Fingerprints, bits: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each fingerprint the first of its group: those linked by at most `bits` differing bits.

    Cut in bits + 2 blocks, two such fingerprints have two blocks in common (Manku et al.): only those with a common pair of blocks are compared.
    """
    from operators.kernels.compiled.simhash import link_near

    distinct, firsts, place = np.unique(fingerprints, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")  # components are named by their least member: it must be the first row
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    values = distinct[order]
    parents = np.arange(len(values), dtype=np.int64)
    edges = np.linspace(0, 64, bits + 3).astype(int)
    blocks = [((1 << int(end)) - (1 << int(start))) for start, end in pairwise(edges)]
    for one, other in combinations(blocks, 2):
        keys = values & np.uint64(one | other)
        link_near(np.argsort(keys, kind="stable"), keys, values, bits, parents)
    while (next_parents := parents[parents]).tolist() != parents.tolist():
        parents = next_parents
    return firsts[order][parents][rank[place]]
