"""Calling an operator's function on rows: a failing row becomes a value that says why, not the end of the stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
import pyarrow as pa

from operators.asking.answers import ServingStopped
from operators.engine.batch import Batch
from operators.engine.nulls import present_inputs, skipping_columns
from operators.engine.values import array_of, as_json, as_list, cast_to
from operators.tables.columns import HasColumns
from operators.tables.errors import StageFailed, first_line

FATAL = (ServingStopped, StageFailed, MemoryError, KeyboardInterrupt)
"""What ends a stage: it would happen to every other row as well."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A row for which the function raised."""

    error: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row for which the function was not called: this column is null."""

    column: str


_OF_ANOTHER_TYPE = (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError, UnicodeEncodeError)

RowResult: TypeAlias = Any
"""What the function returned, or Failed, or Skipped."""


def row_arguments(bound: HasColumns, batch: Batch) -> list[dict[str, Any] | Skipped]:
    """For each row the keyword arguments of the operator's function, or Skipped."""
    present = present_inputs(bound, batch.rows)
    absent = {short: None for short in bound.inputs() if short not in present}
    columns = {short: python_values(batch.column(column)) for short, column in present.items()}
    skipping = set(skipping_columns(bound, batch.rows))
    must_be_given = [(short, present[short]) for short in columns if present[short] in skipping]
    result: list[dict[str, Any] | Skipped] = []
    for index in range(len(batch)):
        missing = next((column for short, column in must_be_given if columns[short][index] is None), None)
        result.append(Skipped(missing) if missing else {**{short: values[index] for short, values in columns.items()}, **absent})
    return result


def python_values(column: pa.Array) -> list[Any]:
    """As functions of a row are given them and return them: JSON as what it says."""
    if column.type == pa.json_():
        return [None if text is None else orjson.loads(text) for text in column.to_pylist()]
    return list(column.to_pylist())


def call(function: Callable[..., Any], arguments: dict[str, Any] | Skipped, resources: Mapping[str, Any]) -> RowResult:
    if isinstance(arguments, Skipped):
        return arguments
    try:
        return function(**arguments, **resources)
    except FATAL:
        raise
    except Exception as error:
        return Failed(first_line(error))


async def call_asynchronously(function: Callable[..., Any], arguments: dict[str, Any] | Skipped, resources: Mapping[str, Any]) -> RowResult:
    if isinstance(arguments, Skipped):
        return arguments
    try:
        return await function(**arguments, **resources)
    except FATAL:
        raise
    except Exception as error:
        return Failed(first_line(error))


def call_on_batch(bound: HasColumns, function: Callable[..., Any], batch: Batch, resources: Mapping[str, Any]) -> Any:
    """The function's value for a batch without nulls to skip; arguments are Arrow arrays by short name, None for optional columns not there."""
    present = present_inputs(bound, batch.rows)
    arguments = {short: batch.column(present[short]) if short in present else None for short in bound.inputs()}
    return function(**arguments, **resources)


def find_failing_rows(batch: Batch, attempt: Callable[[Batch], Any]) -> list[RowResult]:
    """After a function of a whole batch raised: its value for each row on its own, Failed for those that raise alone."""
    results: list[RowResult] = []
    for index in range(len(batch)):
        try:
            results.append(attempt(Batch(batch.rows.slice(index, 1))))
        except FATAL:
            raise
        except Exception as error:
            results.append(Failed(first_line(error)))
    return results


def as_array(values: Any, type_: pa.DataType | None, count: int, what: str) -> pa.Array:
    """What an operator's batch function returned for one column, as an Arrow array of the declared type."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if type_ == pa.json_() and not isinstance(values, pa.Array):  # of a batch, JSON may be given as text, as it is stored
        values = [value if value is None or isinstance(value, str) else as_json(value) for value in as_list(values)]
    array = values if isinstance(values, pa.Array) else array_of(values, type_)
    if len(array) != count:
        raise StageFailed(f"{what} gave {len(array)} values for {count} rows: one for each row is needed.")
    return array if type_ is None else cast_to(array, type_)


def column_of(values: Sequence[Any], type_: pa.DataType | None) -> pa.Array:
    """Python values as an Arrow array of the declared type; JSON columns take any value.

    Raises pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError or UnicodeEncodeError: a value is of another type.
    """
    if type_ is not None and type_ == pa.json_():
        texts = [None if value is None else as_json(value) for value in values]
        return pa.array(texts, pa.string()).cast(pa.json_())
    return array_of(values, type_)


def typed_column(values: list[Any], type_: pa.DataType, results: list[RowResult], what: str) -> pa.Array:
    """`column_of` what a function returned for each row. Where that is of another type, the row becomes Failed in `results`, and a null."""
    try:
        return column_of(values, type_)
    except _OF_ANOTHER_TYPE:
        for index, value in enumerate(values):
            try:
                column_of([value], type_)
            except _OF_ANOTHER_TYPE:
                results[index] = Failed(f"TypeError: {what} is {str(value)[:80]!r} of {type(value).__name__}, which is not {type_}")
                values[index] = None
        return column_of(values, type_)
