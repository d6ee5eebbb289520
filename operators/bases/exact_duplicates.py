"""Equal texts: one stays, the others say which.

Memory holds of each row a digest of its text, never the text itself.
"""

from __future__ import annotations

import unicodedata
from hashlib import blake2b
from itertools import zip_longest
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.deduplication import DeduplicateBySketch, Duplicates, Members, Rows, as_bytes, as_numbers
from operators.bases.rewriting import rewrite_those
from operators.engine.rows_reader import RowsReader
from operators.kernels.arrow_text import TextSpans
from operators.kernels.spaces import normalize_spaces

_SAYING: Final = "#%&@*/\\"
_OF_NUMBERS: Final = ".,:-\u2013\u2212"


class DeduplicatesExactly(DeduplicateBySketch, abstract=True):
    """Keep one of several equal texts. What `ignore_*` names does not make texts differ; Unicode form never does (NFC). Marks that are part of what a
    text says are no punctuation: those of numbers (1.5, -1, 3:4), and # % & @ * / as in C#, 5% and R&D.

    `keep` says which stays: the first, the last, the longest, or that with the highest or lowest number in the column `input_score`.
    """

    separator: ClassVar[str] = "\n\0\n"  # no space: where one column ends and the next begins is never ignored

    ignore_case: bool = False
    ignore_spaces: bool = True
    ignore_punctuation: bool = False

    @property
    def key_bytes(self) -> int:
        return 16

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        spans = TextSpans.of(self._compared(self.texts_of(rows)))
        data, bounds = spans.data.data, zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)
        keys = b"".join(blake2b(data[start:end], digest_size=16).digest() for start, end in bounds)
        return self.sketched(rows, key=as_bytes(np.frombuffer(keys, np.uint64).reshape(-1, 2)))

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        members = Members()
        keys = [as_numbers(sketch.column("key"), np.uint64, 2) for sketch in self.read_sketches(members, rows, known)]
        group = _first_equal(np.concatenate(keys) if keys else np.zeros((0, 2), np.uint64))
        return Duplicates(members.kept_of(group), members, lambda _, winner: f"{self.name}: duplicate of {winner}")

    def _compared(self, texts: pa.Array) -> pa.Array:
        """What has to be equal of each text."""
        texts = rewrite_those(texts, pc.invert(pc.string_is_ascii(texts)), lambda text: unicodedata.normalize("NFC", text))
        if self.ignore_case or self.ignore_punctuation:
            texts = pa.array([self._without_what_is_ignored(text) for text in texts.to_pylist()], pa.large_string())
        if self.ignore_spaces:
            texts = normalize_spaces(pc.replace_substring(texts, "\x1f", " "), join_lines=True)  # U+001F is a space for Python alone
        return texts

    def _without_what_is_ignored(self, text: str) -> str:
        if self.ignore_case:
            text = text.casefold()
        if self.ignore_punctuation:
            text = "".join(
                character
                for character, following in zip_longest(text, text[1:], fillvalue="")
                if unicodedata.category(character)[0] != "P" or character in _SAYING or (character in _OF_NUMBERS and following.isdigit())
            )
        return text


def _first_equal(halves: np.ndarray[Any, np.dtype[np.uint64]]) -> Rows:
    """For each row the first row with the same 128-bit key."""
    order = np.lexsort((np.arange(len(halves)), halves[:, 1], halves[:, 0]))
    arranged = halves[order]
    starts = np.r_[True, (arranged[1:] != arranged[:-1]).any(axis=1)][: len(order)]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    return first
