"""The prose of texts, each on one line: what a reader of the language would read, without tags, URLs, addresses, code and numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from operators.kernels.arrow_text import Mask, TextSpans
from operators.kernels.characters import character_tables
from operators.kernels.prose_bytes import kinds_of_bytes

Counts = np.ndarray[Any, np.dtype[np.int64]]


class Prose(NamedTuple):
    """The words of each text that are of a language, with one space between two. `counts`, shape (texts, 4): characters, words, words that begin
    with a capital, and whether there are letters."""

    lines: TextSpans
    counts: Counts

    @classmethod
    def of(cls, texts: TextSpans) -> Prose:
        """A tag counts as a space; words in ASCII that are URLs, addresses, code or numbers are left out. Other words stay as they are."""
        from operators.kernels.compiled.prose import write_prose

        out = np.empty(int((texts.ends - texts.starts).sum()) + len(texts), np.uint8)
        bounds = np.empty((len(texts), 2), np.int64)
        counts = np.empty((len(texts), 4), np.int64)
        write_prose(texts.data, texts.starts, texts.ends, character_tables().flags, kinds_of_bytes(), out, bounds, counts)
        out.flags.writeable = False
        return cls(TextSpans(out, bounds[:, 0].copy(), bounds[:, 1].copy(), texts.null), counts)


class Pieces(NamedTuple):
    """Parts of lines, line after line: `counts[i]` of them are of line i. `characters`: of each part. `notices`: whether it has the word "cookie"."""

    spans: TextSpans
    characters: Counts
    notices: Mask
    counts: Counts

    @classmethod
    def of(cls, lines: TextSpans, characters: Counts, size: int, longest: int, most: int) -> Pieces:
        """Cut lines of so many `characters` into parts of `size`, after a space where there is one in the second half. The last takes what is left,
        up to `longest`. Of a line of more than `most` parts, about so many are taken from all over it."""
        from operators.kernels.compiled.prose import cut_pieces

        room = int(characters.sum()) // (size // 2) + 2 * len(lines)
        bounds, sizes = np.empty((room, 2), np.int64), np.empty(room, np.int64)
        notices, counts = np.empty(room, np.bool_), np.empty(len(lines), np.int64)
        total = cut_pieces(lines.data, lines.starts, lines.ends, characters, size, longest, most, bounds, sizes, notices, counts)
        spans = TextSpans(lines.data, bounds[:total, 0].copy(), bounds[:total, 1].copy(), np.zeros(total, np.bool_))
        return cls(spans, sizes[:total], notices[:total], counts)


def line_of(lines: TextSpans, row: int) -> str:
    """One of the lines."""
    return lines.data[lines.starts[row] : lines.ends[row]].tobytes().decode("utf-8", "replace")
