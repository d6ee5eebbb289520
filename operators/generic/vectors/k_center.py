"""The rows that represent all others: those that lie farthest apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.vectors import VECTOR, Chosen, Read, k_centers, read_vectors
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output


class ChoosesCentres(Operator, abstract=True):
    """Reads a column of vectors, which EmbeddingGenerator makes. Memory: the vectors."""

    either = (("rows", "share"),)
    example: ClassVar[Mapping[str, Any]] = {"share": 0.5}
    source = "k-center greedy core-set (Sener and Savarese 2018)"

    input_embedding = Input(VECTOR, "embedding", description="vectors of one length")

    rows: int | None = Field(None, ge=0, description="How many rows to choose; all that have a vector, if there are fewer.")
    share: float | None = Field(None, ge=0, le=1, description="Which share of the rows that have a vector to choose.")
    seed: int = Field(0, description="Of the draw of the first row.")

    def chosen(self, read: Read) -> Chosen:
        count = self.rows if self.rows is not None else int(np.ceil(round((self.share or 0.0) * len(read.ids), 9)))
        return k_centers(read.vectors, read.ids, count, self.seed)


class KCenterFilter(Filter, ChoosesCentres):
    """Keep the rows that together are nearest to all others: one by a draw, then always the one that is farthest from all chosen so far.

    Exactly `rows` of them (or a `share`, rounded up), the first included, none twice. A vector of another length than most sets
    its row aside. For their order and distances as columns use KCenterEvaluator.
    """

    covers = ("KCenterGreedyFilter",)
    asks = ("pick a diverse subset by embeddings", "core-set selection with k-center", "keep few examples that cover all of the data")
    scope: ClassVar[Literal["row", "table"]] = "table"

    def keep_table(self, rows: RowsReader) -> Verdict:
        read = read_vectors(rows, "embedding")
        found, usable = self.chosen(read), read.usable
        keep, distances = np.zeros(len(usable), np.bool_), np.zeros(len(usable))
        distances[usable] = found.distances
        keep[np.flatnonzero(usable)[found.places]] = True
        far = f"from the nearest of the {len(found.places)} chosen"
        reasons = [
            None if kept else reason or f"{self.name}: {distance:.4g} {far}"
            for kept, reason, distance in zip(keep, read.reasons, distances.tolist(), strict=True)
        ]
        return Verdict(keep, reasons, failed=~usable)


class KCenterEvaluator(Evaluate, ChoosesCentres):
    """Say in which order k-center greedy chooses the rows, and how far each was from those chosen before it.

    Rows that are not chosen have no order, and the distance from the nearest that is. The first has no distance, nor have rows without a usable
    vector. Where distances fall to almost nothing, more rows add nothing new.
    """

    asks = ("rank rows by how much new they add", "distance of each example from the core-set", "order of a diverse selection")
    scope: ClassVar[Literal["row", "table"]] = "table"

    output_order = Output(int, "center_order", description="from 1; null where not chosen")
    output_distance = Output(float, "center_distance")

    def evaluate_table(self, rows: RowsReader) -> dict[str, pa.Array]:
        read = read_vectors(rows, "embedding")
        found, usable = self.chosen(read), read.usable
        order, distances = np.zeros(len(usable), np.int64), np.full(len(usable), np.inf)
        distances[usable] = found.distances
        order[np.flatnonzero(usable)[found.places]] = np.arange(1, len(found.places) + 1)
        return {
            "order": pa.array(order, pa.int64(), mask=order == 0),
            "distance": pa.array(distances, pa.float64(), mask=~np.isfinite(distances)),
        }
