"""Near-duplicates of texts by MinHash and locality-sensitive hashing."""

from __future__ import annotations

from typing import ClassVar

from operators.bases.minhash_duplicates import DeduplicatesByMinHash


class MinHashDedup(DeduplicatesByMinHash):
    """Keep one of several texts whose shingles are alike: Jaccard similarity of at least `threshold`.

    Candidates meet in a band of their signatures (LSH); where the signatures leave a doubt, the shingles themselves are compared. What is linked
    through others is one group. Blank texts are like nothing.
    """

    covers: ClassVar[tuple[str, ...]] = ("MinHashDeduplicateFilter",)
    source = "Broder 1997; Leskovec, Rajaraman and Ullman 2014, ch. 3 (LSH)"
    asks: ClassVar[tuple[str, ...]] = (
        "fuzzy deduplication of web pages",
        "delete almost identical articles",
        "near duplicates with LSH",
        "pages crawled twice with small changes",
    )


class MinHashDedupAgainst(MinHashDedup):
    """As `MinHashDedup`, for the next part of a growing collection: texts like one of the second table (what was kept before) are dropped first."""

    asks = (
        "fuzzy dedup of a new crawl against the old",
        "incremental near duplicate removal with LSH",
        "is this article almost in my corpus already",
    )

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")
