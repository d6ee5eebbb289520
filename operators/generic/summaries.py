"""A table told in a few rows: how often each value occurs, and how numbers are distributed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from operators.core.kinds import Generate
from operators.engine.rows_reader import RowsReader
from operators.generic.selection.rank import quantile
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD


class Summarises(Generate, abstract=True):
    """Makes few rows of many: each names all rows that it was made of."""

    adds_rows = True
    scope = "table"

    columns_of: ClassVar[str] = ""

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        names = getattr(self, self.columns_of)
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f'"{twice}" stands twice in `{self.columns_of}`')
        return self

    def inputs(self) -> dict[str, Input]:
        return {name: Input(Any, nulls="pass") for name in getattr(self, self.columns_of)}

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        return pa.schema([ROW_ID_FIELD, *self.made(tables[0]), PARENT_IDS_FIELD])

    @abstractmethod
    def made(self, table: pa.Schema) -> list[pa.Field]:
        """The columns of the summary."""

    def _of(self, values: Mapping[str, list[Any]], parents: list[list[str]], table: pa.Schema) -> pa.RecordBatch:
        fields = self.made(table)
        arrays = [pa.array(values[field.name], field.type) for field in fields]
        return pa.RecordBatch.from_arrays(
            [*arrays, pa.array(parents, PARENT_IDS_FIELD.type)], schema=pa.schema([*fields, pa.field(PARENT_IDS, PARENT_IDS_FIELD.type)])
        )


class ValueCounts(Summarises):
    """Count the rows of each value of some columns, and the combinations below it: of a first column, of a second within the first, and so on.

    A row for each value: its `count`, its `share` of all rows, and `level`: 1 for values of the first column alone, with the other columns null; 2
    for the second within the first. Null is a value of its own, and no value is left out. Rows of most counts come first. Write it beside the data:
    `output={"counts": "counts.jsonl"}`.
    """

    covers = ("ReasoningCategoryDatasetEvaluator", "ReasoningDifficultyDatasetEvaluator")
    asks = ("how many questions per category", "histogram of difficulty levels", "group by and count labels")
    example: ClassVar[Mapping[str, Any]] = {"by": ("category",)}
    columns_of = "by"

    output_level = Output(int, "level")
    output_count = Output(int, "count")
    output_share = Output(float, "share")

    by: tuple[str, ...] = Field(min_length=1, description="Columns whose values are counted, the outer first.")

    def made(self, table: pa.Schema) -> list[pa.Field]:
        names = self.input_columns()
        made = self._output_fields()
        return [*(pa.field(names[name], table.field(names[name]).type) for name in self.by), *made.values()]

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        names = self.input_columns()
        ids: list[str] = []
        keys: list[tuple[Any, ...]] = []
        for batch in rows.batches(list(self.by)):
            ids += batch.column(ROW_ID).to_pylist()
            keys += zip(*(batch.column(name).to_pylist() for name in self.by), strict=True)
        if not ids:
            return
        values: dict[str, list[Any]] = {name: [] for name in (*names.values(), *self.output_columns().values())}
        parents: list[list[str]] = []
        for level in range(1, len(self.by) + 1):
            groups: dict[tuple[str, ...], tuple[tuple[Any, ...], list[str]]] = {}
            for row_id, key in zip(ids, keys, strict=True):
                groups.setdefault(tuple(map(repr, key[:level])), (key[:level], []))[1].append(row_id)
            for spelled, (key, of) in sorted(groups.items(), key=lambda group: (-len(group[1][1]), group[0])):
                del spelled
                for place, name in enumerate(self.by):
                    values[names[name]].append(key[place] if place < level else None)
                made = self.output_columns()
                for short, value in (("level", level), ("count", len(of)), ("share", len(of) / len(ids))):
                    values[made[short]].append(value)
                parents.append(of)
        yield self._of(values, parents, rows.storage.schema)


class DistributionSummary(Summarises):
    """Say how the numbers of some columns are distributed: a row for each column with counts of rows, nulls and zeros, the mean and the quantiles.

    `quantiles` are shares, linear between two values (the nearer one where one is infinite): 0 is the smallest, 0.5 the median, 1 the largest. NaN
    counts as null.
    """

    covers = ("ReasoningTokenDatasetEvaluator", "ReasoningDifficultyDatasetEvaluator")
    asks = ("min max mean median of a column", "percentiles of answer length", "describe numeric columns of the dataset")
    example: ClassVar[Mapping[str, Any]] = {"of": ("score",)}
    columns_of = "of"

    output_column = Output(str, "column")
    output_rows = Output(int, "rows")
    output_nulls = Output(int, "nulls")
    output_zeros = Output(int, "zeros")
    output_mean = Output(float, "mean")
    output_quantiles = Output(list[float], "quantiles", description="one for each of the parameter, in its order; null where there is no number")

    of: tuple[str, ...] = Field(min_length=1, description="Columns of numbers.")
    quantiles: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field((0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0), min_length=1)

    def inputs(self) -> dict[str, Input]:
        return {name: Input(float, nulls="pass") for name in self.of}

    def made(self, table: pa.Schema) -> list[pa.Field]:
        return list(self._output_fields().values())

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        ids: list[str] = []
        numbers: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in self.of}
        for batch in rows.batches(list(self.of)):
            ids += batch.column(ROW_ID).to_pylist()
            for name in self.of:
                column = pc.cast(batch.column(name), pa.float64(), safe=False).fill_null(float("nan"))
                numbers[name].append(column.to_numpy(zero_copy_only=False))
        if not ids:
            return
        made = self.output_columns()
        values: dict[str, list[Any]] = {column: [] for column in made.values()}
        for name in self.of:
            every = np.concatenate(numbers[name])
            known = every[~np.isnan(every)]
            described = {
                "column": self.input_columns()[name],
                "rows": len(every),
                "nulls": len(every) - len(known),
                "zeros": int((known == 0).sum()),
                "mean": float(known.mean()) if len(known) else None,
                "quantiles": [quantile(known, share) for share in self.quantiles] if len(known) else None,
            }
            for short, value in described.items():
                values[made[short]].append(value)
        yield self._of(values, [ids] * len(self.of), rows.storage.schema)
