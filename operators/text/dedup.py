"""Whole-table filters that keep one of several like texts, and say of each other one which row it lost to.

Memory holds row ids and, of each text, a key (exact) or a signature and its bands (near), never the texts.
"""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from hashlib import blake2b
from typing import Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.batch import Verdict
from operators.core.columns import Input
from operators.core.kinds import Filter
from operators.core.rows_reader import RowsReader
from operators.kernels.minhash import EMPTY, MinHash, Signatures, connected_components

Rows = np.ndarray[Any, np.dtype[np.int64]]
ROW_ID: Final = "row_id"

_RECALL: Final = 0.98
"""Of pairs exactly at the threshold, so many at least must meet in a band."""

_PAIRS_AT_ONCE: Final = 1 << 16


class Deduplicate(Filter, abstract=True):
    """Keep one row of each group of like texts: the first, or the longest (the first of those)."""

    scope: ClassVar[Literal["row", "table"]] = "table"

    input_text = Input(str)
    keep: Literal["first", "longest"] = "first"

    @abstractmethod
    def keep_table(self, rows: RowsReader) -> Verdict:
        """Which rows stay."""

    def kept_of(self, group: Rows, lengths: Rows) -> Rows:
        """For each row the one that is kept of its group. `group`: the first row of each row's group."""
        if self.keep == "first":
            return group
        order = np.lexsort((np.arange(len(group)), -lengths, group))
        starts = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]]) if len(order) else order
        best = np.empty(len(group), np.int64)
        best[group[order][starts]] = order[starts]
        return best[group]


class ExactDedup(Deduplicate):
    """Keep one of several equal texts. What `ignore_*` names does not make texts differ; Unicode form never does (NFC)."""

    covers = ("HashDeduplicateFilter", "CCNetDeduplicateFilter")
    source = "BLAKE2b, 128 bits"

    ignore_case: bool = False
    ignore_spaces: bool = True
    ignore_punctuation: bool = False

    def keep_table(self, rows: RowsReader) -> Verdict:
        keys, ids, lengths = [], [], []
        for batch in rows.batches(["text"]):
            texts = batch.column("text")
            keys.append(b"".join(self._key(text) for text in texts.to_pylist()))
            ids.append(batch.column(ROW_ID))
            lengths.append(_lengths(texts))
        halves = np.frombuffer(b"".join(keys), np.uint64).reshape(-1, 2)
        group = _first_equal(halves)
        kept = self.kept_of(group, _concatenated(lengths))
        return _verdict(kept, ids, lambda row, of: f"{self.name}: duplicate of {of}")

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


class MinHashDedup(Deduplicate):
    """Keep one of several texts whose shingles are alike: Jaccard similarity of at least `threshold`, as MinHash signatures estimate it.

    Candidates meet in a band of their signatures (LSH; bands are chosen so that 98 % of pairs at the threshold meet); a candidate is believed when
    the whole signatures agree on the threshold. What is linked through others is one group. Blank texts are like nothing. The standard error of a
    similarity s is sqrt(s (1 - s) / permutations): 0.035 at 0.8 with 128.
    """

    covers = ("MinHashDeduplicateFilter",)
    source = "Broder 1997; Leskovec, Rajaraman and Ullman 2014, ch. 3 (LSH)"

    threshold: float = Field(0.8, gt=0, le=1)
    permutations: int = Field(128, ge=16, le=1024)
    unit: Literal["word", "character"] = "word"
    shingle_size: int = Field(5, ge=1)
    seed: int = 1

    def bands(self) -> tuple[int, int]:
        """How many bands, and values in each: the longest bands in which enough pairs at the threshold meet."""
        for size in range(self.permutations, 0, -1):
            bands = self.permutations // size
            if 1 - (1 - self.threshold**size) ** bands >= _RECALL:
                return bands, size
        return self.permutations, 1

    def keep_table(self, rows: RowsReader) -> Verdict:
        minhash = MinHash(self.permutations, self.unit, self.shingle_size, self.seed)
        bands, size = self.bands()
        short, keys, signed, ids, lengths = [], [], [], [], []
        for batch in rows.batches(["text"]):
            signatures, has_shingles = minhash.sign(batch.column("text"))
            short.append(signatures.astype(np.uint16))  # two values that differ agree in 16 bits once in 65,536
            keys.append(_band_keys(signatures, bands, size))
            signed.append(has_shingles)
            ids.append(batch.column(ROW_ID))
            lengths.append(_lengths(batch.column("text")))
        if not ids:
            return Verdict(np.zeros(0, np.bool_))
        values, wanted = np.concatenate(short), np.flatnonzero(np.concatenate(signed))
        left, right = _candidates(np.concatenate(keys), wanted)
        like = _similarities(values, left, right) >= self.threshold
        group = connected_components(len(values), left[like], right[like])
        kept = self.kept_of(group, _concatenated(lengths))
        lost = np.flatnonzero(kept != np.arange(len(kept)))
        similarity = dict(zip(lost.tolist(), _similarities(values, lost, kept[lost]).tolist(), strict=True))
        return _verdict(kept, ids, lambda row, of: f"{self.name}: near-duplicate of {of} (similarity {similarity[row]:.2f})")


