"""What a whole-table operator is given: its input columns, by their short names, as often as it wants to read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from operators.engine.batch import Batch
from operators.engine.nulls import present_inputs, skipped_rows
from operators.tables.columns import HasColumns
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage
from operators.tables.types import ROW_ID


class RowsReader:
    """The rows of one input table. Rows with a null in an input that skips nulls are left out; the base class sets them aside."""

    def __init__(self, bound: HasColumns, storage: Storage) -> None:
        self._bound = bound
        self.storage = storage
        """The whole table, under its own column names."""

    def batches(self, inputs: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The columns `inputs` (short names; all by default) and row_id, in the order of the table."""
        present = present_inputs(self._bound, self.storage.schema)
        wanted = [short for short in present if inputs is None or short in inputs]
        columns = list(dict.fromkeys([ROW_ID, *present.values()]))
        for rows in self.storage.batches(columns, size):
            batch = Batch(rows)
            rows = batch.filter(~skipped_rows(self._bound, batch)).rows
            yield pa.RecordBatch.from_arrays([rows.column(ROW_ID), *(rows.column(present[short]) for short in wanted)], names=[ROW_ID, *wanted])

    def count_rows(self) -> int:
        """Of the whole table, including rows that `batches` leaves out."""
        return self.storage.count_rows()
