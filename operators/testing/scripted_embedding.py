"""An embedding model for tests: it gives vectors by a function, and keeps what it was asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def by_length(text: str) -> tuple[float, ...]:
    """Texts of equal length point the same way."""
    angle = len(text) % 100 / 50
    return math.cos(angle), math.sin(angle)


class ScriptedEmbedding:
    """Embeds each text as `vector(text)`, scaled to length 1. `texts` are those that were embedded, in order."""

    def __init__(self, vector: Callable[[str], Sequence[float]] = by_length) -> None:
        self.vector = vector
        self.texts: list[str] = []

    @property
    def dimensions(self) -> int:
        return len(self.vector(""))

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Unit vectors, shape (len(texts), dimensions), in the order of the texts."""
        self.texts += texts
        vectors = np.array([self.vector(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)
        unit: np.ndarray[Any, np.dtype[np.float32]] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
        return unit
