"""Hashes of shingles, lines or passages that were met, each with the row that it belongs to: 16 bytes each, at most half full, growing as needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans
from operators.kernels.characters import character_tables
from operators.kernels.minhash import MinHash

Counts = np.ndarray[Any, np.dtype[np.int64]]

NOBODY = -1


class SeenHashes:
    """What was met so far. Rows are numbered by the caller, from 0."""

    def __init__(self) -> None:
        self._keys = np.empty(1 << 12, np.uint64)
        self._owners = np.full(1 << 12, NOBODY, np.int64)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def _make_room(self, more: int) -> None:
        from operators.kernels.compiled.index import move

        if 2 * (self._used + more) <= len(self._keys):
            return
        capacity = len(self._keys)
        while capacity < 2 * (self._used + more):
            capacity *= 2
        keys, owners = np.empty(capacity, np.uint64), np.full(capacity, NOBODY, np.int64)
        move(self._keys, self._owners, keys, owners)
        self._keys, self._owners = keys, owners

    def match(self, texts: pa.Array, shingles: MinHash, first_row: int, least: float, add: bool) -> tuple[Counts, Counts, Counts]:
        """For each text: how many distinct shingles it has, how many of them have an owner, and which row owns most of these (or -1).

        With `add`, the shingles of a text that has less than the share `least` of an owner become its own.
        """
        from operators.kernels.compiled.index import match_or_add

        totals, found, best = (np.zeros(len(texts), np.int64) for _ in range(3))
        for place, hashes in enumerate(shingles.shingles(texts)):
            self._make_room(len(hashes))
            tally = np.empty(len(hashes), np.int64)
            totals[place] = len(hashes)
            found[place], best[place], added = match_or_add(hashes, first_row + place, float(least), add, self._keys, self._owners, tally)
            self._used += added
        return totals, found, best

    def without_repeated_lines(self, texts: pa.Array, first_row: int, min_characters: int) -> pa.Array:
        """The texts without the lines that were met before. A line is between line feeds; shorter ones than `min_characters` stay."""
        from operators.kernels.compiled.index import mark_lines

        spans, tables = TextSpans.of(texts), character_tables()
        kept: list[str | None] = []
        for row, (start, end) in enumerate(zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)):
            most = end - start + 1
            self._make_room(most)
            bounds, goes = np.empty((most, 2), np.int64), np.empty(most, np.bool_)
            lines, added = mark_lines(spans.data, start, end, *tables, min_characters, first_row + row, self._keys, self._owners, bounds, goes)
            self._used += added
            kept.append(None if spans.null[row] else _without(spans.data, start, end, bounds[:lines], goes[:lines], separator=1))
        return pa.array(kept, texts.type)

    def without_repeated_passages(self, texts: pa.Array, first_row: int, min_tokens: int) -> pa.Array:
        """The texts without the runs of at least `min_tokens` tokens that were met before."""
        from operators.kernels.compiled.index import cut_tokens, mark_passages

        spans, flags = TextSpans.of(texts), character_tables().flags
        kept: list[str | None] = []
        for row, (start, end) in enumerate(zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)):
            most = end - start + 1
            self._make_room(most)
            hashes, bounds, goes = np.empty(most, np.uint64), np.empty((most, 2), np.int64), np.empty(most, np.bool_)
            count = cut_tokens(spans.data, start, end, flags, hashes, bounds)
            self._used += mark_passages(hashes, count, min_tokens, first_row + row, self._keys, self._owners, goes)
            kept.append(None if spans.null[row] else _without(spans.data, start, end, bounds[:count], goes[:count], separator=0))
        return pa.array(kept, texts.type)


def _without(data: Any, start: int, end: int, bounds: Any, goes: Any, separator: int) -> str:
    """The text without the pieces that go; of the separator after each piece, `separator` bytes go with it."""
    if not goes.any():
        return str(data[start:end].tobytes(), "utf-8")
    parts, at = [], start
    edges = np.flatnonzero(np.diff(np.r_[False, goes, False].astype(np.int8)))
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        parts.append(data[at : bounds[first, 0]].tobytes())
        at = min(int(bounds[last, 1]) + separator, end)
        while not separator and at < end and data[at] == 0x20 and (not parts[-1] or parts[-1][-1] in b" \n"):
            at += 1
    parts.append(data[at:end].tobytes())
    text = b"".join(parts).decode()
    return text.removesuffix("\n") if separator and goes[-1] else text
