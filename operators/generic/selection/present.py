"""Dividing rows by whether a column holds something: two branches of a pipeline."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input


class PresentFilter(Filter):
    """Keep rows in which a column holds a value, or with `keep="missing"` those in which it does not: null, or a text of white space alone.

    Two of them on one handle are two branches that share no row and lose none: solutions with a gold answer and without.
    """

    covers = ("ReasoningAnswerPipelineRootFilter",)
    asks = ("split rows with and without a label", "route records that lack a value", "branch on an empty column")

    input_value = Input(Any, nulls="pass", description="any column")

    which: Literal["present", "missing"] = Field("present", description="Which rows to keep.")

    def keep_batch(self, value: pa.Array) -> Verdict:
        present = np.asarray(pc.is_valid(value).cast(pa.uint8()).to_numpy(zero_copy_only=False)).astype(bool)
        if pa.types.is_string(value.type) or pa.types.is_large_string(value.type):
            blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(value)), 0).fill_null(True)
            present &= ~np.asarray(blank.cast(pa.uint8()).to_numpy(zero_copy_only=False)).astype(bool)
        column = self.input_columns()["value"]
        keep = present if self.which == "present" else ~present
        return Verdict(keep, [None if kept else f"{column} is {'missing' if self.which == 'present' else 'present'}" for kept in keep])


class FlagFilter(Filter):
    """Keep rows whose flag is true, or with `keep_true=false` those whose flag is false. A null flag says nothing, and is rejected as null."""

    asks = ("keep rows where a boolean column is true", "filter by a yes or no column", "drop everything that was flagged")

    input_flag = Input(bool, description="any column of true and false")

    keep_true: bool = Field(True, description="Which rows to keep.")

    def keep_batch(self, flag: pa.Array) -> Verdict:
        keep = np.asarray(flag.cast(pa.uint8()).to_numpy(zero_copy_only=False)).astype(bool) == self.keep_true
        return Verdict(keep, [None if kept else f"{self.input_columns()['flag']} is {str(not self.keep_true).lower()}" for kept in keep])
