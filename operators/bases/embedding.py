"""Vectors of texts, where some texts may have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from operators.asking.answers import TextsRefused
from operators.asking.serving import EmbeddingServing

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


def embed_each(serving: EmbeddingServing, texts: Sequence[str]) -> tuple[Vectors, Mapping[int, str]]:
    """Unit vectors, shape (len(texts), dimensions); and, by place, why a text has none: its row is zeros, which are like nothing."""
    try:
        return np.array(serving.embed(texts), np.float32), {}
    except TextsRefused as refused:
        return np.array(refused.vectors, np.float32), refused.reasons
