"""Terms of texts as a search by words counts them, in any script."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.kernels.arrow_text import TextSpans
from operators.kernels.characters import character_tables

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Integers = np.ndarray[Any, np.dtype[np.int32]]
_LEFT_OUT: Final = ((0xAD, 0xAD), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2), (0x5C7, 0x5C7), (0x640, 0x640), (0x64B, 0x652), (0x670, 0x670))
"""Soft hyphens; points and accents of Hebrew; the tatweel and the vowels of Arabic."""


class Terms(NamedTuple):
    """The different terms of texts, text after text, each with how often it occurs there. `different[i]` of them are those of text i, which has
    `lengths[i]` terms, repetitions included."""

    hashes: Hashes
    counts: Integers
    different: Integers
    lengths: Integers

    @classmethod
    def of(cls, texts: pa.Array) -> Terms:
        """Words in lower case; in scripts without spaces, characters and pairs of them.

        Full-width and composed forms are one (NFKC), and so are words with and without the vowels of Arabic and Hebrew, and soft hyphens.
        """
        from operators.kernels.compiled.terms import count_terms

        spans = TextSpans.of(pc.utf8_normalize(texts.cast(pa.large_string()), form="NFKC"))
        most = int((spans.ends - spans.starts).sum()) + 2 * len(spans) + 2
        hashes, counts = np.empty(most, np.uint64), np.empty(most, np.int32)
        different, lengths = np.empty(len(spans), np.int32), np.empty(len(spans), np.int32)
        total = count_terms(spans.data, spans.starts, spans.ends, character_tables().flags, _forms(), hashes, counts, different, lengths)
        return cls(hashes[:total].copy(), counts[:total].copy(), different, lengths)


@cache
def _forms() -> np.ndarray[Any, np.dtype[np.uint32]]:
    """By code point, the one that it is compared as; 0 where a word is the same without it."""
    forms = character_tables().lower.copy()
    forms[0] = 1
    forms[ord("İ")], forms[ord("ς")] = ord("i"), ord("σ")
    for first, last in _LEFT_OUT:
        forms[first : last + 1] = 0
    return forms


class TermNumbers:
    """Numbers terms in the order in which they are met."""

    def __init__(self) -> None:
        self._keys = np.zeros(1 << 12, np.uint64)
        self._numbers = np.zeros(1 << 12, np.int32)
        self._known = 0

    def of(self, hashes: Hashes) -> Integers:
        """The number of each; new ones get the next."""
        from operators.kernels.compiled.terms import number_terms

        self._make_room(len(hashes))
        numbers = np.empty(len(hashes), np.int32)
        self._known = int(number_terms(hashes, self._keys, self._numbers, self._known, numbers))
        return numbers

    def hashes(self) -> Hashes:
        """Of all terms, by number."""
        found = np.zeros(self._known, np.uint64)
        used = np.flatnonzero(self._keys)
        found[self._numbers[used]] = self._keys[used]
        return found

    def _make_room(self, more: int) -> None:
        from operators.kernels.compiled.terms import move_terms

        size = len(self._keys)
        while size < 2 * (self._known + more):
            size *= 2
        if size > len(self._keys):
            keys, numbers = np.zeros(size, np.uint64), np.zeros(size, np.int32)
            move_terms(self._keys, self._numbers, keys, numbers)
            self._keys, self._numbers = keys, numbers
