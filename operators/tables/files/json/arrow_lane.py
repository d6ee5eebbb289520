"""JSON lines by Arrow's own reader, many at a time, where it is certain to give what reading them one by one gives.

Arrow takes two objects on one line, and one on two lines, for granted; it drops bytes that are no UTF-8 into texts, makes times of texts, rounds
long integers, cannot tell a missing key from a null, and is killed by deep nesting. So a block is looked at before and after, and in doubt the
answer is None.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.json as pa_json

from operators.tables.files.scanning import Codes, codes_of, count_of, is_utf8, places_of

_RETURN, _OPEN, _CLOSE, _BRACKET = b"\r{}["
_MAX_BYTES = 1 << 30  # Arrow's offsets are 32 bits
_MAX_BRACKETS = 2000
"""In one line. Arrow's reader is killed by some ten thousand levels of nesting."""


def parse_block(data: pa.Buffer, schema: pa.Schema, other_columns: Literal["infer", "error"]) -> pa.Table | None:
    """A row for each line of `data`, or None where that is not certain. Columns of `schema` are of its types."""
    lines = _count_lines(codes_of(data))
    if lines is None or data.size > _MAX_BYTES or not is_utf8(data, data.size):
        return None
    try:
        table = pa_json.read_json(
            pa.BufferReader(data),
            read_options=pa_json.ReadOptions(use_threads=False, block_size=data.size + 16),
            parse_options=pa_json.ParseOptions(explicit_schema=schema, newlines_in_values=False, unexpected_field_behavior=other_columns),
        )
        names = table.schema.names
        table.validate()  # lists of nothing but nulls come out broken
    except (pa.ArrowException, ValueError):  # malformed lines, mixed kinds; a key that is half a surrogate pair
        return None
    return table if table.num_rows == lines and len(names) == len(set(names)) else None


def _count_lines(codes: Codes) -> int | None:
    """How many lines there are; None unless each is sure to hold whole objects.

    Each begins with "{" and ends with "}". Inside an object a "}" is never followed by a "{", so that every line end is the end of an object; Arrow
    refuses line feeds inside strings. If there are as many objects as lines, each line has one.
    """
    (ends,) = places_of(b"\n", codes)
    if not len(ends) or ends[-1] != len(codes) - 1:
        ends = np.append(ends, len(codes))
    starts = np.append(0, ends[:-1] + 1)
    last = codes[ends - 1]
    if (returns := last == _RETURN).any():
        last = np.where(returns, codes[ends - 2], last)
    if (codes[starts] != _OPEN).any() or (last != _CLOSE).any():
        return None
    if count_of(_BRACKET, codes) + count_of(_OPEN, codes) > _MAX_BRACKETS + len(ends):
        brackets = (codes == _BRACKET) | (codes == _OPEN)
        if np.add.reduceat(brackets, starts, dtype=np.int64).max() > _MAX_BRACKETS:
            return None
    return len(ends)
