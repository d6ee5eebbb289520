"""Near-duplicates by SimHash."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.deduplication import DeduplicateBySketch, Duplicates, Members
from operators.engine.rows_reader import RowsReader
from operators.kernels.simhash import near_groups, simhash


class SimHashDedup(DeduplicateBySketch):
    """Keep one of several texts whose 64-bit fingerprints differ in at most `max_bits` bits. MinHash tells more exactly.

    Candidates share two blocks of their fingerprints, so none is missed and few are compared. Short texts differ in many bits after a small change.
    """

    covers: ClassVar[tuple[str, ...]] = ("SimHashDeduplicateFilter",)
    source = "Charikar 2002; Manku, Jain and Das Sarma 2007"
    asks: ClassVar[tuple[str, ...]] = (
        "quick near duplicate removal with little memory",
        "hamming distance dedup",
        "cheap fuzzy matching for a huge crawl",
    )

    max_bits: int = Field(3, ge=0, le=12, description="The reference's bound of 0.1 is 6 bits.")
    unit: Literal["word", "character"] = "character"
    shingle_size: int = Field(4, ge=1)

    @property
    def key_bytes(self) -> int:
        """The fingerprint, and whether the text has shingles."""
        return 8 + 1

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        found, has_shingles = simhash(self.texts_of(rows), self.unit, self.shingle_size)
        return self.sketched(rows, fingerprint=pa.array(found, pa.uint64()), signed=pa.array(has_shingles.view(np.uint8)))

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        fingerprints, signed, members = [], [], Members()
        for sketch in self.read_sketches(members, rows, known):
            fingerprints.append(sketch.column("fingerprint").to_numpy())
            signed.append(sketch.column("signed").to_numpy().view(bool))
        values = np.concatenate(fingerprints) if fingerprints else np.zeros(0, np.uint64)
        group = np.arange(len(values))
        if signed:
            wanted = np.flatnonzero(np.concatenate(signed))
            group[wanted] = wanted[near_groups(values[wanted], self.max_bits)]
        kept = members.kept_of(group)

        def reason(row: int, winner: str) -> str:
            apart = int(values[row] ^ values[kept[row]]).bit_count()
            through = "" if apart <= self.max_bits else f", through others, each at most {self.max_bits} bits from the next"
            return f"{self.name}: near-duplicate of {winner}{through} ({apart} bits apart)"

        return Duplicates(kept, members, reason)


class SimHashDedupAgainst(SimHashDedup):
    """As `SimHashDedup`, for the next part of a growing collection: texts like one of the second table (what was kept before) are dropped first."""

    asks = ("quick near duplicate check with a previous crawl", "hamming distance to fingerprints of earlier data")

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")
