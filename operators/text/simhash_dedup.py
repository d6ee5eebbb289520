"""Near-duplicates by SimHash."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from operators.core.batch import Verdict
from operators.core.rows_reader import RowsReader
from operators.kernels.simhash import near_groups, simhash
from operators.text.dedup import ROW_ID, Deduplicate, batches_of, concatenated, text_lengths, verdict_of


class SimHashDedup(Deduplicate):
    """Keep one of several texts whose 64-bit fingerprints differ in at most `max_bits` bits. 8 bytes a row; MinHash tells more exactly.

    Candidates share two blocks of their fingerprints, so none is missed and few are compared. Short texts differ in many bits after a small change.
    """

    covers = ("SimHashDeduplicateFilter",)
    source = "Charikar 2002; Manku, Jain and Das Sarma 2007"

    max_bits: int = Field(3, ge=0, le=12, description="The reference's bound of 0.1 is 6 bits.")
    unit: Literal["word", "character"] = "character"
    shingle_size: int = Field(4, ge=1)

    def keep_table(self, rows: RowsReader, known: RowsReader | None = None) -> Verdict:
        fingerprints, signed, ids, lengths = [], [], [], []
        for _, batch in batches_of(known, rows):
            found, has_shingles = simhash(batch.column("text"), self.unit, self.shingle_size)
            fingerprints.append(found)
            signed.append(has_shingles)
            ids.append(batch.column(ROW_ID))
            lengths.append(text_lengths(batch.column("text")))
        if not ids:
            return Verdict(np.zeros(0, np.bool_))
        values, wanted = np.concatenate(fingerprints), np.flatnonzero(np.concatenate(signed))
        group = np.arange(len(values))
        group[wanted] = wanted[near_groups(values[wanted], self.max_bits)]
        kept = self.kept_of(group, concatenated(lengths))

        def reason(row: int, winner: str) -> str:
            return f"{self.name}: near-duplicate of {winner} ({int(values[row] ^ values[kept[row]]).bit_count()} bits apart)"

        return verdict_of(kept, ids, reason)
