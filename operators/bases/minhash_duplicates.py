"""Near-duplicates by MinHash and locality-sensitive hashing.

Memory holds of every row its signature and the keys of its bands, never the text; of rows whose similarity is in doubt their shingles, 8 bytes each.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.deduplication import DeduplicateBySketch, Duplicates, Members, Rows, as_bytes, as_numbers
from operators.engine.rows_reader import RowsReader
from operators.kernels.arrow_text import Mask
from operators.kernels.minhash import EMPTY, MinHash, Signatures, connected_components, jaccard
from operators.tables.numbers import number_beside
from operators.tables.threads import in_threads

Short = np.ndarray[Any, np.dtype[np.uint16]]
Keys = np.ndarray[Any, np.dtype[np.uint64]]
Similarities = np.ndarray[Any, np.dtype[np.float64]]

_RECALL: Final = 0.98
"""Of pairs exactly at the threshold, so many at least must meet in a band."""

_DOUBT: Final = 3.0
"""Standard errors around the threshold within which signatures are not believed."""

_PAIRS_AT_ONCE: Final = 1 << 16

_HALF: Final = np.uint64(32)
_LOWER: Final = np.uint64(0xFFFFFFFF)
"""Of a pair in one number. Rows are fewer than 2^32: their sketches alone would take terabytes."""


class DeduplicatesByMinHash(DeduplicateBySketch, abstract=True):
    """Keep one of several texts whose shingles are alike: Jaccard similarity of at least `threshold`.

    Candidates meet in a band of their signatures (LSH; bands are chosen so that 98 % of pairs at the threshold meet). The signatures tell how
    similar they are with a standard error of sqrt(s (1 - s) / permutations), 0.035 at 0.8 with 128; where that leaves a doubt, the shingles
    themselves are compared. What is linked through others is one group. Blank texts are like nothing.
    """

    threshold: float = Field(0.8, gt=0, le=1)
    permutations: int = Field(128, ge=16, le=1024)
    unit: Literal["word", "character"] = "word"
    shingle_size: int = Field(5, ge=1)
    seed: int = 1
    verify: bool = Field(True, description="Compute the similarity of doubtful pairs from their shingles; else believe the signatures.")

    def bands(self) -> tuple[int, int]:
        """How many bands, and values in each: the longest bands in which enough pairs at the threshold meet."""
        for size in range(self.permutations, 0, -1):
            bands = self.permutations // size
            if 1 - (1 - self.threshold**size) ** bands >= _RECALL:
                return bands, size
        return self.permutations, 1

    @property
    def key_bytes(self) -> int:
        """Two bytes a permutation, eight a band, and one that says whether the text has shingles."""
        return 2 * self.permutations + 8 * self.bands()[0] + 1

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        signatures, has_shingles = self._minhash().sign(self.texts_of(rows))
        keys = _band_keys(signatures, *self.bands())
        # of the signature two bytes a value: two that differ agree in 16 bits once in 65,536
        short = as_bytes(signatures.astype(np.uint16))
        return self.sketched(rows, signature=short, bands=as_bytes(keys), signed=pa.array(has_shingles.view(np.uint8)))

    def _minhash(self) -> MinHash:
        return MinHash(self.permutations, self.unit, self.shingle_size, self.seed)

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        members, met = Members(), 0
        most = sum(reader.count_rows() for reader in (known, rows) if reader is not None)  # filled as they come: held once, not twice
        values, keys = np.empty((most, self.permutations), np.uint16), np.empty((self.bands()[0], most), np.uint64)
        signed = np.empty(most, bool)
        for sketch in self.read_sketches(members, rows, known):
            place = slice(met, met := met + len(sketch))
            values[place] = as_numbers(sketch.column("signature"), np.uint16, self.permutations)
            keys[:, place] = as_numbers(sketch.column("bands"), np.uint64, self.bands()[0]).T
            signed[place] = sketch.column("signed").to_numpy().view(bool)
        left, right = _candidates(keys[:, :met], signed[:met])
        del keys
        similar = _similarities(values, left, right)
        if self.verify:
            doubtful = np.flatnonzero(np.abs(similar - self.threshold) <= _DOUBT * np.sqrt(self.threshold * (1 - self.threshold) / self.permutations))
            similar[doubtful] = self._exact_similarities(rows, known, members.known, left[doubtful], right[doubtful])
        like = similar >= self.threshold
        left, right, similar = left[like], right[like], similar[like]
        kept = members.kept_of(connected_components(met, left, right))
        shown, how_much = _shown_links(kept, left, right, similar)

        def reason(row: int, winner: str) -> str:
            other, similarity = shown[row], float(how_much[row])
            rounded = f"{similarity:.2f}"
            about = f"similarity about {rounded if float(rounded) >= self.threshold else number_beside(similarity, self.threshold)}"
            if other == kept[row]:
                return f"{self.name}: near-duplicate of {winner} ({about})"
            between = members.ids_of(np.array([other]))[0].as_py()
            return f"{self.name}: near-duplicate of {winner}, through others ({about} to {between})"

        return Duplicates(kept, members, reason)

    def examine(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The sorted distinct shingles of each text."""
        found = self._minhash().shingles(self.texts_of(rows))
        ends = np.cumsum([0, *map(len, found)], dtype=np.int32)
        return pa.RecordBatch.from_arrays([pa.ListArray.from_arrays(ends, pa.array(np.concatenate(found)))], names=["shingles"])

    def _exact_similarities(self, rows: RowsReader, known: RowsReader | None, count: int, left: Rows, right: Rows) -> Similarities:
        """The Jaccard similarities of pairs of rows, of which the first `count` are known ones. Holds the shingles of these rows, 8 bytes each."""
        wanted = np.unique(np.concatenate([left, right]))
        of_known, of_rows = np.split(wanted, [np.searchsorted(wanted, count)])
        readers = [(rows, of_rows - count)] if known is None else [(known, of_known), (rows, of_rows - count)]
        batches = [batch.column("shingles") for reader, places in readers for batch in reader.examined(places)]
        shingles = [each.values.to_numpy() for batch in batches for each in batch]
        return np.array([jaccard(shingles[a], shingles[b]) for a, b in np.searchsorted(wanted, np.stack([left, right], axis=1))])


