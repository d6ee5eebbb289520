"""C4's rules of lines (Raffel et al. 2020): which lines of a page stay, and what that says of the page."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans
from operators.kernels.c4_phrases import PHRASES
from operators.kernels.characters import character_tables

Counts = np.ndarray[Any, np.dtype[np.int64]]


def count_c4_lines(spans: TextSpans, abbreviations: np.ndarray[Any, np.dtype[np.uint64]], every_script: bool = False) -> Counts:
    """Of each text: lines kept, sentences in them, lines that forbid the page. Shape (rows, 3). `every_script` knows the end marks of all scripts,
    and words without spaces; C4 knows . ? ! and quotes."""
    from operators.kernels.compiled import c4_lines as kernel

    counts = np.zeros((len(spans), kernel.COLUMNS), np.int64)
    kernel.count_c4_lines(spans.data, spans.starts, spans.ends, *character_tables(), abbreviations, *_phrases(), every_script, counts)
    return counts


def keep_c4_lines(texts: pa.Array, every_script: bool = False) -> pa.Array:
    """The texts with only the lines that C4 keeps, without the spaces around them, joined by line feeds. Null stays null."""
    from operators.kernels.compiled import c4_lines as kernel

    spans, flags = TextSpans.of(texts), character_tables().flags
    room = kernel.room_for_lines(spans.starts, spans.ends)
    data = spans.data.tobytes() if len(spans) else b""
    cleaned: list[str | None] = []
    for row in range(len(spans)):
        count = kernel.find_c4_lines(spans.data, spans.starts[row], spans.ends[row], flags, *_phrases(), every_script, room)
        lines = (data[first:last] for first, last in zip(room.firsts[:count].tolist(), room.lasts[:count].tolist(), strict=True))
        cleaned.append(None if spans.null[row] else b"\n".join(lines).decode("utf-8", "replace"))
    return pa.array(cleaned, texts.type)


@cache
def _phrases() -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Counts, Counts]:
    encoded = [phrase.encode() for phrase, _ in PHRASES]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([0, *map(len, encoded)]), np.array([rare for _, rare in PHRASES])
