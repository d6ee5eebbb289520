"""Rows that belong together, made into one row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from operators.core.kinds import Generate
from operators.engine.batch import Batch
from operators.engine.nulls import skipped_rows
from operators.engine.rows_reader import RowsReader
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID

_GROUPS_AT_ONCE = 1000


class JoinsGroups(Generate, abstract=True):
    """Makes one row of each group of rows: those with the same value in the column `group_by`, in the order of the column `order_by`.

    The new row names all of them as its parents, and takes the columns to carry from the first. Groups come in the order of their first rows. The
    table is read whole.
    """

    scope: ClassVar[Literal["row", "table"]] = "table"
    adds_rows = True
    group_by: ClassVar[str]
    """The short name of the input that rows of a group have in common."""
    order_by: ClassVar[str]
    """The short name of the input that orders the rows of a group. Rows without it, and equals, stay in the order of the table."""

    @abstractmethod
    def join(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """The outputs for the rows of a group, given their inputs; None where none can be made."""

    def _carried(self, schema: pa.Schema) -> list[str]:
        """Not what was read of the single rows, but for what they have in common."""
        columns = self.input_columns()
        read = {column for short, column in columns.items() if short != self.group_by}
        return [name for name in super()._carried(schema) if name not in read]

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        table = rows.storage.read()
        whole = Batch(pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema))
        present = whole.filter(~skipped_rows(self, whole)).rows
        groups = list(self._groups(present).values())
        for start in range(0, len(groups), _GROUPS_AT_ONCE):
            yield self._joined(present, groups[start : start + _GROUPS_AT_ONCE])

    def _groups(self, rows: pa.RecordBatch) -> dict[str, list[int]]:
        columns = self.input_columns()
        keys = rows.column(columns[self.group_by]).to_pylist()
        orders = rows.column(columns[self.order_by]).to_pylist() if columns[self.order_by] in rows.schema.names else [None] * len(keys)
        groups: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            groups.setdefault(repr(key), []).append(place)
        for places in groups.values():
            places.sort(key=lambda place: _order(orders[place]))
        return groups

    def _joined(self, rows: pa.RecordBatch, groups: Sequence[list[int]]) -> pa.RecordBatch:
        columns = {short: name for short, name in self.input_columns().items() if name in rows.schema.names}
        absent = {short: None for short in self.inputs() if short not in columns}
        values = {short: rows.column(name) for short, name in columns.items()}
        made, used = [], []
        for places in groups:
            taken = {short: column.take(pa.array(places, pa.int64())).to_pylist() for short, column in values.items()}
            joined = self.join([{**{short: taken[short][at] for short in taken}, **absent} for at in range(len(places))])
            if joined is not None:
                made.append(joined)
                used.append(places)
        schema = self.schema_out(rows.schema)
        fields = self._output_fields()
        new = {field.name: pa.array([row[short] for row in made], field.type) for short, field in fields.items()}
        ids = rows.column(ROW_ID).to_pylist()
        new[PARENT_IDS] = pa.array([[ids[place] for place in places] for places in used], PARENT_IDS_FIELD.type)
        first = pa.array([places[0] for places in used], pa.int64())
        names = [name for name in schema.names if name != ROW_ID]
        arrays = [new[name] if name in new else rows.column(name).take(first) for name in names]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([schema.field(name) for name in names]))


def _order(value: Any) -> Any:
    return np.inf if value is None else value
