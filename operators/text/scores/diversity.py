"""How different the rows of a table are, and how far a table is from another: one number for all rows, in a column that has it in each."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.draws import draw
from operators.bases.words import folded_words
from operators.core.kinds import Evaluate
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import ROW_ID

Vectors: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float64]]
BATCH_ROWS = 1024


class ComparesVectors(Evaluate, abstract=True):
    """Unit vectors of texts: those of the column `embedding` where the table has it, else hashed counts of word n-grams.

    A row without a usable vector (no words; an embedding with missing or infinite numbers, of length 0, or with another number of dimensions than the
    first) is left out and its score is null.
    """

    input_text = Input(str)
    input_embedding = Input(list[float], optional=True, description="vectors of the texts, for meaning instead of words")

    dimensions: int = Field(1024, ge=16, description="Length of the hashed vectors.")
    ngrams: int = Field(2, ge=1, le=5, description="Longest n-gram of words that is counted.")

    def vectors(self, rows: RowsReader, expected: int | None = None) -> Iterator[tuple[Vectors, list[bool], list[str]]]:
        """Batches of the usable vectors, which rows have one, and the ids of those."""
        for batch in rows.batches(size=BATCH_ROWS):
            if "embedding" in batch.schema.names:
                found = [_unit(values, expected) for values in batch.column("embedding").to_pylist()]
            else:
                found = [_unit(self._hashed(text)) for text in batch.column("text").to_pylist()]
            expected = expected or next((len(vector) for vector in found if vector is not None), None)
            usable = [vector is not None and len(vector) == expected for vector in found]
            kept = [vector for vector, good in zip(found, usable, strict=True) if good and vector is not None]
            ids = [row_id for row_id, good in zip(batch.column(ROW_ID).to_pylist(), usable, strict=True) if good]
            yield np.array(kept).reshape(len(kept), expected or 0), usable, ids

    def _hashed(self, text: str) -> list[float]:
        vector = [0.0] * self.dimensions
        tokens = folded_words(text)
        for length in range(1, self.ngrams + 1):
            for at in range(len(tokens) - length + 1):
                code = zlib.crc32(" ".join(tokens[at : at + length]).encode("utf-8", "surrogatepass"))
                vector[(code >> 1) % self.dimensions] += 1.0 if code & 1 else -1.0
        return vector


def _unit(values: Sequence[float | None] | None, expected: int | None = None) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    if values is None or None in values or (expected is not None and len(values) != expected):
        return None
    vector = np.array(values, dtype=np.float64)
    largest = float(np.abs(vector).max(initial=0.0))
    if not np.isfinite(largest) or largest == 0:
        return None
    vector /= largest
    return vector / np.linalg.norm(vector)


def _constant(value: float | None, usable: list[bool]) -> pa.Array:
    return pa.array([value if good else None for good in usable], pa.float64())


class VendiEvaluator(ComparesVectors):
    """Say how many different texts a table holds in effect: the Vendi score, from 1 (all alike) to the number of rows (nothing in common).

    The exponential of the entropy of the eigenvalues of the similarity matrix (cosines), found from the matrix of dimensions, so that memory does
    not grow with the rows. Every row gets the score of the table. By words; give `input_embedding` a column of vectors to compare meanings.
    """

    covers = ("VendiDatasetEvaluator",)
    source = "Friedman & Dieng 2022"
    asks = ("variety of the whole dataset", "how many really different samples do I have", "effective number of distinct prompts")
    scope = "table"

    output_score = Output(float, "vendi_score")

    def evaluate_table(self, rows: RowsReader) -> pa.Array:
        sums: Vectors | None = None
        few: list[Vectors] = []
        usable: list[bool] = []
        count = 0
        for vectors, good, _ in self.vectors(rows):
            usable += good
            count += len(vectors)
            if not len(vectors):
                continue
            if sums is None and count < vectors.shape[1]:
                few.append(vectors)  # fewer rows than dimensions so far: their own matrix is the smaller one
                continue
            sums = (0 if sums is None else sums) + sum((part.T @ part for part in few), vectors.T @ vectors)
            few = []
        if not count:
            return _constant(None, usable)
        together = np.concatenate(few) if few else None
        matrix = sums if together is None else together @ together.T if sums is None else sums + together.T @ together
        return _constant(vendi_score(np.linalg.eigvalsh(np.asarray(matrix) / count)), usable)


def vendi_score(eigenvalues: np.ndarray[Any, Any]) -> float:
    """The exponential of their Shannon entropy. The eigenvalues of a similarity matrix divided by its size add up to 1."""
    positive = eigenvalues[eigenvalues > 1e-12]
    return float(np.exp(-np.sum(positive * np.log(positive))))


class MaximumMeanDiscrepancyEvaluator(ComparesVectors):
    """Say how far a table is from a reference table: MMD² with an RBF kernel, from 0 (alike) to 2 (nothing in common).

    The biased estimate over at most `max_rows` rows of each, drawn by row id and seed. `sigma` is the width of the kernel; without one, it is the
    median distance of the rows drawn. Every row gets the distance of its table; null where a table has no usable row.
    """

    covers = ("MMDDatasetEvaluator",)
    source = "Gretton et al. 2012"
    asks = ("how different are two datasets", "distribution shift between synthetic and real data", "distance of my corpus to another")
    scope = "table"
    tables = ("rows", "reference")

    output_score = Output(float, "mmd")

    max_rows: int = Field(2000, ge=2)
    sigma: float | None = Field(None, gt=0)
    seed: int = 0

    def evaluate_table(self, rows: RowsReader, reference: RowsReader) -> pa.Array:
        own, usable = self._drawn(rows, None)
        other, _ = self._drawn(reference, own.shape[1] or None)
        if not len(own) or not len(other):
            return _constant(None, usable)
        return _constant(maximum_mean_discrepancy(own, other, self.sigma), usable)

    def _drawn(self, rows: RowsReader, dimensions: int | None) -> tuple[Vectors, list[bool]]:
        """At most `max_rows` vectors: those with the lowest draws, whatever the order of the rows."""
        kept = np.zeros((0, dimensions or 0))
        drawn: list[int] = []
        usable: list[bool] = []
        for vectors, good, ids in self.vectors(rows, dimensions):
            usable += good
            if not len(vectors):
                continue
            kept = np.concatenate([kept, vectors]) if len(kept) else vectors
            drawn += [draw(self.seed, row_id) for row_id in ids]
            lowest = sorted(range(len(drawn)), key=drawn.__getitem__)[: self.max_rows]
            kept, drawn = kept[lowest], [drawn[at] for at in lowest]
        return kept, usable


def maximum_mean_discrepancy(own: Vectors, other: Vectors, sigma: float | None = None) -> float:
    """MMD² of two sets of unit vectors, biased; `sigma` defaults to the median distance of different pairs."""
    together = np.concatenate([own, other])
    squared = np.clip(2 - 2 * (together @ together.T), 0, None)
    if sigma is None:
        apart = squared[np.triu_indices(len(together), 1)]
        apart = apart[apart > 1e-12]
        sigma = float(np.sqrt(np.median(apart))) if len(apart) else 1.0
    kernel = np.exp(-squared / (2 * sigma**2))
    count = len(own)
    return max(0.0, float(kernel[:count, :count].mean() + kernel[count:, count:].mean() - 2 * kernel[:count, count:].mean()))
