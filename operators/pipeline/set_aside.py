"""The rows that all stages of a run set aside, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from operators.engine.batch import REJECTED_FIELDS, TOLD, beside_told
from operators.pipeline.source_rows import BAD_ROWS_SCHEMA
from operators.tables.files.delimited.writer import as_text
from operators.tables.storage import Storage

STAGE = pa.field("stage", pa.string())


class SetAside:
    """Rows in the order of the stages: stage and reason, the columns of the row, and where an unreadable line stood. What a stage lacks is null.

    A column of the rows that is called "stage" itself is told as "row_stage", and where the rows have a "file", "line" or "excerpt", that of an
    unreadable line is told as "unreadable_line".
    """

    def __init__(self, by_stage: Mapping[str, Storage]) -> None:
        self._by_stage = by_stage
        of_rows = {name for storage in by_stage.values() if not _tells_lines(storage.schema) for name in storage.schema.names}
        self._of_rows = {name: beside_told(name, (STAGE.name,)) for name in of_rows}
        self._of_lines = {name: f"unreadable_{name}" if name in of_rows - set(TOLD) else name for name in BAD_ROWS_SCHEMA.names}
        renamed = [_renamed(storage.schema, self._names_in(storage.schema)) for storage in by_stage.values()]
        columns = [field for field in _united(renamed) if field.name not in TOLD]
        columns.sort(key=lambda field: field.name in self._of_lines.values())
        self.schema = pa.schema([STAGE, *REJECTED_FIELDS, *columns])

    def batches(self) -> Iterator[pa.RecordBatch]:
        for stage, storage in self._by_stage.items():
            names = self._names_in(storage.schema)
            for batch in storage.batches():
                given = {names[name]: column for name, column in zip(batch.schema.names, batch.columns, strict=True)}
                given[STAGE.name] = pa.array([stage] * batch.num_rows, pa.string())
                columns = [_as(field, given[field.name]) if field.name in given else pa.nulls(batch.num_rows, field.type) for field in self.schema]
                yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def read(self) -> pa.Table:
        return pa.Table.from_batches(self.batches(), schema=self.schema)

    def _names_in(self, schema: pa.Schema) -> Mapping[str, str]:
        """Column of a stage's table -> what it is called here."""
        return self._of_lines if _tells_lines(schema) else self._of_rows


def _tells_lines(schema: pa.Schema) -> bool:
    """Of a source: lines that could not be read, and no rows."""
    return bool(schema.names == BAD_ROWS_SCHEMA.names)


def _renamed(schema: pa.Schema, names: Mapping[str, str]) -> pa.Schema:
    return pa.schema([field.with_name(names[field.name]) for field in schema])


def _united(schemas: Sequence[pa.Schema]) -> list[pa.Field]:
    """Each column with a type that holds its values in all tables: text, where a stage made one of another kind under its name."""
    fields: dict[str, pa.Field] = {}
    for field in (field for schema in schemas for field in schema):
        try:
            both = [pa.schema([fields.get(field.name, field)]), pa.schema([field])]
            fields[field.name] = pa.unify_schemas(both, promote_options="permissive").field(0)
        except pa.ArrowTypeError:
            fields[field.name] = pa.field(field.name, pa.string())
    return list(fields.values())


def _as(field: pa.Field, column: pa.Array) -> pa.Array:
    if pa.types.is_string(field.type) and not pa.types.is_string(column.type):
        return as_text(column, field.name).cast(pa.string())
    return column.cast(field.type)
