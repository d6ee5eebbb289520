"""What a whole-table operator is given: its input columns, by their short names, as often as it wants to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa

from operators.engine.batch import Batch, Mask
from operators.engine.nulls import present_inputs, skipped_rows, skipping_columns
from operators.tables.columns import HasColumns
from operators.tables.own_memory import in_own_memory
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage
from operators.tables.threads import in_threads
from operators.tables.types import ROW_ID

Places: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Examiner: TypeAlias = Callable[[Places], Iterable[pa.RecordBatch]]


class Sketching(HasColumns, Protocol):
    """An operator that reads its tables."""

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch: ...
    def examine(self, rows: pa.RecordBatch) -> pa.RecordBatch: ...


class RowsReader:
    """The rows of one input table. Rows with a null in an input that skips nulls are left out; the base class sets them aside."""

    def __init__(
        self, bound: Sketching, storage: Storage, sketched: Iterable[pa.RecordBatch] | None = None, examiner: Examiner | None = None
    ) -> None:
        """`sketched`, `examiner`: what others made of the rows, and will make of some of them; without, it is made here."""
        self._bound = bound
        self._sketched = sketched
        self._examiner = examiner
        self.storage = storage
        """The whole table, under its own column names."""

    def batches(self, inputs: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The columns `inputs` (short names; all by default) and row_id, in the order of the table; without optional ones that the table lacks.

        One column may hold the memory of all that it came with: of what is kept beyond its batch, keep a copy (`in_own_memory`).

        Raises:
            ValueError: one of them is no input.
        """
        if unknown := sorted(set(inputs or ()) - self._bound.inputs().keys()):
            raise ValueError(f'{self._bound.name} has no input "{unknown[0]}"; its inputs are {", ".join(self._bound.inputs())}')
        present = present_inputs(self._bound, self.storage.schema)
        wanted = [short for short in present if inputs is None or short in inputs]
        columns = list(dict.fromkeys([ROW_ID, *present.values()]))
        for rows in self.storage.batches(columns, size):
            batch = Batch(rows)
            rows = batch.filter(~skipped_rows(self._bound, batch)).rows
            yield pa.RecordBatch.from_arrays([rows.column(ROW_ID), *(rows.column(present[short]) for short in wanted)], names=[ROW_ID, *wanted])

    def sketches(self) -> Iterator[pa.RecordBatch]:
        """What the operator's `sketch` makes of the rows, batch by batch in the order of the table; other processes may have made it before."""
        if self._sketched is not None:
            yield from self._sketched
        else:
            yield from in_threads(self._sketch, (rows for rows in self.batches() if rows.num_rows))

    def _sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        return in_own_memory(self._bound.sketch(rows))

    def examined(self, places: Places) -> Iterator[pa.RecordBatch]:
        """What the operator's `examine` makes of some rows: those at `places`, ascending, among the rows that `batches` has. In their order."""
        if not len(places):
            return
        if self._examiner is not None:
            yield from self._examiner(places)
        else:
            yield from in_threads(self._examine, self._rows_at(places))

    def _rows_at(self, places: Places) -> Iterator[pa.RecordBatch]:
        at = first = 0
        for rows in self.batches():
            end = int(np.searchsorted(places, first + len(rows)))
            if end > at:
                yield rows.take(pa.array(places[at:end] - first))
            at, first = end, first + len(rows)

    def _examine(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        return self._bound.examine(rows)

    def count_rows(self) -> int:
        """Of the whole table, including rows that `batches` leaves out."""
        return self.storage.count_rows()

    def present(self) -> Mask:
        """For each row of the whole table whether `batches` has it."""
        columns = skipping_columns(self._bound, self.storage.schema)
        if not columns:
            return np.ones(self.count_rows(), dtype=bool)
        found: list[np.ndarray[Any, np.dtype[np.bool_]]] = [
            ~skipped_rows(self._bound, Batch(rows)) for rows in self.storage.batches(list(dict.fromkeys(columns)))
        ]
        return np.concatenate(found) if found else np.zeros(0, dtype=bool)
