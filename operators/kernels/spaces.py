"""Texts with plain spaces and line breaks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans, mask_of

_GROWTH = 3
"""How many times its length a text can take: the breaks of a part of line breaks and unit separators (U+001F) stand before and behind it as well."""


def normalize_spaces(
    texts: pa.Array,
    max_blank_lines: int = 1,
    keep_indentation: bool = True,
    keep_runs: bool = False,
    join_lines: bool = False,
    laid_out: pa.BooleanArray | None = None,
) -> pa.Array:
    """The texts as `NormalizeSpaces` makes them, of the same type; nulls stay null. Takes string and large_string arrays.

    Those for which `laid_out` is true are looked at for code blocks, diffs, tables and columns, which keep their shape.
    """
    from operators.kernels.compiled.blocks import BLOCK
    from operators.kernels.compiled.spaces import normalize_spaces as kernel

    spans = TextSpans.of(texts)
    sizes = spans.ends - spans.starts
    looked_at = np.zeros(len(spans), np.bool_) if laid_out is None else mask_of(laid_out)
    most_lines = int(sizes[looked_at].max(initial=0))
    line_ends, layouts, block = np.empty(most_lines, np.int64), np.empty(most_lines, np.uint8), np.empty(BLOCK, np.uint8)
    out = np.empty(int(sizes.sum()) * (_GROWTH if most_lines else 1) + BLOCK, np.uint8)
    bounds = np.empty(len(spans) + 1, np.int64)
    how = (max_blank_lines + 1, keep_indentation, keep_runs, join_lines)
    kernel(spans.data, spans.starts, spans.ends, looked_at, *how, line_ends, layouts, block, out, bounds)
    offsets = bounds.astype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    present = pa.array(~spans.null).buffers()[1] if texts.null_count else None
    data = pa.py_buffer(out[: bounds[-1]])
    return pa.Array.from_buffers(texts.type, len(texts), [present, pa.py_buffer(offsets), data], texts.null_count)
