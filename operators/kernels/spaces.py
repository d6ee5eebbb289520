"""Texts with plain spaces and line breaks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans


def normalize_spaces(
    texts: pa.Array, max_blank_lines: int = 1, keep_indentation: bool = True, keep_runs: bool = False, join_lines: bool = False
) -> pa.Array:
    """The texts as `NormalizeSpaces` makes them, of the same type; nulls stay null. Takes string and large_string arrays."""
    from operators.kernels.compiled.spaces import normalize_spaces as kernel

    spans = TextSpans.of(texts)
    out = np.empty(int((spans.ends - spans.starts).sum()), np.uint8)
    bounds = np.empty(len(spans) + 1, np.int64)
    kernel(spans.data, spans.starts, spans.ends, max_blank_lines + 1, keep_indentation, keep_runs, join_lines, out, bounds)
    offsets = bounds.astype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    present = pa.array(~spans.null).buffers()[1] if texts.null_count else None
    data = pa.py_buffer(out[: bounds[-1]])
    return pa.Array.from_buffers(texts.type, len(texts), [present, pa.py_buffer(offsets), data], texts.null_count)
