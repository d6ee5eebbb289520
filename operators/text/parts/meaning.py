"""Texts cut where they turn to something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from operators.asking.serving import EmbeddingServing
from operators.bases import pieces
from operators.bases.cutting import CutsToSize
from operators.bases.embedding import Vectors, embed_each
from operators.bases.pieces import Span
from operators.core.operator import Need
from operators.engine.batch import Batch, Processed
from operators.engine.calls import Skipped, row_arguments
from operators.text.parts.part_rows import PartRows


class ChunkByMeaning(PartRows, CutsToSize):
    """Cut texts into rows between sentences whose meaning is far apart, each of at most `size` units.

    Each sentence is embedded with its `context` neighbours on either side. A text is cut where the cosine distance to the next one is among the
    `cuts` largest shares of its distances: 0.1 cuts at every tenth sentence, where the turns are sharpest. What is longer than `size` is cut further.
    """

    covers = ("KBCChunkGenerator",)
    source = "semantic chunking as in LlamaIndex and Chonkie: breakpoints at a percentile of the distances between sentences"
    asks = ("cut a text where the topic changes", "semantic chunking with embeddings", "chunks that are about one thing each")
    needs: ClassVar[tuple[Need, ...]] = ("embedding",)

    embedding: str = Field("embedding", description="The resource that embeds.")
    cuts: float = Field(0.1, gt=0, lt=1, description="Share of the places between sentences at which a text is cut.")
    context: int = Field(1, ge=0, le=10, description="Sentences before and after each one that are embedded with it.")

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        """All sentences of a batch are embedded together."""
        arguments = row_arguments(self, batch)
        texts = [None if isinstance(values, Skipped) else str(values["text"]) for values in arguments]
        sentences = [pieces.sentences(text) if text is not None else [] for text in texts]
        windows = [self._windows(text or "", found) for text, found in zip(texts, sentences, strict=True)]
        vectors = self._embedded([window for of_text in windows for window in of_text], resources["embedding"])
        results: list[Any] = []
        at = 0
        for values, text, found in zip(arguments, texts, sentences, strict=True):
            of_text = vectors[at : at + len(found)]
            at += len(found)
            results.append(values if text is None else self.rows(text, self._cut(text, found, of_text)))
        return self.assemble(batch, results)

    def _windows(self, text: str, found: Sequence[Span]) -> list[str]:
        return [text[found[max(0, place - self.context)].start : found[min(len(found) - 1, place + self.context)].end] for place in range(len(found))]

    def _embedded(self, windows: Sequence[str], serving: EmbeddingServing) -> Vectors:
        return embed_each(serving, windows)[0] if windows else np.zeros((0, 1), np.float32)

    def _cut(self, text: str, found: Sequence[Span], vectors: Vectors) -> list[Span]:
        if not found:
            return []
        distances = 1.0 - np.einsum("ij,ij->i", vectors[:-1].astype(np.float64), vectors[1:].astype(np.float64))
        distances[~(vectors[:-1].any(axis=1) & vectors[1:].any(axis=1))] = 0.0  # a sentence without a vector says nothing of a turn
        places = sorted(sorted(range(len(distances)), key=lambda place: (-distances[place], place))[: round(self.cuts * len(distances))])
        ends = [*(place for place in places if distances[place] > 0), len(found) - 1]
        units = self.units(text)
        spans: list[Span] = []
        first = at = 0
        for last in ends:
            inside = []
            while at < len(units) and units[at].start < found[last].end:
                inside.append(units[at])
                at += 1
            spans += self.packed(pieces.grouped(found[first : last + 1], inside, self.size))
            first = last + 1
        return spans
