"""Passages found by their meaning: the vectors nearest to that of a query, compared with all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from operators.bases.embedding import Vectors
from operators.bases.retrieval.found import Allowed, Found

_FILE: Final = "vectors.npy"
_BLOCK: Final = 16_384
_QUERIES_AT_ONCE: Final = 256
_NEVER: Final = np.float32(-2.0)
"""Below every cosine."""


class VectorIndex:
    """Unit vectors, shape (rows, dimensions), float32, mapped into memory. A row of zeros has no vector, and is never found."""

    def __init__(self, vectors: Any) -> None:
        self._vectors = vectors

    @classmethod
    def build(cls, parts: Iterable[Vectors], rows: int, dimensions: int, folder: Path | None) -> Self:
        """Of at least one row. Written to the folder as they come, where there is one: memory holds one part."""
        shape, at = (rows, dimensions), 0
        vectors: Any = np.empty(shape, np.float32) if folder is None else np.lib.format.open_memmap(folder / _FILE, "w+", np.float32, shape)
        for part in parts:
            vectors[at : at + len(part)] = part
            at += len(part)
        if folder is not None:
            vectors.flush()
        return cls(vectors)

    @classmethod
    def load(cls, folder: Path, rows: int, dimensions: int) -> Self:
        """Raises OSError, EOFError or ValueError for a file that does not hold such vectors."""
        vectors = np.load(folder / _FILE, mmap_mode="r")
        if vectors.shape != (rows, dimensions) or vectors.dtype != np.float32:
            raise ValueError(f"{_FILE} holds {vectors.dtype} of the shape {vectors.shape}, not float32 of {rows} rows and {dimensions} dimensions")
        return cls(vectors)

    def find(self, queries: Vectors, top: int, allowed: Sequence[Allowed | None]) -> list[Found]:
        """For each query, shape (queries, dimensions), the rows of the highest cosines, at most `top`; of equal ones the earlier rows.
        A query of zeros finds nothing."""
        found: list[Found] = []
        for start in range(0, len(queries), _QUERIES_AT_ONCE):
            found += self._find(queries[start : start + _QUERIES_AT_ONCE], top, allowed[start : start + _QUERIES_AT_ONCE])
        return found

    def _find(self, queries: Vectors, top: int, allowed: Sequence[Allowed | None]) -> list[Found]:
        rows = [np.zeros(0, np.int32)] * len(queries)
        cosines = [np.zeros(0, np.float32)] * len(queries)
        for first in range(0, len(self._vectors), _BLOCK):
            block = np.asarray(self._vectors[first : first + _BLOCK])
            like = queries @ block.T
            like[:, ~block.any(axis=1)] = _NEVER
            for place, mask in enumerate(allowed):
                if mask is not None:
                    like[place, ~mask[first : first + _BLOCK]] = _NEVER
                least = cosines[place][-1] if len(cosines[place]) == top else _NEVER
                here = np.flatnonzero(like[place] > least)
                if len(here) > top:
                    border = np.partition(like[place, here], len(here) - top)[len(here) - top]
                    here = here[like[place, here] >= border]
                rows[place], cosines[place] = _best(
                    np.concatenate([rows[place], (here + first).astype(np.int32)]), np.concatenate([cosines[place], like[place, here]]), top
                )
        empty = [not query.any() for query in queries]
        return [
            Found(np.zeros(0, np.int32), np.zeros(0)) if empty[place] else Found(rows[place], cosines[place].astype(np.float64))
            for place in range(len(queries))
        ]


def _best(rows: Any, cosines: Any, top: int) -> tuple[Any, Any]:
    order = np.lexsort((rows, -cosines))[:top]
    return rows[order], cosines[order]
