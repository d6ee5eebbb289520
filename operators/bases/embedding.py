"""Vectors of texts, where some texts may have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from operators.asking.answers import TextsRefused
from operators.asking.serving import EmbeddingServing
from operators.tables.errors import StageFailed

_ROUNDING: Final = 1e-5
Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


def embed_each(serving: EmbeddingServing, texts: Sequence[str]) -> tuple[Vectors, Mapping[int, str]]:
    """Unit vectors, shape (len(texts), dimensions), of whatever length the model gives them; and, by place, why a text has none: its row is zeros,
    which are like nothing.

    Raises:
        StageFailed: what the model gives is not a vector of finite numbers for each text.
    """
    try:
        vectors, reasons = np.array(serving.embed(texts), np.float32), {}
    except TextsRefused as refused:
        vectors, reasons = np.array(refused.vectors, np.float32), dict(refused.reasons)
    if texts and (vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all()):
        raise StageFailed(f"the embedding model gives no finite vector for each of {len(texts)} texts, but numbers of the shape {vectors.shape}.")
    return _of_unit_length(vectors), reasons


def _of_unit_length(vectors: Vectors) -> Vectors:
    """Those that are so to the last digits stay as they are, and zeros stay zeros."""
    if not vectors.size:
        return vectors
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    others = (np.abs(lengths - 1) > _ROUNDING) & (lengths > 0)
    vectors[others] /= lengths[others, None]
    return vectors
