"""Drawing rows at random, the same rows every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from operators.bases.draws import draws
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.types import ROW_ID


class RandomSample(Filter):
    """Keep `rows` rows, or a `share` of the rows, drawn at random.

    The draw depends on the seed and the row ids alone: not on the order of the rows, and a row that was drawn stays drawn as others are
    added, for a share always and for a number of rows mostly.
    """

    scope = "table"
    example: ClassVar[Mapping[str, Any]] = {"share": 0.5}

    rows: int | None = Field(None, ge=0, description="How many rows to keep; all, if there are fewer.")
    share: float | None = Field(None, ge=0, le=1, description="Which share of the rows to keep.")
    seed: int = 0

    @model_validator(mode="after")
    def _one_size(self) -> RandomSample:
        if (self.rows is None) == (self.share is None):
            raise ValueError("a RandomSample needs either rows or share")
        return self

    @property
    def needs_all_rows(self) -> bool:
        return self.rows is not None

    def keep_table(self, rows: RowsReader) -> Verdict:
        numbers = np.concatenate([np.zeros(0, np.uint64), *(draws(self.seed, batch.column(ROW_ID).to_pylist()) for batch in rows.batches([]))])
        if self.share is not None:
            return Verdict(numbers < np.uint64(min(int(self.share * 2**64), 2**64 - 1)) if self.share < 1 else np.ones(len(numbers), dtype=bool))
        keep = np.zeros(len(numbers), dtype=bool)
        keep[np.argsort(numbers, kind="stable")[: self.rows]] = True
        return Verdict(keep)
