"""The table of a benchmark: how many answers are right in each category, how sure that is, and whether two models differ."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Generate
from operators.engine.rows_reader import RowsReader
from operators.evaluation.intervals import Interval, bootstrap, mcnemar_exact, of_share
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, ROW_ID

EVERY: Final = "all"
"""The category of the row about all questions."""


@dataclass(frozen=True, slots=True)
class _Row:
    row_id: str
    right: bool | None
    score: float | None
    other_right: bool | None


class BenchmarkSummary(Generate):
    """Say for all questions, and for each category, how many answers are right, with bootstrap intervals; with a second model, whether it differs.

    `rows` are all, `scored` those of which something can be said: an answer that could not be read is scored as wrong, a row without a reference
    is not scored. Where the rows have `other_right`, what a second model got right, both stand beside each other on the rows that both have: the
    difference of the accuracies (other minus first) with its interval from paired resamples, and McNemar's exact test. Of many categories some
    differ by chance. The row "all" comes first, then the categories by name; each names the rows that it was made of.
    """

    adds_rows = True
    scope = "table"
    covers = ("BenchDatasetEvaluator", "BenchDatasetEvaluatorQuestion", "UnifiedBenchDatasetEvaluator")
    source = "bootstrap: Efron and Tibshirani (1993); paired comparison: McNemar (1947)"
    asks = ("accuracy per category with confidence intervals", "is model A significantly better than model B", "table of benchmark results")

    input_right = Input(bool, nulls="pass")
    input_score = Input(float, nulls="pass")
    input_category = Input(str, optional=True, nulls="pass")
    input_other_right = Input(bool, optional=True, nulls="pass")
    output_category = Output(str, "benchmark_category")
    output_rows = Output(int, "rows")
    output_scored = Output(int, "scored")
    output_right = Output(int, "right_answers")
    output_accuracy = Output(float, "accuracy", description="right answers over those that are right or wrong")
    output_low = Output(float, "accuracy_low")
    output_high = Output(float, "accuracy_high")
    output_mean_score = Output(float, "mean_score")
    output_score_low = Output(float, "mean_score_low")
    output_score_high = Output(float, "mean_score_high")
    output_compared = Output(int, "compared", description="rows that both models have; null where there is one model")
    output_other_accuracy = Output(float, "other_accuracy")
    output_other_low = Output(float, "other_accuracy_low")
    output_other_high = Output(float, "other_accuracy_high")
    output_difference = Output(float, "difference", description="accuracy of the other minus that of the first, on the rows that both have")
    output_difference_low = Output(float, "difference_low")
    output_difference_high = Output(float, "difference_high")
    output_only_first = Output(int, "only_first", description="right by the first model alone")
    output_only_other = Output(int, "only_other", description="right by the other model alone")
    output_p_value = Output(float, "p_value", description="McNemar, exact, two-sided")

    confidence: float = Field(0.95, gt=0, lt=1, description="Of the intervals.")
    resamples: int = Field(2000, ge=100, le=1_000_000, description="Bootstrap resamples.")
    seed: int = 0

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        made = super().schema_out(*tables)
        own = {ROW_ID, PARENT_IDS, *self.output_columns().values()}
        return pa.schema([field for field in made if field.name in own])

    def carried_columns(self, table: pa.Schema) -> list[str]:
        return []

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        groups: dict[str, list[_Row]] = defaultdict(list)
        every: list[_Row] = []
        for batch in rows.batches():
            columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
            count = batch.num_rows
            absent: list[Any] = [None] * count
            of_rows = (columns[ROW_ID], columns["right"], columns["score"], columns.get("other_right", absent))
            for category, one in zip(columns.get("category", absent), map(_Row, *of_rows), strict=True):
                every.append(one)
                if category is not None:
                    groups[category].append(one)
        if not every:
            return
        told = [(EVERY, every), *sorted(groups.items())]
        described = [self._described(category, of_it) for category, of_it in told]
        schema = self.schema_out(rows.storage.schema)
        fields = [schema.field(name) for name in schema.names if name != ROW_ID]
        names = {column: short for short, column in self.output_columns().items()}
        arrays = [
            pa.array([[row.row_id for row in of_it] for _, of_it in told], field.type)
            if field.name == PARENT_IDS
            else pa.array([one[names[field.name]] for one in described], field.type)
            for field in fields
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))

    def _described(self, category: str, rows: list[_Row]) -> dict[str, Any]:
        right = [row.right for row in rows if row.right is not None]
        scores = [row.score for row in rows if row.score is not None and not math.isnan(row.score)]
        accuracy, mean = self._share(right), self._interval(scores)
        return {
            "category": category,
            "rows": len(rows),
            "scored": len(scores),
            "right": sum(right) if right else None,
            **_spread(accuracy, "accuracy", "low", "high"),
            **_spread(mean, "mean_score", "score_low", "score_high"),
            **self._compared(rows),
        }

    def _compared(self, rows: list[_Row]) -> dict[str, Any]:
        both = [(bool(row.right), bool(row.other_right)) for row in rows if row.right is not None and row.other_right is not None]
        other = [row.other_right for row in rows if row.other_right is not None]
        only_first, only_other = both.count((True, False)), both.count((False, True))
        difference = self._interval([int(second) - int(first) for first, second in both])
        return {
            "compared": len(both) or None,
            **_spread(self._share(other), "other_accuracy", "other_low", "other_high"),
            **_spread(difference, "difference", "difference_low", "difference_high"),
            "only_first": only_first if both else None,
            "only_other": only_other if both else None,
            "p_value": mcnemar_exact(only_first, only_other) if both else None,
        }

    def _share(self, right: list[bool]) -> Interval | None:
        return of_share(right, self.seed, self.resamples, self.confidence)

    def _interval(self, values: list[Any]) -> Interval | None:
        return bootstrap(np.asarray(values, np.float64), self.seed, self.resamples, self.confidence)


def _spread(interval: Interval | None, *names: str) -> dict[str, float | None]:
    return dict(zip(names, interval or (None, None, None), strict=True))
