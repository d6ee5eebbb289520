"""A hash of each text, and sets of texts that remember nothing but these: 8 bytes a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Groups = np.ndarray[Any, np.dtype[np.int64]]
NOT_IN_IT = -1


def hash_texts(texts: pa.Array) -> Hashes:
    """64 bits a text, the same in every process. Nulls count as empty texts."""
    from operators.kernels.compiled.hashes import hash_texts as kernel

    spans = TextSpans.of(texts)
    out: Hashes = np.empty(len(spans), np.uint64)
    kernel(spans.data, spans.starts, spans.ends, out)
    return out


class TextSet:
    """Texts of several groups, by number, as sorted 64-bit hashes. Of a text in several groups the first counts.

    That a text which is not in a set of a million is taken for one that is happens once in 10^13 questions.
    """

    def __init__(self, groups: Iterable[pa.Array]) -> None:
        hashed = [hash_texts(group) for group in groups]
        numbers = [np.full(len(part), number, np.int16) for number, part in enumerate(hashed)]
        every = np.concatenate(hashed) if hashed else np.zeros(0, np.uint64)
        self._hashes, first = np.unique(every, return_index=True)
        self._groups = (np.concatenate(numbers) if numbers else np.zeros(0, np.int16))[first]

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def bytes(self) -> int:
        return int(self._hashes.nbytes + self._groups.nbytes)

    def find(self, texts: pa.Array) -> Groups:
        """The group of each text; -1 of one that is not in the set."""
        wanted = hash_texts(texts)
        if not len(self._hashes):
            return np.full(len(wanted), NOT_IN_IT, np.int64)
        places = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        found: Groups = np.where(self._hashes[places] == wanted, self._groups[places], NOT_IN_IT).astype(np.int64)
        return found
