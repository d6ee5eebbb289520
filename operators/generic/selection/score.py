"""Filters for any table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input
from operators.tables.numbers import exact_number, number_beside


class ScoreFilter(Filter):
    """Keep rows whose score lies between `min` and `max`, both included; at least one of them is given.

    Stands after any operator that makes a number. A null score, or NaN, is rejected unless `nulls="keep"`. Where a score has no scale of its own, or
    there is a budget of rows, rank the rows instead: TopFilter, PercentileFilter, TemperatureSample.
    """

    covers = ("GeneralFilter", "CodeGenericScoreFilter")
    asks = ("throw out everything under a threshold", "keep ratings of four and up", "filter by a numeric column")
    at_least_one = (("min", "max"),)
    example: ClassVar[Mapping[str, Any]] = {"min": 0}

    input_score = Input(float, nulls="pass", description="any column of numbers")

    min: float | None = None
    max: float | None = None
    nulls: Literal["reject", "keep"] = Field("reject", description="What to do with rows that have no score.")

    @model_validator(mode="after")
    def _ordered(self) -> ScoreFilter:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min={self.min:g} is above max={self.max:g}: nothing could pass")
        return self

    def keep_batch(self, score: pa.Array) -> Verdict:
        numbers = pc.cast(score, pa.float64(), safe=False)
        values = numbers.fill_null(float("nan")).to_numpy(zero_copy_only=False)
        absent = np.isnan(values)
        low = values < self.min if self.min is not None else np.zeros(len(values), dtype=bool)
        high = values > self.max if self.max is not None else np.zeros(len(values), dtype=bool)
        keep = np.where(absent, self.nulls == "keep", ~(low | high))
        reasons: list[str | None] = [None] * len(values)
        column = self.input_columns()["score"]
        for index in np.flatnonzero(~keep):
            if absent[index]:
                said = "is null"
            else:
                bound, relation = (self.min, "below min") if low[index] else (self.max, "above max")
                said = f"= {number_beside(values[index], bound or 0.0, digits=6)}, {relation} = {exact_number(bound or 0.0)}"
            reasons[index] = f"{column} {said}"
        return Verdict(keep, reasons)
