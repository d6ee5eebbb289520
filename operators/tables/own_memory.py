"""Rows that are kept longer than the batch they came in."""

from __future__ import annotations

import pyarrow as pa


def in_own_memory(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, each column in buffers of its own: one column of a batch that DuckDB gave, or of a slice, holds all that came with it."""
    return pa.RecordBatch.from_arrays([pa.concat_arrays([column]) for column in rows.columns], schema=rows.schema)
