"""The rows of a source as a run reads them: with ids, up to a limit, and what could not be read as rows set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from operators.engine.batch import REJECTED_FIELDS
from operators.tables.files.bad_rows import BadRow

BAD_ROWS_SCHEMA = pa.schema([pa.field("file", pa.string()), pa.field("line", pa.int64()), pa.field("excerpt", pa.string()), *REJECTED_FIELDS])


def limited(batches: Iterator[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    """The first `limit` rows; all of them where that is None."""
    left = limit
    for rows in batches:
        if left is None:
            yield rows
            continue
        yield rows.slice(0, min(left, rows.num_rows))
        left -= min(left, rows.num_rows)
        if not left:
            return


def bad_rows_batch(bad_rows: Sequence[BadRow]) -> pa.RecordBatch:
    """Lines that could not be read, in BAD_ROWS_SCHEMA."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "file": str(bad.path),
                "line": bad.line,
                "excerpt": bad.excerpt,
                "rejected_as": "failed",
                "rejected_by": "source",
                "rejected_reason": bad.error,
            }
            for bad in bad_rows
        ],
        schema=BAD_ROWS_SCHEMA,
    )
