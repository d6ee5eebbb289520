"""Rows grouped by their vectors."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.vectors import VECTOR, clusters, read_vectors
from operators.core.kinds import Evaluate
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output


class ClusterEvaluator(Evaluate):
    """Number the cluster of each row by k-means on a column of vectors, the largest cluster 0, with the distance from its middle.

    The clusters depend on the seed and the rows, not on their order. Rows without a usable vector have none. Memory: the vectors.
    """

    source = "k-means (Lloyd 1982), begun at k centres (Gonzalez 1985)"
    asks = ("group similar texts by their embeddings", "k-means over vectors", "find the topics of a data set")
    scope: ClassVar[Literal["row", "table"]] = "table"

    input_embedding = Input(VECTOR, "embedding", description="vectors of one length")
    output_cluster = Output(int, "cluster", description="from 0, the largest first")
    output_distance = Output(float, "cluster_distance", description="Euclidean, from the middle of its cluster")

    clusters: int = Field(10, ge=1, description="How many clusters; fewer where there are fewer rows.")
    seed: int = 0

    def evaluate_table(self, rows: RowsReader) -> dict[str, pa.Array]:
        read = read_vectors(rows, "embedding")
        found, unusable = clusters(read.vectors, read.ids, self.clusters, self.seed), ~read.usable
        numbers, distances = np.zeros(len(unusable), np.int64), np.zeros(len(unusable))
        numbers[~unusable], distances[~unusable] = found.numbers, found.distances
        return {"cluster": pa.array(numbers, pa.int64(), mask=unusable), "distance": pa.array(distances, pa.float64(), mask=unusable)}
