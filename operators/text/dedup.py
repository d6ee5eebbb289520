"""Whole-table filters that keep one of several like texts, and say of each other one which row it lost to.

Memory holds row ids and, of each text, a key (exact) or a signature and its bands (near), never the texts.
"""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.core.batch import Verdict
from operators.core.columns import Input
from operators.core.kinds import Filter
from operators.core.rows_reader import RowsReader

Rows = np.ndarray[Any, np.dtype[np.int64]]
ROW_ID: Final = "row_id"


class Deduplicate(Filter, abstract=True):
    """Keep one row of each group of like texts: the first, or the longest (the first of those), or that of a table of known rows."""

    scope: ClassVar[Literal["row", "table"]] = "table"

    input_text = Input(str)
    keep: Literal["first", "longest"] = "first"

    @abstractmethod
    def keep_table(self, rows: RowsReader, known: RowsReader | None = None) -> Verdict:
        """Which rows stay. `known`: rows that were kept before."""

    def kept_of(self, group: Rows, lengths: Rows, known: int = 0) -> Rows:
        """For each row the one that is kept of its group. `group`: the first row of each row's group. The first `known` rows are always kept."""
        if self.keep == "first":
            return np.where(np.arange(len(group)) < known, np.arange(len(group)), group)
        lengths = np.where(np.arange(len(group)) < known, np.iinfo(np.int64).max, lengths)
        order = np.lexsort((np.arange(len(group)), -lengths, group))
        starts = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]]) if len(order) else order
        best = np.empty(len(group), np.int64)
        best[group[order][starts]] = order[starts]
        return np.where(np.arange(len(group)) < known, np.arange(len(group)), best[group])


def batches_of(known: RowsReader | None, rows: RowsReader) -> Iterator[tuple[bool, pa.RecordBatch]]:
    """The known rows, then the others, and which are known."""
    for reader in (known, rows):
        for batch in reader.batches(["text"]) if reader is not None else ():
            yield reader is not rows, batch


class ExactDedup(Deduplicate):
    """Keep one of several equal texts. What `ignore_*` names does not make texts differ; Unicode form never does (NFC)."""

    covers: ClassVar[tuple[str, ...]] = ("HashDeduplicateFilter", "CCNetDeduplicateFilter")
    source = "BLAKE2b, 128 bits"

    ignore_case: bool = False
    ignore_spaces: bool = True
    ignore_punctuation: bool = False

    def keep_table(self, rows: RowsReader, known: RowsReader | None = None) -> Verdict:
        keys, ids, lengths, before = [], [], [], 0
        for is_known, batch in batches_of(known, rows):
            texts = batch.column("text")
            keys.append(b"".join(self._key(text) for text in texts.to_pylist()))
            ids.append(batch.column(ROW_ID))
            lengths.append(text_lengths(texts))
            before += len(batch) * is_known
        halves = np.frombuffer(b"".join(keys), np.uint64).reshape(-1, 2)
        group = _first_equal(halves)
        kept = self.kept_of(group, concatenated(lengths), before)
        return verdict_of(kept, ids, lambda row, of: f"{self.name}: duplicate of {of}", before)

    def _key(self, text: str) -> bytes:
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if self.ignore_case:
            text = text.casefold()
        if self.ignore_punctuation:
            text = "".join(character for character in text if unicodedata.category(character)[0] != "P")
        if self.ignore_spaces:
            text = " ".join(text.split())
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class ExactDedupAgainst(ExactDedup):
    """As `ExactDedup`, for the next part of a growing collection: texts that the second table (what was kept before) has are dropped first."""

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")


def _first_equal(halves: np.ndarray[Any, np.dtype[np.uint64]]) -> Rows:
    """For each row the first row with the same 128-bit key."""
    order = np.lexsort((np.arange(len(halves)), halves[:, 1], halves[:, 0]))
    arranged = halves[order]
    starts = np.r_[True, (arranged[1:] != arranged[:-1]).any(axis=1)][: len(order)]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    return first


def text_lengths(texts: pa.Array) -> Rows:
    return np.asarray(pc.binary_length(texts).cast(pa.int64()))


def concatenated(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def verdict_of(kept: Rows, ids: list[pa.Array], reason: Callable[[int, str], str], known: int = 0) -> Verdict:
    """Rows that are kept of their group stay; the reason of each other names the row it lost to. The first `known` rows are not judged."""
    keep = kept == np.arange(len(kept))
    lost = np.flatnonzero(~keep)
    reasons: list[str | None] = [None] * len(kept)
    if len(lost):
        winners = pa.chunked_array(ids).take(pa.array(kept[lost])).to_pylist()
        for row, winner in zip(lost.tolist(), winners, strict=True):
            reasons[row] = reason(row, winner)
    return Verdict(keep[known:], reasons[known:])
