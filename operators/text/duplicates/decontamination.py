"""Training texts without the questions of a benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.kernels.arrow_text import TextSpans
from operators.kernels.index import SeenHashes
from operators.kernels.minhash import MinHash
from operators.kernels.words import Words
from operators.tables.columns import Input
from operators.tables.errors import Problem, closest
from operators.tables.types import ROW_ID

_BETWEEN_WORDS: Final = r"[\p{Pd}\x{2212}/+=*^<>()\[\]{}$\\|]+"
"""Signs that stand between words with or without spaces: "sea-level", "x^2+3x", "\\(x\\)"."""


class Decontaminate(Filter):
    """Drop texts that hold n-grams of a second table, a benchmark's test set: at least `min_matches` of `size` words, none counted twice.

    `training = decontaminate(documents, test_set)`. Case, punctuation, line breaks, hyphens and the spaces of formulas do not hide a match. A text of
    the benchmark with fewer words than an n-gram ("What is the boiling point of water at sea level?") is found whole, anywhere in a row; one of fewer
    than `shortest` words only where the row is nothing else.
    """

    asks = (
        "take benchmark questions out of my training data",
        "test set leakage",
        "remove contamination with MMLU or GSM8K",
        "keep evaluation sets out of what I train on",
    )
    source = "GPT-3 (Brown et al. 2020), appendix C: 13-grams"
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "benchmark")

    input_text = Input(str)
    benchmark_column: str = Field("", description="The column of the second table; by default the one that the text is bound to.")
    size: int = Field(13, ge=1, description="Words of an n-gram.")
    min_matches: int = Field(1, ge=1, description="N-grams that a row must share; a short benchmark text that it holds whole is enough.")
    shortest: int = Field(5, ge=1, description="Words from which on a benchmark text shorter than an n-gram is looked for anywhere in a row.")

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
        tests = _Tests(self.size, self.shortest)
        for batch in benchmark.storage.batches([ROW_ID, self._column()]):
            tests.add(batch.column(self._column()), batch.column(ROW_ID).to_pylist())
        keep: list[bool] = []
        reasons: list[str | None] = []
        for batch in rows.batches(["text"]):
            for found in tests.found_in(batch.column("text"), self.min_matches):
                keep.append(found is None)
                reasons.append(None if found is None else f"{self.name}: {found}")
        return Verdict(np.array(keep, np.bool_), reasons)


class _Tests:
    """The n-grams of the benchmark's texts; of shorter texts, by their number of words, the texts whole."""

    def __init__(self, size: int, shortest: int) -> None:
        self._size = size
        self._shortest = shortest
        self._ids: list[str] = []
        self._seen: dict[int, SeenHashes] = {size: SeenHashes()}
        self._shingles: dict[int, MinHash] = {}

    def add(self, texts: pa.Array, ids: list[str]) -> None:
        first = len(self._ids)
        self._ids += ids
        texts = _apart(texts)
        counts = Words.of(TextSpans.of(texts)).counted
        for place in range(len(texts)):
            words = int(counts[place])
            short = self._shortest <= words < self._size
            self._add_one(texts.slice(place, 1), first + place, words if short else self._size)

    def _add_one(self, text: pa.Array, row: int, words: int) -> None:
        """Words are counted here by spaces and marks, and by the shingles a little otherwise: the least size that takes the text whole is right."""
        while words < self._size and len(self._of(words).shingles(text)[0]) > 1:
            words += 1
        seen = self._seen.setdefault(words, SeenHashes())
        seen.match(text, self._of(words), row, least=float("inf"), add=True)

    def found_in(self, texts: pa.Array, min_matches: int) -> Iterator[str | None]:
        """For each text what it shares with the benchmark; None where that is not enough."""
        texts = _apart(texts)
        is_short = Words.of(TextSpans.of(texts)).counted < self._size
        _, counts, best = self._seen[self._size].match(texts, self._of(self._size), 0, least=0, add=False)
        whole = np.zeros(len(texts), np.int64)
        """Words of the longest short text that is held whole."""
        of = np.zeros(len(texts), np.int64)
        for words in sorted(set(self._seen) - {self._size}):
            _, here, owner = self._seen[words].match(texts, self._of(words), 0, least=0, add=False)
            whole[here > 0], of[here > 0] = words, owner[here > 0]
        for short, count, test, words, held in zip(is_short.tolist(), counts.tolist(), best.tolist(), whole.tolist(), of.tolist(), strict=True):
            if count >= min_matches and not short:
                yield f"{count} {self._size}-gram{'s' * (count > 1)} of the benchmark, most of {self._ids[test]}"
            elif words:
                yield f"holds the {words} words of {self._ids[held]}"
            elif short and count:
                yield f"is the text {self._ids[test]} of the benchmark"
            else:
                yield None

    def _of(self, size: int) -> MinHash:
        if size not in self._shingles:
            self._shingles[size] = MinHash(unit="word", size=size)
        return self._shingles[size]


def _apart(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, _BETWEEN_WORDS, " ")
