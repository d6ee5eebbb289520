"""Equal texts: one stays, the others say which."""

from __future__ import annotations

from typing import ClassVar

from operators.bases.exact_duplicates import DeduplicatesExactly


class ExactDedup(DeduplicatesExactly):
    """Keep one of several equal texts. What `ignore_*` names does not make texts differ; Unicode form never does (NFC).

    `keep` says which stays: the first, the last, the longest, or that with the highest or lowest number in the column `input_score`.
    """

    covers: ClassVar[tuple[str, ...]] = ("HashDeduplicateFilter", "CCNetDeduplicateFilter")
    source = "BLAKE2b, 128 bits"
    asks: ClassVar[tuple[str, ...]] = (
        "delete identical copies",
        "distinct rows by hash",
        "throw out exact duplicates",
        "records that are byte for byte equal",
    )


class ExactDedupAgainst(ExactDedup):
    """As `ExactDedup`, for the next part of a growing collection: texts that the second table (what was kept before) has are dropped first."""

    asks = (
        "skip identical records that I already have",
        "compare today's batch with earlier ones by hash",
        "incremental exact dedup against the existing corpus",
    )

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")
