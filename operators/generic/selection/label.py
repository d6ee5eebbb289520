"""Filters by what a column says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input


class LabelFilter(Filter):
    """Keep rows whose column has one of these values, or with `listed="drop"` the others. Stands after any operator that labels texts."""

    asks = ("keep rows of some category", "select by the value of a text column", "throw away a class of rows")
    example: ClassVar[Mapping[str, Any]] = {"labels": ("good",)}

    input_label = Input(str, description="any column of text")

    labels: tuple[str, ...] = Field(min_length=1)
    listed: Literal["keep", "drop"] = Field("keep", description="What becomes of rows that have one of them.")

    @field_validator("labels", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def keep_batch(self, label: pa.Array) -> Verdict:
        found = np.asarray(pc.is_in(label, value_set=pa.array(self.labels, label.type)).cast(pa.uint8()).to_numpy(zero_copy_only=False)).astype(bool)
        keep = found if self.listed == "keep" else ~found
        column = self.input_columns()["label"]
        wanted = " or ".join(self.labels) if len(self.labels) <= 5 else f"one of {len(self.labels)} labels"
        why = f", not {wanted}" if self.listed == "keep" else ""
        reasons = [None if kept else f"{self.name}: {column} = {str(value)[:60]}{why}" for kept, value in zip(keep, label.to_pylist(), strict=True)]
        return Verdict(keep, reasons)