def _band_keys(signatures: Signatures, bands: int, size: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """One 64-bit key for each band of each signature, shape (rows, bands)."""
    keys = np.full((len(signatures), bands), EMPTY, np.uint64)
    for value in range(size):
        keys = (keys ^ signatures[:, value : bands * size : size].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(32)
    return keys


def _candidates(keys: np.ndarray[Any, np.dtype[np.uint64]], wanted: Rows) -> tuple[Rows, Rows]:
    """Pairs of rows that share a key in some band: each row with the first and with the one before it among those that share."""
    pairs = []
    for band in range(keys.shape[1]):
        column = keys[wanted, band]
        order = np.argsort(column, kind="stable")
        same = np.r_[False, column[order][1:] == column[order][:-1]]
        at = np.flatnonzero(same)
        starts = np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))
        members, firsts, before = wanted[order[at]], wanted[order[starts[at]]], wanted[order[at - 1]]
        pairs += [np.stack([firsts, members], 1), np.stack([before, members], 1)]
    found = np.unique(np.concatenate(pairs), axis=0) if pairs else np.zeros((0, 2), np.int64)
    return found[:, 0], found[:, 1]


def _similarities(values: np.ndarray[Any, np.dtype[np.uint16]], left: Rows, right: Rows) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The share of equal signature values of each pair."""
    result = np.empty(len(left))
    for start in range(0, len(left), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        result[part] = (values[left[part]] == values[right[part]]).mean(axis=1)
    return result


def _first_equal(halves: np.ndarray[Any, np.dtype[np.uint64]]) -> Rows:
    """For each row the first row with the same 128-bit key."""
    order = np.lexsort((np.arange(len(halves)), halves[:, 1], halves[:, 0]))
    arranged = halves[order]
    starts = np.r_[True, (arranged[1:] != arranged[:-1]).any(axis=1)][: len(order)]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    return first


def _lengths(texts: pa.Array) -> Rows:
    return np.asarray(pc.binary_length(texts).cast(pa.int64()))


def _concatenated(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _verdict(kept: Rows, ids: list[pa.Array], reason: Any) -> Verdict:
    """Rows that are kept of their group stay; the reason of each other names the row it lost to."""
    keep = kept == np.arange(len(kept))
    lost = np.flatnonzero(~keep)
    reasons: list[str | None] = [None] * len(kept)
    if len(lost):
        winners = pa.chunked_array(ids).take(pa.array(kept[lost])).to_pylist()
        for row, winner in zip(lost.tolist(), winners, strict=True):
            reasons[row] = reason(row, winner)
    return Verdict(keep, reasons)
