"""What happens to a null: the one answer.

An operator's function is not called for a row in which one of its inputs is null, unless the input says `nulls="pass"`. What becomes of such a row:

| kind                            | a row with a null input                          |
|---------------------------------|--------------------------------------------------|
| evaluate, generate new columns  | goes on, with null in each column that is made   |
| filter                          | is set aside, reason "text is null"              |
| refine                          | goes on unchanged, and the null stays null       |
| generate new rows               | is set aside, reason "text is null"              |
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from operators.engine.batch import Batch, Mask
from operators.tables.columns import HasColumns


def present_inputs(bound: HasColumns, rows: pa.RecordBatch | pa.Schema) -> dict[str, str]:
    """Short name -> column, without optional inputs that the table lacks."""
    names = set((rows if isinstance(rows, pa.Schema) else rows.schema).names)
    return {short: column for short, column in bound.input_columns().items() if column in names}


def skipping_columns(bound: HasColumns, rows: pa.RecordBatch | pa.Schema) -> list[str]:
    """The columns in which a null means that the function is not called."""
    declared = bound.inputs()
    return [column for short, column in present_inputs(bound, rows).items() if declared[short].nulls == "skip"]


def skipped_rows(bound: HasColumns, batch: Batch) -> Mask:
    """True for the rows for which the function is not called."""
    return _null_mask(batch, skipping_columns(bound, batch.schema))


def null_columns(bound: HasColumns, rows: pa.RecordBatch) -> list[str]:
    """For each row the first column whose null keeps the function from being called; "" where there is none."""
    columns = [(name, rows.column(name)) for name in skipping_columns(bound, rows)]
    return [next((name for name, column in columns if not column[index].is_valid), "") for index in range(rows.num_rows)]


def _null_mask(batch: Batch, columns: Sequence[str]) -> Mask:
    mask: Mask = np.zeros(len(batch), dtype=bool)
    for name in columns:
        nulls = batch.nulls(name)
        if nulls is not None:
            mask |= nulls
    return mask
