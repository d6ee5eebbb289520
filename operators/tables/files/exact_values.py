"""Numbers and times of day as Arrow types, each as it was written or not at all. Only fractions take the nearest float, as everywhere."""

from __future__ import annotations

import math
import re
import struct

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INTEGER = re.compile(r"[+-]?[0-9]+")
WHOLE_IN_FLOAT = {16: 2**11, 32: 2**24, 64: 2**53}
"""By the bits of a float: up to here it holds every integer."""
_SMALLEST = {16: np.finfo(np.float16).smallest_subnormal, 32: np.finfo(np.float32).smallest_subnormal, 64: 0}
_PACKED = {16: "<e", 32: "<f", 64: "<d"}
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?")
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def floats_at_once(texts: pa.StringArray, type_: pa.DataType) -> pa.Array | None:
    """Text as floats; None where one of them is an integer that would be rounded, or beyond the range. Raises pa.ArrowInvalid for other text."""
    wide = pc.cast(texts, pa.float64())
    sizes = np.abs(wide.to_numpy(zero_copy_only=False))
    doubtful = pa.array(np.flatnonzero((sizes >= WHOLE_IN_FLOAT[type_.bit_width]) | ((sizes > 0) & (sizes < _SMALLEST[type_.bit_width]))))
    pairs = zip(texts.take(doubtful).to_pylist(), wide.take(doubtful).to_pylist(), strict=True)
    return None if any(_nearest(text, number, type_) is None for text, number in pairs) else wide.cast(type_, safe=False)


def float_of_text(text: str, type_: pa.DataType) -> float | None:
    """As `float_of`; infinite only where that is what is written. Raises pa.ArrowInvalid for text that is no number."""
    return _nearest(text, pc.cast(pa.scalar(text), pa.float64()).as_py(), type_)


def _nearest(text: str, number: float, type_: pa.DataType) -> float | None:
    if math.isinf(number) and any(character.isdigit() for character in text):
        return None
    if number == 0:
        return number  # -0 is no integer
    return float_of(int(text) if INTEGER.fullmatch(text) else number, type_)


def float_of(number: float, type_: pa.DataType) -> float | None:
    """The nearest float of a type; None for an integer that none of them equals, and for what would become infinite or 0."""
    code = _PACKED[type_.bit_width]
    try:
        (found,) = struct.unpack(code, struct.pack(code, float(number)))
    except OverflowError:
        return None
    whole = isinstance(number, int) or (number.is_integer() and abs(number) <= WHOLE_IN_FLOAT[64])
    if (whole and found != number) or (found == 0 and number != 0):
        return None
    return float(found)


def time_of_text(text: str, type_: pa.DataType) -> int | None:
    """A time of day, such as 23:59 or 23:59:59.999, in the unit of the type; None for other text, and for digits beyond the unit."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups(default="0")
    nanoseconds = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 10**9 + int(fraction.ljust(9, "0"))
    units, rest = divmod(nanoseconds, _NANOSECONDS[type_.unit])
    return None if rest else units
