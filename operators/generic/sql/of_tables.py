"""A SELECT over the whole table: groups, counts, joins of the table with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from operators.core.kinds import Generate
from operators.engine.rows_reader import RowsReader
from operators.generic.sql.engine import SQLError, bound_schema
from operators.generic.sql.limits import RunsSQL
from operators.generic.sql.syntax import of_statement
from operators.tables.columns import Input
from operators.tables.errors import Problem, StageFailed, closest
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD


class SQLRowsGenerator(RunsSQL, Generate):
    """Make rows of rows with a SELECT over the table `rows`: groups, counts, unnested lists, joins of the table with itself.

    Each new row names the rows that it was made of in `parent_ids`: of a group `list(row_id) AS parent_ids`, of one row `[row_id] AS parent_ids`.
    A row that none names is set aside. The columns and their types are those that DuckDB gives. The columns that the statement names are held in
    memory. Sums of whole numbers are of DuckDB's widest type: write `sum(n)::BIGINT` for an ordinary one.
    """

    adds_rows = True
    scope = "table"
    covers = ("PandasOperator",)
    source = "DuckDB"
    asks = ("group by and aggregate with SQL", "run a select over the whole table", "explode a list column into rows")
    example: ClassVar[Mapping[str, Any]] = {"select": "SELECT count(*) AS copies, list(row_id) AS parent_ids FROM rows"}

    select: str = Field(min_length=1, description="One SELECT of the table rows, with a column parent_ids.")

    @field_validator("select")
    @classmethod
    def _parse(cls, select: str) -> str:
        of_statement(select)
        return select

    def inputs(self) -> dict[str, Input]:
        return {}

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        details = (("select", " ".join(self.select.split())), ("columns", ", ".join(tables[0].names)))
        try:
            made = self._made(tables[0])
        except SQLError as error:
            unknown = [name for name in of_statement(self.select).columns if name not in tables[0].names]
            return [*found, Problem(f"SQL: {error}", details=details, suggestion=closest(unknown[0], tables[0].names) if unknown else "")]
        if PARENT_IDS not in made.names:
            remedy = f"of a group: list({ROW_ID}) AS {PARENT_IDS}; of a single row: [{ROW_ID}] AS {PARENT_IDS}"
            found.append(Problem(f"SQL: the new rows do not say of which rows they are made: there is no column {PARENT_IDS}", suggestion=remedy))
        elif not made.field(PARENT_IDS).type.equals(PARENT_IDS_FIELD.type):
            found.append(Problem(f"SQL: {PARENT_IDS} is {made.field(PARENT_IDS).type}, not a list of {ROW_ID}", details=details))
        if ROW_ID in made.names:
            found.append(Problem(f"SQL: the new rows get ids of their own: {ROW_ID} cannot be among their columns", details=details))
        return found

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        try:
            made = self._made(tables[0])
        except SQLError:  # `problems` says what is wrong
            return pa.schema([ROW_ID_FIELD, PARENT_IDS_FIELD])
        return pa.schema([ROW_ID_FIELD, *(field for field in made if field.name not in (ROW_ID, PARENT_IDS)), PARENT_IDS_FIELD])

    def carried_columns(self, table: pa.Schema) -> list[str]:
        return []

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        read = [(0, name) for name in self._columns(tables[0]) if name != ROW_ID]
        return {name: [] if name == ROW_ID else read for name in self.schema_out(*tables).names}

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        columns = self._columns(rows.storage.schema)
        schema = pa.schema([rows.storage.schema.field(name) for name in columns])
        table = pa.Table.from_batches(rows.storage.batches(columns), schema)
        if not table.num_rows:
            return
        try:
            made = self.run_query(self.select, table)
        except SQLError as error:
            raise StageFailed(f"{self.name}: {error}") from None
        parents = made.column(PARENT_IDS).combine_chunks()
        if parents.null_count or pc.any(pc.equal(pc.list_value_length(parents), 0)).as_py():
            raise StageFailed(f"{self.name}: a new row names no row in {PARENT_IDS}: rows of an outer join, or of nothing, have none.")
        if not pc.all(pc.is_in(parents.flatten(), value_set=table.column(ROW_ID).combine_chunks())).as_py():
            raise StageFailed(f"{self.name}: {PARENT_IDS} holds what is no {ROW_ID} of the table.")
        wanted = [field for field in self.schema_out(rows.storage.schema) if field.name != ROW_ID]
        yield from made.select([field.name for field in wanted]).cast(pa.schema(wanted)).to_batches()

    def _columns(self, table: pa.Schema) -> list[str]:
        """The columns of the table that the statement names; all where it says *."""
        said = of_statement(self.select)
        named = table.names if "STAR" in said.classes else [name for name in table.names if name in said.words]
        return list(dict.fromkeys([ROW_ID, *named]))

    def _made(self, table: pa.Schema) -> pa.Schema:
        given = pa.schema([table.field(name) for name in self._columns(table) if name in table.names])
        return bound_schema(self.select, given)