def _shown_links(kept: Rows, left: Rows, right: Rows, similar: Similarities) -> tuple[Rows, Similarities]:
    """For each row the one that its reason names, and how much they are alike: that which stays of its group if they were compared, else the one
    most like it; itself where it is like none. What is told is what was compared."""
    rows, others, similar = np.concatenate([left, right]), np.concatenate([right, left]), np.concatenate([similar, similar])
    direct = others == kept[rows]
    order = np.lexsort((np.where(direct, 0, -similar), ~direct, rows))
    first = order[np.r_[True, rows[order][1:] != rows[order][:-1]][: len(order)]]
    shown, how_much = np.arange(len(kept)), np.ones(len(kept))
    shown[rows[first]], how_much[rows[first]] = others[first], similar[first]
    return shown, how_much


def _band_keys(signatures: Signatures, bands: int, size: int) -> Keys:
    """One 64-bit key for each band of each signature, shape (rows, bands)."""
    keys = np.full((len(signatures), bands), EMPTY, np.uint64)
    for value in range(size):
        keys = (keys ^ signatures[:, value : bands * size : size].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(32)
    return keys


def _candidates(keys: Keys, signed: Mask) -> tuple[Rows, Rows]:
    """Pairs of signed rows that share a key in some band, ascending; of keys, shape (bands, rows)."""
    found = np.zeros(0, np.uint64)
    for pairs in in_threads(lambda band: _pairs_of_band(band, signed), iter(keys)):
        found = np.sort(np.concatenate([found, pairs]), kind="stable")  # np.union1d hashes, which takes ten times as long on such numbers
        found = found[np.r_[True, found[1:] != found[:-1]][: len(found)]]
    return (found >> _HALF).astype(np.int64), (found & _LOWER).astype(np.int64)


def _pairs_of_band(keys: Keys, signed: Mask) -> Keys:
    """Each row with the first and with the one before it among the signed rows of its key, one number a pair: its first row in the upper half."""
    order = np.argsort(keys)
    if not signed.all():
        order = order[signed[order]]
    arranged = keys[order]
    again = arranged[1:] == arranged[:-1]
    shared = np.r_[again, False] | np.r_[False, again][: len(order)]
    rows, arranged = order[shared], arranged[shared]
    order = np.lexsort((rows, arranged))  # of few rows: sorting all of them stably takes several times as long
    rows, arranged = rows[order].astype(np.uint64), arranged[order]
    again = np.r_[False, arranged[1:] == arranged[:-1]][: len(rows)]
    at = np.flatnonzero(again)
    firsts = np.maximum.accumulate(np.where(again, 0, np.arange(len(rows))))
    return np.concatenate([rows[firsts[at]] << _HALF | rows[at], rows[at - 1] << _HALF | rows[at]])


def _similarities(values: Short, left: Rows, right: Rows) -> Similarities:
    """The share of equal signature values of each pair."""
    result = np.empty(len(left))
    for start in range(0, len(left), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        result[part] = (values[left[part]] == values[right[part]]).mean(axis=1)
    return result
