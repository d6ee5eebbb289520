"""Texts as vectors in a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from operators.bases.embedding import embed_each
from operators.bases.vectors import VECTOR
from operators.core.kinds import Generate
from operators.core.operator import Need
from operators.engine.batch import Batch, Processed
from operators.engine.calls import Failed, Skipped, row_arguments
from operators.tables.columns import Input, Output


class EmbeddingGenerator(Generate):
    """Add the embedding of each text as a column of vectors of unit length: Arrow and DuckDB lists of 32-bit numbers, not texts.

    A null has a null vector; a text that the model refuses sets its row aside with the reason. Each text is computed once, and cached.
    """

    covers = ("EmbeddingGenerator",)
    asks = ("turn texts into embedding vectors", "add a column of embeddings", "vectorize my data set")
    needs: ClassVar[tuple[Need, ...]] = ("embedding",)

    input_text = Input(str)
    output_embedding = Output(VECTOR, "embedding", description="of unit length")

    embedding: str = Field("embedding", description="The resource that embeds.")

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        arguments = row_arguments(self, batch)
        texts = [values["text"] for values in arguments if not isinstance(values, Skipped)]
        vectors, refused = embed_each(resources["embedding"], texts) if texts else (np.zeros((0, 1), np.float32), {})
        made = iter(Failed(refused[place]) if place in refused else {"embedding": vector} for place, vector in enumerate(vectors))
        return self.assemble(batch, [values if isinstance(values, Skipped) else next(made) for values in arguments])
