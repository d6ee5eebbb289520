"""Tables of any length as batches of the length asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

MAX_BATCH_BYTES = 32 << 20


def batches_of(size: int, tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    """The rows of the tables, `size` at a time and fewer at the end; a batch also ends at 32 MB."""
    waiting: list[pa.Table] = []
    rows = weight = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        weight += table.nbytes
        if rows >= size or weight >= MAX_BATCH_BYTES:
            whole = pa.concat_tables(waiting).combine_chunks()
            # what is left over is less than a batch, and waits for more
            end = rows if weight >= MAX_BATCH_BYTES else rows - rows % size
            yield from whole.slice(0, end).to_batches(max_chunksize=size)
            waiting = [whole.slice(end)] if end < rows else []
            rows -= end
            weight = waiting[0].nbytes if waiting else 0
    if rows:
        yield from pa.concat_tables(waiting).combine_chunks().to_batches(max_chunksize=size)


def batches_without_columns(size: int, rows: Iterable[int]) -> Iterator[pa.RecordBatch]:
    """Batches that have rows and no columns: `size` at a time, of so many rows as come."""
    left = 0
    for count in rows:
        left += count
        while left >= size:
            yield _rows(size)
            left -= size
    if left:
        yield _rows(left)


def _rows(count: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_struct_array(pa.array([{}] * count, pa.struct([])))
