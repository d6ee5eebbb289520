"""The words of a batch of texts, kept from the scan that counts them for those that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from operators.kernels.arrow_text import Mask, TextSpans
from operators.kernels.characters import character_tables

MOST_KEPT_BYTES = 1 << 26
"""Of texts whose words are kept: they take about three times the memory of the text."""


@dataclass(frozen=True, eq=False)
class Words:
    """The words of text i are `counted[i]` from `firsts[i]` on: their hashes, code points and notes (see `compiled.splitting`)."""

    hashes: np.ndarray[Any, np.dtype[np.uint64]]
    lengths: np.ndarray[Any, np.dtype[np.int32]]
    notes: np.ndarray[Any, np.dtype[np.uint32]]
    firsts: np.ndarray[Any, np.dtype[np.int64]]
    counted: np.ndarray[Any, np.dtype[np.int64]]

    def filter(self, mask: Mask) -> Words:
        return Words(self.hashes, self.lengths, self.notes, self.firsts[mask], self.counted[mask])

    @classmethod
    def room_for(cls, spans: TextSpans, every: bool = True) -> Words:
        """Memory for the words of all texts, or of the longest. The system gives it as it is written to."""
        sizes = spans.ends - spans.starts
        most = int((sizes // 2 + 2).sum()) if every else int(sizes.max(initial=0)) // 2 + 2
        rows = np.zeros(len(spans), np.int64)
        return cls(np.empty(most, np.uint64), np.empty(most, np.int32), np.empty(most, np.uint32), rows, np.zeros(len(spans), np.int64))

    @classmethod
    def of(cls, spans: TextSpans) -> Words:
        from operators.kernels.compiled.splitting import split_all

        words = cls.room_for(spans)
        split_all(spans.data, spans.starts, spans.ends, *character_tables(), words.hashes, words.lengths, words.notes, words.firsts, words.counted)
        return words
