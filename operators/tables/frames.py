"""Data frames of other libraries as Arrow. They are known by the names of their types: nothing is imported to find out what something is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from operators.tables.plain_types import plain_array, plain_type

BATCH_ROWS = 8192


def is_of(value: object, package: str, *names: str) -> bool:
    """Whether the type of a value, or one that it inherits from, is defined in a package under one of these names."""
    return any(base.__module__.partition(".")[0] == package and base.__name__ in names for base in type(value).__mro__)


def table_of_frame(rows: object) -> pa.Table | None:
    """A data frame (pandas, polars, or anything that offers an Arrow stream, such as a DuckDB relation) as a table; None for everything else.

    Missing values of pandas (NaN, NaT, None) become null. Text, lists and binary in Arrow's large, view and dictionary forms become the plain form.
    An index of pandas becomes columns where it has a name or is more than row numbers.

    Raises:
        ValueError: a column of pandas mixes types, two columns have one name, or it is one column and no table.
    """
    if is_of(rows, "pandas", "DataFrame"):
        return plain(_from_pandas(rows))
    if is_of(rows, "polars", "LazyFrame"):
        rows = rows.collect()  # type: ignore[attr-defined]
    if isinstance(rows, pa.Table):
        _check_names(rows.schema.names, "table")
        return plain(rows)
    if hasattr(rows, "__arrow_c_stream__"):
        try:
            table = pa.RecordBatchReader.from_stream(rows).read_all()
        except pa.ArrowInvalid as error:
            name = type(rows).__name__
            raise ValueError(f"a {name} is one column, and not a table: make it a data frame first, such as with to_frame(). ({error})") from None
        _check_names(table.schema.names, "table")
        return plain(table)
    return None


def plain(table: pa.Table) -> pa.Table:
    """The same values in the plain form of each type: text as string, never large, view or dictionary; without other libraries' notes."""
    schema = plain_schema(table.schema)
    if schema.equals(table.schema, check_metadata=True):
        return table
    return pa.Table.from_batches(list(plain_batches(table.to_batches(max_chunksize=BATCH_ROWS), schema)), schema=schema)


def plain_batches(batches: Iterator[pa.RecordBatch] | list[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [plain_array(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema) if columns else batch


def plain_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(field.name, plain_type(field.type)) for field in schema])


def _check_names(names: list[str], what: str) -> None:
    """Raises ValueError: two columns have one name."""
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f'the {what} has the column "{twice[0]}" twice. Rename one.')


def _from_pandas(frame: Any) -> pa.Table:
    if any(name is not None for name in frame.index.names) or (len(frame) and frame.index.inferred_type != "integer"):
        frame = frame.reset_index()  # without a name it becomes the column "index"
    names = [str(name) for name in frame.columns]
    _check_names(names, "data frame")
    columns = []
    for place, name in enumerate(names):
        try:
            column = pa.array(frame.iloc[:, place], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f'column "{name}" of the data frame mixes types: {reason}. Make it one type first, such as text: '
                f'frame["{name}"] = frame["{name}"].astype(str).'
            ) from None
        columns.append(column)
    return pa.Table.from_arrays(columns, names=names)
