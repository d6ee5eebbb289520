"""Arrow text as the kernels read it: one byte buffer, and where each text starts and ends in it. Nothing is copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Positions = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class TextSpans:
    """Texts as byte ranges of `data` (UTF-8, read-only). A null text has the range of an empty one and is marked in `null`."""

    data: Bytes
    starts: Positions
    ends: Positions
    null: Mask

    def __len__(self) -> int:
        return len(self.starts)

    def filter(self, mask: Mask) -> TextSpans:
        """The spans where `mask` is true; the bytes stay where they are."""
        return TextSpans(self.data, self.starts[mask], self.ends[mask], self.null[mask])

    def take(self, rows: list[int]) -> TextSpans:
        """The spans of some rows."""
        return TextSpans(self.data, self.starts[rows], self.ends[rows], self.null[rows])

    @classmethod
    def of(cls, texts: pa.Array) -> TextSpans:
        """Read a string, large_string or null array, sliced or not. Other string-like types (view, dictionary) are cast.

        Raises TypeError for an array that holds no text.
        """
        if pa.types.is_null(texts.type) or pa.types.is_dictionary(texts.type) or pa.types.is_string_view(texts.type):
            texts = texts.cast(pa.large_string())
        if pa.types.is_large_string(texts.type):
            offset_type: type[np.signedinteger[Any]] = np.int64
        elif pa.types.is_string(texts.type):
            offset_type = np.int32
        else:
            raise TypeError(f"text statistics need a string column, not {texts.type}. Cast it first, or choose another column.")
        rows = len(texts)
        _, offsets, data = texts.buffers()
        if rows == 0 or offsets is None:
            bounds = np.zeros(rows + 1, np.int64)
        else:
            bounds = np.frombuffer(offsets, offset_type)[texts.offset : texts.offset + rows + 1].astype(np.int64)
        starts, ends = bounds[:-1], bounds[1:]
        null: Mask = np.zeros(rows, np.bool_)
        if texts.null_count:
            null = mask_of(texts.is_null())
            ends = np.where(null, starts, ends)
        text = np.frombuffer(data if data is not None and data.size else b"\0", np.uint8)
        text.flags.writeable = False  # some buffers are, and the kernels would be compiled once more for these
        return cls(text, starts, ends, null)


def mask_of(marked: pa.BooleanArray) -> Mask:
    """The same as a mask of NumPy, where null may be either. Made by a cast, for `to_numpy` and `fill_null` would import pandas."""
    values = marked.cast(pa.uint8())
    return np.frombuffer(values.buffers()[1], np.uint8, len(values), values.offset).astype(np.bool_)
