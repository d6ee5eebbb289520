"""Texts that share n-grams with others: with those before them, or with a benchmark's."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.deduplication import Deduplicate, Duplicates, Members, Rows
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.kernels.index import SeenHashes
from operators.kernels.minhash import MinHash
from operators.tables.columns import Input
from operators.tables.errors import Problem, closest
from operators.tables.storage import DEFAULT_BATCH_ROWS
from operators.tables.types import ROW_ID


class Overlap(NamedTuple):
    """Of each text: its distinct n-grams, those that were seen before, and the text that has most of these (-1: none)."""

    totals: Rows
    seen: Rows
    best: Rows


class NGramOverlapDedup(Deduplicate):
    """Keep texts of which less than `max_share` of the distinct n-grams stood in texts that were kept before: copies, parts, and quilts of others.

    Unlike similarity this is not symmetric: a chapter is dropped after its book, a book after a chapter of it stays; keep="longest" lets the book
    come first. Memory: 16 to 32 bytes for each distinct n-gram, and where `keep` is not "first" the texts, which are then gone through in its order.
    """

    covers: ClassVar[tuple[str, ...]] = ("NgramHashDeduplicateFilter",)
    source = "Dolma (Soldaini et al. 2024), overlap with what was seen"
    asks = ("remove documents that are mostly quoted from others", "throw out excerpts and plagiarism", "containment based dedup")

    max_share: float = Field(0.8, gt=0, le=1)
    unit: Literal["word", "character"] = "word"
    size: int = Field(5, ge=1, description="Words or characters of an n-gram.")

    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        seen, shingles, members = SeenHashes(), MinHash(unit=self.unit, size=self.size), Members()
        found: list[Overlap] = []
        waiting: list[pa.Array] = []
        at = 0
        for part in self.read_parts(rows, known):
            members.add(part.known, part.ids, part.merits)
            if part.known:
                seen.match(part.texts, shingles, at, least=float("inf"), add=True)
                found.append(Overlap(*np.zeros((3, len(part.texts)), np.int64)))
            elif self.keep == "first":
                found.append(Overlap(*seen.match(part.texts, shingles, at, self.max_share, add=True)))
            else:
                waiting.append(part.texts.cast(pa.large_string()))
            at += len(part.texts)
        order = np.arange(at) if self.keep == "first" else members.by_merit()
        texts = pa.chunked_array(waiting, pa.large_string())
        for start in range(at - len(texts), at, DEFAULT_BATCH_ROWS):
            some = order[start : start + DEFAULT_BATCH_ROWS] - members.known
            found.append(Overlap(*seen.match(texts.take(pa.array(some)).combine_chunks(), shingles, start, self.max_share, add=True)))
        totals, seen_before, best = np.empty((3, at), np.int64)
        if found:
            totals[order], seen_before[order], best[order] = (np.concatenate(values) for values in zip(*found, strict=True))
        stays = (seen_before < self.max_share * totals) | (totals == 0)
        kept = np.where(stays, np.arange(at), order[best])

        def reason(row: int, winner: str) -> str:
            share = seen_before[row] / totals[row]
            stated = f"{share:.0%}" if round(share, 2) >= self.max_share else f"{share:.4%}"
            return f"{self.name}: {stated} of its {self.size}-grams seen before, most in {winner}"

        return Duplicates(kept, members, reason)


class NGramOverlapDedupAgainst(NGramOverlapDedup):
    """As `NGramOverlapDedup`, for the next part of a growing collection: texts made of the second table (what was kept before) are dropped first."""

    asks = (
        "drop new documents pasted together from existing ones",
        "excerpts of what is already in the corpus",
        "containment check with an earlier snapshot",
    )

    covers: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("rows", "known")


class Decontaminate(Filter):
    """Drop texts that hold n-grams of a second table, a benchmark's test set: at least `min_matches` of `size` words, none counted twice.

    `training = decontaminate(documents, test_set)`. Case, punctuation and line breaks do not hide a match. Benchmark texts of fewer words than an
    n-gram count as one.
    """

    source = "GPT-3 (Brown et al. 2020), appendix C: 13-grams"
    asks = ("take benchmark questions out of my training data", "test set leakage", "remove contamination with MMLU or GSM8K")
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "benchmark")

    input_text = Input(str)
    benchmark_column: str = Field("", description="The column of the second table; by default the one that the text is bound to.")
    size: int = Field(13, ge=1, description="Words of an n-gram.")
    min_matches: int = Field(1, ge=1)

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if not found and self._column() not in tables[1].names:
            listed = ("columns", ", ".join(tables[1].names))
            suggestion = closest(self._column(), tables[1].names) or "name it: benchmark_column=..."
            found.append(Problem(f'column "{self._column()}" does not exist in the benchmark', details=(listed,), suggestion=suggestion))
        return found

    def _column(self) -> str:
        return self.benchmark_column or self.input_columns()["text"]

    def keep_table(self, rows: RowsReader, benchmark: RowsReader) -> Verdict:
        seen, shingles = SeenHashes(), MinHash(unit="word", size=self.size)
        tests: list[str] = []
        for batch in benchmark.storage.batches([ROW_ID, self._column()]):
            seen.match(batch.column(self._column()), shingles, len(tests), least=float("inf"), add=True)
            tests += batch.column(ROW_ID).to_pylist()
        keep: list[Any] = []
        reasons: list[str | None] = []
        for batch in rows.batches(["text"]):
            _, found, best = seen.match(batch.column("text"), shingles, 0, least=0, add=False)
            keep.append(found < self.min_matches)
            reasons += [
                f"{self.name}: {count} {self.size}-grams of the benchmark, most of {tests[test]}" if count >= self.min_matches else None
                for count, test in zip(found.tolist(), best.tolist(), strict=True)
            ]
        return Verdict(np.concatenate(keep) if keep else np.zeros(0, np.bool_), reasons)
