"""Counting what programs and markup have and prose has not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.kernels.arrow_text import TextSpans

Counts = np.ndarray[Any, np.dtype[np.int64]]


def count_encoded(spans: TextSpans) -> Counts:
    """Of each text: characters in runs of base64, in hexadecimal, in escapes, and of the longest of all these. Shape (rows, 4)."""
    from operators.kernels.compiled import encoded as kernel

    counts = np.zeros((len(spans), kernel.COLUMNS), np.int64)
    kernel.count_encoded(spans.data, spans.starts, spans.ends, counts)
    return counts


def count_visible(spans: TextSpans) -> Counts:
    """Of each text the characters that a reader of the page sees, without white space. Shape (rows, 1)."""
    from operators.kernels.compiled import source_text as kernel

    counts = np.zeros((len(spans), 1), np.int64)
    kernel.count_visible(spans.data, spans.starts, spans.ends, counts[:, 0])
    return counts


def count_comments(spans: TextSpans, syntax: Counts) -> Counts:
    """Of each text the characters of its comments. `syntax`: of each the bits of `operators.kernels.source_syntax`."""
    from operators.kernels.compiled import source_text as kernel

    counts = np.zeros(len(spans), np.int64)
    kernel.count_comments(spans.data, spans.starts, spans.ends, syntax, counts)
    return counts


def without_comments(texts: pa.Array, syntax: Counts) -> pa.Array:
    """The texts with spaces in place of their comments; as long as they were, in bytes. Null stays null."""
    from operators.kernels.compiled import source_text as kernel

    texts = texts.cast(pa.large_string())
    spans = TextSpans.of(texts)
    blanked = spans.data.copy()
    kernel.blank_comments(spans.data, spans.starts, spans.ends, syntax, blanked)
    offsets = np.append(spans.starts, spans.ends[-1:]) if len(spans) else np.zeros(1, np.int64)
    made = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(blanked))
    return pc.if_else(pa.array(spans.null.view(np.uint8)).cast(pa.bool_()), None, made)


def first_lines(spans: TextSpans, lines: int) -> TextSpans:
    """The beginnings of the texts: at most so many lines."""
    from operators.kernels.compiled import source_text as kernel

    ends = np.zeros(len(spans), np.int64)
    kernel.find_first_lines(spans.data, spans.starts, spans.ends, lines, ends)
    return TextSpans(spans.data, spans.starts, ends, spans.null)
