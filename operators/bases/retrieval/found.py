"""Rows of a corpus that a search found, and two rankings made one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Allowed: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
"""For each row whether it may be found."""

FUSION_CONSTANT = 60


class Found(NamedTuple):
    """Places of rows, the best first, and their scores."""

    rows: np.ndarray[Any, np.dtype[np.int32]]
    scores: np.ndarray[Any, np.dtype[np.float64]]


def fused(rankings: Sequence[Found], top: int) -> Found:
    """One ranking of several: each row scores 1 / (60 + its rank) in each ranking that has it. Scores of different kinds need no common scale.

    Source: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
    """
    rows = np.concatenate([ranking.rows for ranking in rankings])
    gains = np.concatenate([1.0 / (FUSION_CONSTANT + 1 + np.arange(len(ranking.rows))) for ranking in rankings])
    different, where = np.unique(rows, return_inverse=True)
    scores = np.bincount(where, gains, minlength=len(different)).astype(np.float64)
    order = np.lexsort((different, -scores))[:top]
    return Found(different[order].astype(np.int32), scores[order])
