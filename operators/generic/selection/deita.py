"""Deita's selection: the best rows first, and of those that say the same only the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.asking.serving import EmbeddingServing
from operators.bases.embedding import embed_each
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input
from operators.tables.types import ROW_ID

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

_STEP: Final = 2048
_EMBEDDED_AT_ONCE: Final = 256


class DeitaSelection(Filter):
    """Select rows to train on as Deita does: walk down the rows by complexity x quality, and keep each that is unlike all that were kept before.

    A row is unlike where the cosine similarity of its embedding (of instruction and answer together) to that of every kept row is below
    `max_similarity`. It ends when `rows` rows, or a `share` of the rows that have both scores, are kept. Only the rows that the walk comes to are
    embedded. Scores come from DeitaComplexityEvaluator and DeitaQualityEvaluator, or from any two raters of positive numbers. A row without one of
    the scores is rejected. Memory: the scores, row ids and vectors of the rows kept.
    """

    source = "Deita (Liu et al. 2023), section 3: score-first, diversity-aware selection; evol score = complexity x quality, threshold 0.9"
    asks = (
        "pick a small, diverse, high quality SFT subset",
        "choose hard and good samples that do not resemble each other",
        "best instruction data without redundancy",
    )
    scope = "table"
    either = (("rows", "share"),)
    needs = ("embedding",)
    example: ClassVar[Mapping[str, Any]] = {"rows": 10}

    input_instruction = Input(str)
    input_output = Input(str)
    input_complexity = Input(float, "deita_complexity", nulls="pass")
    input_quality = Input(float, "deita_quality", nulls="pass")

    embedding: str = Field("embedding", description="The resource that embeds.")
    rows: int | None = Field(None, ge=0, description="How many rows to keep at most.")
    share: float | None = Field(None, ge=0, le=1, description="Which share of the rows that have both scores to keep at most.")
    max_similarity: float = Field(0.9, gt=0, le=1, description="Cosine from which on a row is like one that was kept.")

    def keep_table(self, rows: RowsReader, embedding: EmbeddingServing) -> Verdict:
        scores, ids = _products(rows)
        order = sorted(np.flatnonzero(~np.isnan(scores)).tolist(), key=lambda row: (-scores[row], ids[row]))
        budget = self.rows if self.rows is not None else int(np.ceil(round((self.share or 0) * len(order), 9)))
        kept: list[int] = []
        vectors: Vectors = np.zeros((0, embedding.dimensions), np.float32)
        reasons: list[str | None] = ["a score is null" if np.isnan(score) else f"the {budget} rows are full" for score in scores]
        failed = np.zeros(len(scores), dtype=bool)
        for start in range(0, len(order), _STEP):
            if len(kept) >= budget:
                break
            part = order[start : start + _STEP]
            found, refused = _embed(rows, part, embedding)
            for row, reason in refused.items():
                failed[row], reasons[row] = True, reason
            before = found @ vectors.T
            new: list[int] = []
            for place, row in enumerate(part):
                if len(kept) >= budget:
                    break
                if failed[row]:
                    continue
                like = np.concatenate([before[place], found[new] @ found[place]])
                nearest = int(np.argmax(like)) if len(like) else -1
                if nearest >= 0 and like[nearest] >= self.max_similarity:
                    reasons[row] = f"like {ids[kept[nearest]]}, which has a higher score (cosine {like[nearest]:.3f})"
                    continue
                kept.append(row)
                new.append(place)
                reasons[row] = None
            vectors = np.concatenate([vectors, found[new]])
        keep = np.zeros(len(scores), dtype=bool)
        keep[kept] = True
        return Verdict(keep, reasons, failed)


def _products(rows: RowsReader) -> tuple[np.ndarray[Any, np.dtype[np.float64]], list[str]]:
    """Complexity times quality of each row, NaN where one is missing, and the row ids."""
    products, ids = [np.zeros(0)], list[str]()
    for batch in rows.batches(["complexity", "quality"]):
        columns = (pc.cast(batch.column(name), pa.float64(), safe=False) for name in ("complexity", "quality"))
        complexity, quality = (column.fill_null(float("nan")).to_numpy(zero_copy_only=False) for column in columns)
        with np.errstate(over="ignore", invalid="ignore"):
            products.append(complexity * quality)
        ids += batch.column(ROW_ID).to_pylist()
    return np.concatenate(products), ids


def _embed(rows: RowsReader, wanted: list[int], embedding: EmbeddingServing) -> tuple[Vectors, dict[int, str]]:
    """Unit vectors of the rows at these places, in their order, and by row why one has none. The texts are read once more, so that those of other
    rows need no memory."""
    place_of = {row: place for place, row in enumerate(wanted)}
    vectors = np.zeros((len(wanted), embedding.dimensions), np.float32)
    texts: list[tuple[int, str]] = []
    refused: dict[int, str] = {}

    def flush() -> None:
        if texts:
            vectors[[place for place, _ in texts]], reasons = embed_each(embedding, [text for _, text in texts])
            refused.update({wanted[texts[at][0]]: reason for at, reason in reasons.items()})
            texts.clear()

    at = 0
    for batch in rows.batches(["instruction", "output"]):
        here = [row for row in range(batch.num_rows) if at + row in place_of]
        chosen = batch.take(pa.array(here, pa.int64())).to_pylist()
        for row, values in zip(here, chosen, strict=True):
            texts.append((place_of[at + row], f"{values['instruction']}\n\n{values['output']}"))
            if len(texts) == _EMBEDDED_AT_ONCE:
                flush()
        at += batch.num_rows
    flush()
    return vectors, refused
