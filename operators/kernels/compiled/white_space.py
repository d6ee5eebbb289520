"""Which characters are spaces and which are line breaks."""

from __future__ import annotations

from typing import Any

from operators.kernels.compiled.compiler import inlined

OTHER, SPACE, BREAK = 0, 1, 2
_UNIT_SEPARATOR = 0x1F


@inlined
def kind_of(data: Any, at: int, end: int) -> tuple[int, int]:
    """Of the character that starts at `at`: OTHER, SPACE (any of Unicode's, and tab) or BREAK (of a line), and its bytes; of OTHER, one byte."""
    byte = data[at]
    if byte > 0x20 and byte < 0xC2:
        return OTHER, 1
    if byte == 0x20 or byte == 0x09:
        return SPACE, 1
    if byte == 0x0D:
        return BREAK, 2 if at + 1 < end and data[at + 1] == 0x0A else 1
    if (byte >= 0x0A and byte <= 0x0C) or (byte >= 0x1C and byte <= 0x1E):
        return BREAK, 1
    if byte == 0xC2 and at + 1 < end:
        if data[at + 1] == 0x85:
            return BREAK, 2
        if data[at + 1] == 0xA0:
            return SPACE, 2
    elif byte >= 0xE1 and byte <= 0xE3 and at + 2 < end:
        second, third = data[at + 1], data[at + 2]
        if byte == 0xE2 and second == 0x80:
            if third <= 0x8A or third == 0xAF:
                return SPACE, 3
            if third == 0xA8 or third == 0xA9:
                return BREAK, 3
        elif (
            (byte == 0xE2 and second == 0x81 and third == 0x9F)
            or (byte == 0xE1 and second == 0x9A and third == 0x80)
            or (byte == 0xE3 and second == 0x80 and third == 0x80)
        ):
            return SPACE, 3
    return OTHER, 1


@inlined
def is_ink(data: Any, at: int, end: int) -> bool:
    """Whether the character that starts at `at` is no white space to Python, to which the unit separator is some."""
    return at < end and data[at] != _UNIT_SEPARATOR and kind_of(data, at, end)[0] == OTHER
