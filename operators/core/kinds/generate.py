"""Generate: make columns, or rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from operators.core.kinds.adding import AddsColumns, by_output
from operators.engine.batch import Batch, Outcome, Processed, Rejection
from operators.engine.calls import Failed, RowResult, Skipped, column_of
from operators.engine.rows_reader import RowsReader
from operators.engine.step import Kind
from operators.tables.errors import Problem, StageFailed, closest
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD


class Generate(AddsColumns, abstract=True):
    """Promise: new columns on the same rows; or, with `adds_rows`, new rows that name the rows they come from in `parent_ids`.

    Define one of `generate(self, text)`, `generate_batch(self, text)` or, with scope = "table", `generate_table(self, rows)`. With `adds_rows`,
    `generate` returns the new rows of one row, none, one or many, in a list or as a generator (each a dict by output name, or the value of the only
    output), and `generate_table` batches that have `parent_ids`.
    A row from which none is made, because an input is null or the function found nothing, is set aside with that reason; so is, of each table
    that the operator `accounts_for`, a row that neither goes on under its own id nor is named as a parent.
    """

    kind: ClassVar[Kind] = "generate"
    verb: ClassVar[str] = "generate"
    reason_of_unused: ClassVar[str] = "no row was made from it"
    """Why a row is set aside from which a `generate_table` with `adds_rows` made none."""

    carry: Literal["all", "none"] | tuple[str, ...] = Field("all", description="Columns of the parent row that a new row keeps.", repr=False)

    @classmethod
    def __pydantic_init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        if cls.adds_rows and "accounts_for" not in vars(cls):
            cls.accounts_for = cls.tables
        super().__pydantic_init_subclass__(abstract=abstract, **kwargs)
        if cls.adds_rows and cls.function is not None and cls.function.form == "batch":
            raise TypeError(f"{cls.__name__} defines generate_batch, which makes columns: with adds_rows define generate or generate_table.")

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        if not self.adds_rows:
            return super().schema_out(*tables)
        made = list(self._output_fields().values())
        made_names = {field.name for field in made}
        carried = [tables[0].field(name) for name in self._carried(tables[0]) if name not in made_names]
        return pa.schema([ROW_ID_FIELD, *carried, *made, PARENT_IDS_FIELD])

    def _carried(self, schema: pa.Schema) -> list[str]:
        own = (ROW_ID, PARENT_IDS)
        if self.carry == "all":
            return [name for name in schema.names if name not in own]
        return [] if self.carry == "none" else [name for name in self.carry if name not in own and name in schema.names]

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if not self.adds_rows or not isinstance(self.carry, tuple) or not tables:
            return found
        known = tables[0].names
        for name in self.carry:
            if name not in known:
                details = (("argument", f'carry="{name}" of {self.name}'), ("columns", ", ".join(known)))
                found.append(Problem(f'column "{name}" does not exist', details=details, suggestion=closest(name, known)))
        return found

    def carried_columns(self, table: pa.Schema) -> list[str]:
        return self._carried(table) if self.adds_rows else super().carried_columns(table)

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        return self._new_rows(batch, results) if self.adds_rows else super().assemble(batch, results)

    def _named(self, result: RowResult, outputs: list[str]) -> RowResult:
        types = [field.type for field in self._output_fields().values()]
        if isinstance(result, list) and not (len(types) == 1 and (pa.types.is_nested(types[0]) or types[0] == pa.json_())):
            return Failed(f"TypeError: {self.name} returned a list: with adds_rows = True in its class each item of it is a new row")
        return super()._named(result, outputs)

    def _new_rows(self, batch: Batch, results: list[RowResult]) -> Processed:
        """The new rows without ids, which the runner gives them: their place among all rows matters."""
        fields = self._output_fields()
        parents: list[int] = []
        made: list[dict[str, Any]] = []
        barren: list[tuple[int, str]] = []
        for index, result in enumerate(results):
            if isinstance(result, Skipped):
                barren.append((index, f"{result.column or 'an input'} is null"))
            if isinstance(result, Failed | Skipped):
                continue
            try:
                if isinstance(result, str | bytes | Mapping):
                    raise TypeError(f"it returned one {type(result).__name__}: return the new rows in a list")
                rows = [by_output(self, row, list(fields)) for row in result]
                for short, field in fields.items():
                    made_of_row = column_of([row[short] for row in rows], field.type)
                    for _, reason in self.unnamed_values(short, made_of_row):
                        raise TypeError(reason)
            except (TypeError, ValueError, OverflowError) as error:
                results[index] = Failed(f"TypeError: {self.name} made a row that does not fit its outputs: {error}")
                continue
            if not rows:
                barren.append((index, "no row was made from it"))
            parents += [index] * len(rows)
            made += rows
        schema = self.schema_out(batch.rows.schema)
        places = pa.array(parents, pa.int64())
        new: dict[str, pa.Array] = {field.name: column_of([row[short] for row in made], field.type) for short, field in fields.items()}
        ids = batch.column(ROW_ID).take(places)
        new[PARENT_IDS] = pa.ListArray.from_arrays(pa.array(range(len(parents) + 1), pa.int32()), ids)
        names = [name for name in schema.names if name != ROW_ID]
        columns = [new[name] if name in new else batch.column(name).take(places) for name in names]
        kept = Batch(pa.RecordBatch.from_arrays(columns, schema=pa.schema([schema.field(name) for name in names])))
        failed = [(index, result.error) for index, result in enumerate(results) if isinstance(result, Failed)]
        rejections = [self._aside(batch, barren, "filtered")] if barren else []
        return Processed(kept, [*rejections, self._aside(batch, failed, "failed")] if failed else rejections)

    def _aside(self, batch: Batch, told: list[tuple[int, str]], outcome: Outcome) -> Rejection:
        rows = batch.rows.take(pa.array([index for index, _ in told], pa.int64()))
        return Rejection(rows, [reason for _, reason in told], self.name, outcome)

    @property
    def combines(self) -> bool:
        return self.scope == "table" and not self.adds_rows and type(self).process_table is Generate.process_table

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        if not self.adds_rows:
            yield from super().process_table(tables, resources)
            return
        batches: Iterable[pa.RecordBatch] = self.call_table(tables, resources)
        used: set[str] = set()
        for rows in batches:
            if PARENT_IDS not in rows.schema.names:
                raise StageFailed(f"{self.name} made rows without {PARENT_IDS}: say for each new row which rows it comes from.")
            used.update(rows.column(PARENT_IDS).flatten().to_pylist())
            if ROW_ID in rows.schema.names:
                used.update(rows.column(ROW_ID).to_pylist())
            yield Processed(Batch(rows))
        for name in self.accounts_for:
            yield from self.unused_rows(tables, name, used, self.reason_of_unused)
