"""Code points out of UTF-8."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import HAN, LETTER, MARK, ODD, SCRIPT_SHIFT, TABLE_SIZE
from operators.kernels.compiled.compiler import inlined

_IDEOGRAPH = LETTER | (HAN << SCRIPT_SHIFT)
_IDEOGRAPHS_END = 0x40000
_SELECTORS, _SELECTORS_END = 0xE0100, 0xE01F0
"""Of variants of ideographs: the only marks behind the table."""
_PRIVATE = 0xF0000


@inlined
def decode(data: Any, position: int, end: int) -> Any:
    """The code point at `position` and where the next one starts. A sequence cut short by `end` is U+FFFD."""
    byte = data[position]
    if byte < 0x80:
        return np.int64(byte), position + 1
    if byte < 0xE0:
        if position + 2 > end:
            return 0xFFFD, end
        return ((np.int64(byte) & 0x1F) << 6) | (np.int64(data[position + 1]) & 0x3F), position + 2
    if byte < 0xF0:
        if position + 3 > end:
            return 0xFFFD, end
        return ((np.int64(byte) & 0x0F) << 12) | ((np.int64(data[position + 1]) & 0x3F) << 6) | (np.int64(data[position + 2]) & 0x3F), position + 3
    if position + 4 > end:
        return 0xFFFD, end
    high = ((np.int64(byte) & 0x07) << 18) | ((np.int64(data[position + 1]) & 0x3F) << 12)
    return high | ((np.int64(data[position + 2]) & 0x3F) << 6) | (np.int64(data[position + 3]) & 0x3F), position + 4


@inlined
def flags_of(code: Any, flags: Any) -> Any:
    """What is known of a code point; see `operators.kernels.characters`."""
    if code < TABLE_SIZE:
        return np.int64(flags[code])
    if code < _IDEOGRAPHS_END:
        return _IDEOGRAPH
    if _SELECTORS <= code < _SELECTORS_END:
        return MARK
    return ODD if code >= _PRIVATE else 0


@inlined
def lower_of(code: Any, lower: Any) -> Any:
    """Its lower-case code point."""
    return np.int64(lower[code]) if code < TABLE_SIZE else code
