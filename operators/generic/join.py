"""Bringing branches of a pipeline together again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Evaluate, Generate
from operators.engine.batch import Processed
from operators.engine.rows_reader import RowsReader
from operators.tables.errors import Problem, StageFailed, closest
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD


class JoinColumns(Evaluate):
    """Add columns that another branch made to the same rows, found by row_id; null where that branch has dropped the row.

    Rows that only the other branch has are set aside, with the columns that they have there.
    `scored = join(documents, rated)`, with `take` naming the columns of the second table.
    """

    asks = ("bring columns of another table in by id", "left join the scores onto the original rows", "put results of two branches side by side")
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")
    accounts_for: ClassVar[tuple[str, ...]] = ("rows", "other")
    example: ClassVar[Mapping[str, Any]] = {"take": ("score",)}

    take: tuple[str, ...] = Field(min_length=1, description="Columns of the other table to add.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        left, right = tables
        for name in self.take:
            if name not in right.names:
                listed = ("columns", ", ".join(right.names))
                found.append(Problem(f'column "{name}" does not exist in the other table', details=(listed,), suggestion=closest(name, right.names)))
            elif name in left.names:
                found.append(Problem(f'output "{name}" would overwrite a column: the first table has it already'))
        return found

    def evaluate_table(self, rows: RowsReader, other: RowsReader) -> dict[str, pa.Array]:
        values = other.storage.read([ROW_ID, *self.take])
        place = {row_id: index for index, row_id in enumerate(values.column(ROW_ID).to_pylist())}
        ids = [row_id for batch in rows.batches([]) for row_id in batch.column(ROW_ID).to_pylist()]
        where = pa.array([place.get(row_id) for row_id in ids], pa.int64())
        return {name: values.column(name).combine_chunks().take(where) for name in self.take}

    def apply_to_others(self, tables: Sequence[RowsReader]) -> Iterator[Processed]:
        ids = {row_id for batch in tables[0].batches([]) for row_id in batch.column(ROW_ID).to_pylist()}
        yield from self.unused_rows(tables, "other", ids, "the first table has no row of this id")

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        return {name: [(1, name)] if name in self.take else [(0, name)] for name in self.schema_out(*tables).names}

    def made_fields(self, *tables: pa.Schema) -> dict[str, pa.Field]:
        left, right = tables
        return {name: right.field(name) for name in self.take if name in right.names and name not in left.names}


class Union(Generate):
    """All rows of two branches that have the same columns, one after the other, with the ids that they have.

    The branches must not share rows: two filters of which one keeps what the other drops, or rows generated apart. With `fill`, columns that only one
    of them has are null in the rows of the other, and come after those of the first.
    """

    asks = ("put two tables under each other", "stack batches into one file", "append the rows of another branch")
    scope = "table"
    adds_rows = True
    tables: ClassVar[tuple[str, ...]] = ("rows", "other")

    fill: bool = Field(False, description="Columns that only one table has are null in the rows of the other, instead of a mistake.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        left, right = ({field.name: field.type for field in table if field.name != PARENT_IDS} for table in tables)
        lacking = [f'the first lacks "{name}"' for name in right if name not in left] + [
            f'the second lacks "{name}"' for name in left if name not in right
        ]
        lacking = [] if self.fill else lacking
        differing = [f'"{name}" is {left[name]} and {right[name]}' for name in left if name in right and left[name] != right[name]]
        return [Problem(f"the two tables have different columns: {'; '.join(lacking + differing)}")] if lacking or differing else []

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        own = (ROW_ID, PARENT_IDS)
        further = [field for table in tables[1:] for field in table if field.name not in tables[0].names] if self.fill else []
        return pa.schema([ROW_ID_FIELD, *(field for field in (*tables[0], *further) if field.name not in own), PARENT_IDS_FIELD])

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        return {name: [(table, name) for table, schema in enumerate(tables) if name in schema.names] for name in self.schema_out(*tables).names}

    def generate_table(self, rows: RowsReader, other: RowsReader) -> Iterator[pa.RecordBatch]:
        seen: set[str] = set()
        schema = self.schema_out(rows.storage.schema, other.storage.schema)
        for reader in (rows, other):
            for batch in reader.storage.batches():
                ids = batch.column(ROW_ID).to_pylist()
                shared = next((row_id for row_id in ids if row_id in seen), None)
                if shared is not None:
                    raise StageFailed(
                        f"both tables have the row {shared}. A union takes branches that share no rows; to bring columns together use JoinColumns."
                    )
                seen.update(ids)
                if PARENT_IDS not in batch.schema.names:
                    batch = batch.append_column(PARENT_IDS_FIELD, pa.array([[]] * len(ids), PARENT_IDS_FIELD.type))
                if self.fill:
                    columns = [batch.column(field.name) if field.name in batch.schema.names else pa.nulls(len(ids), field.type) for field in schema]
                    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
                yield batch
