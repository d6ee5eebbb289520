"""Rows of a benchmark file to questions of one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field, field_validator

from operators.core.kinds import Generate
from operators.engine.batch import Batch, Processed
from operators.engine.calls import call, row_arguments
from operators.evaluation.formats import FORMATS, chosen_format, column_problems_of
from operators.evaluation.formats.declaration import Format
from operators.evaluation.items import ITEM_COLUMNS
from operators.tables.columns import BoundColumns, Input, Output
from operators.tables.errors import Problem, StageFailed, closest


class BenchmarkItemGenerator(Generate):
    """Read the rows of a benchmark as it is published, and make questions of one form: GSM8K, MATH, MBPP, HumanEval, MMLU, SQuAD and others.

    `format` names the layout; "auto" tells it by the columns and their types, the same for all rows of the table. Each new row has a `shape` (text,
    question, references, single_choice, multiple_choice, preference) and a `measure`, which says how an answer to it is scored. Options lose their
    letters, and `right_choices` are places counted from 0. A text in the column context, passage or article is given with the question. `carry` names
    columns of the file that are to stay.
    """

    adds_rows = True
    covers = ("BenchAnswerGenerator",)
    asks = ("load gsm8k, mmlu or humaneval files", "bring a benchmark file into one form", "convert test sets to questions with answers")
    example: ClassVar[Mapping[str, Any]] = {"format": "gsm8k"}

    format: str = Field("auto", description=f"Layout of the file: auto, {', '.join(FORMATS)}.", json_schema_extra={"enum": ["auto", *FORMATS]})
    first_label: Literal[0, 1] = Field(0, description="Number of the first option, where the file calls options by numbers.")
    carry: Literal["all", "none"] | tuple[str, ...] = Field("none", description="Columns of the file that a question keeps.", repr=False)

    @field_validator("format")
    @classmethod
    def _known(cls, format: str) -> str:  # noqa: A002 - named as the parameter
        if format != "auto" and format not in FORMATS:
            raise ValueError(f'there is no format "{format}", only auto, {", ".join(FORMATS)}. {closest(format, FORMATS)}')
        return format

    def inputs(self) -> dict[str, Input]:
        if self.format == "auto":
            return {}
        declared = FORMATS[self.format]
        known = {name: Input(_TYPES.get(family, Any), nulls="pass") for name, family in declared.columns.items()}
        return {**known, **{name: Input(Any, optional=True, nulls="pass") for name in declared.optional if name not in known}}

    def outputs(self) -> dict[str, Output]:
        return dict(ITEM_COLUMNS)

    def _carried(self, schema: pa.Schema) -> list[str]:
        """Of all columns those that a question does not have itself."""
        names = super()._carried(schema)
        return names if self.carry != "all" else [name for name in names if name not in self.output_columns().values()]

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if self.format == "auto":
            return [*found, *column_problems_of(tables[0])]
        return found

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        lineage = super().column_lineage(*tables)
        declared = self._format_of(tables[0])
        read = [(0, name) for name in declared.columns] if declared is not None else []
        return {name: read if self.format == "auto" and name in ITEM_COLUMNS else sources for name, sources in lineage.items()}

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        declared = self._format_of(batch.rows.schema)
        if declared is None:
            raise StageFailed("\n".join(str(problem) for problem in column_problems_of(batch.rows.schema)) or "the table has no columns")
        every = _EveryColumn(batch.rows.schema.names)
        renamed = {column: short for short, column in self.input_columns().items()}

        def generate(**row: Any) -> list[dict[str, Any]]:
            named = {renamed.get(name, name): value for name, value in row.items()}
            return [item.as_row() for item in declared.items(named, self.first_label)]

        return self.assemble(batch, [call(generate, arguments, {}) for arguments in row_arguments(every, batch)])

    def _format_of(self, schema: pa.Schema) -> Format | None:
        return chosen_format(schema) if self.format == "auto" else FORMATS[self.format]


class _EveryColumn(BoundColumns):
    """Reads all columns of a table, whatever they are."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def inputs(self) -> dict[str, Input]:
        return {name: Input(Any, nulls="pass") for name in self._names}


_TYPES: Mapping[str, Any] = {"text": str, "integer": int}
