"""Data written as text: base64, numbers in hexadecimal, escaped characters."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import borrowing, compiled, inlined

BASE64, HEXADECIMAL, ESCAPES, LONGEST = 0, 1, 2, 3
COLUMNS = 4

SHORTEST_RUN = 64
"""Characters that make a run of base64, or of hexadecimal digits."""
FEWEST_ITEMS = 8
"""Bytes or characters, one after the other, that make a list of them."""

_NOTHING, _HEXADECIMAL_ITEM, _ESCAPE_ITEM = 0, 1, 2
_ZERO, _X, _U, _L, _BACKSLASH, _EQUALS = 0x30, 0x78, 0x75, 0x6C, 0x5C, 0x3D
_IN_RUN, _HEX, _UPPER, _LOWER, _DIGIT, _ALPHANUMERIC, _BETWEEN, _IN_LIST = 1, 2, 4, 8, 16, 32, 64, 128
_SHORTEST_LIST = 3 * FEWEST_ITEMS - 1
"""Bytes: two of each item, and one between them."""


@compiled
def class_bytes() -> Any:
    """Of each byte: whether it is of base64, a hexadecimal digit, ..., or may stand between the items of a list."""
    classes = np.zeros(256, np.uint8)
    for byte in range(48, 58):
        classes[byte] = _IN_RUN | _HEX | _DIGIT | _ALPHANUMERIC
    for byte in range(26):
        classes[65 + byte] = _IN_RUN | _UPPER | _ALPHANUMERIC | (_HEX if byte < 6 else 0)
        classes[97 + byte] = _IN_RUN | _LOWER | _ALPHANUMERIC | (_HEX if byte < 6 else 0)
    for byte in (0x2B, 0x2F):
        classes[byte] |= _IN_RUN
    for byte in (0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x22, 0x27, 0x5C):  # spaces , " ' \
        classes[byte] |= _BETWEEN
    for byte in (0x55, 0x75, 0x4C, 0x6C, 0x58, 0x78):  # u, l and x
        classes[byte] |= _IN_LIST
    for byte in range(256):
        if classes[byte] & (_HEX | _BETWEEN):
            classes[byte] |= _IN_LIST
    return classes


@compiled
def count_encoded(data: Any, starts: Any, ends: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS): bytes in runs of base64, in hexadecimal, in escapes, and of the longest of all these."""
    classes = class_bytes()
    for row in range(len(starts)):
        find_runs(data, starts[row], ends[row], classes, out[row])
        find_lists(data, starts[row], ends[row], classes, out[row])


@borrowing
def find_runs(data: Any, start: Any, end: Any, classes: Any, out: Any) -> None:
    """Runs of at least SHORTEST_RUN characters of base64 with capitals, small letters and digits; or of hexadecimal digits with letters and digits.

    Looked for from the end of the shortest run that could be: what stands before a byte that is in no run need not be read.
    """
    position = start
    while position + SHORTEST_RUN <= end:
        at = position + SHORTEST_RUN - 1
        while at >= position and classes[data[at]] & _IN_RUN:
            at -= 1
        if at >= position:
            position = at + 1
            continue
        met, every, at = 0, _HEX, position
        while at < end and classes[data[at]] & _IN_RUN:
            met |= classes[data[at]]
            every &= classes[data[at]]
            at += 1
        while at < end and data[at] == _EQUALS:
            at += 1
        if every and met & _DIGIT and met & (_UPPER | _LOWER):
            out[HEXADECIMAL] += at - position
            out[LONGEST] = max(out[LONGEST], at - position)
        elif met & _UPPER and met & _LOWER and met & _DIGIT:
            out[BASE64] += at - position
            out[LONGEST] = max(out[LONGEST], at - position)
        position = at + 1


@borrowing
def find_lists(data: Any, start: Any, end: Any, classes: Any, out: Any) -> None:
    """At least FEWEST_ITEMS items of one kind, with nothing but spaces, commas, quotes and backslashes between them.

    Between lists, what stands before a byte that is in no list need not be read: see `find_runs`.
    """
    items, kind, first, last = 0, _NOTHING, start, start
    position = start
    while position < end:
        if items == 0:
            position = next_list(data, position, end, classes)
            if position + _SHORTEST_LIST > end:
                return
            while position > start and classes[data[position - 1]] & classes[data[position]] & _ALPHANUMERIC:
                position += 1  # not within a word
                if position == end:
                    return
        class_ = classes[data[position]]
        if not class_ & _ALPHANUMERIC:
            if not class_ & _BETWEEN and items:
                note_list(items, kind, last - first, out)
                items = 0
            position += 1
            continue
        begin = position
        while position < end and classes[data[position]] & _ALPHANUMERIC:
            position += 1
        escaped = begin > start and data[begin - 1] == _BACKSLASH
        if position - begin > 20 or (not escaped and position - begin != 2 and data[begin] != _ZERO):
            found = _NOTHING
        else:
            found = kind_of_item(data, begin, position, escaped, classes)
        if found != kind or found == _NOTHING:
            note_list(items, kind, last - first, out)
            items, kind = 0, found
        if found != _NOTHING:
            first = begin if items == 0 else first
            items += 1
            last = position
    note_list(items, kind, last - first, out)


@inlined
def next_list(data: Any, position: Any, end: Any, classes: Any) -> Any:
    """Where the next bytes begin that are all of a list, as many as the shortest has."""
    while position + _SHORTEST_LIST <= end:
        at = position + _SHORTEST_LIST - 1
        while at >= position and classes[data[at]] & _IN_LIST:
            at -= 1
        if at < position:
            return position
        position = at + 1
    return position


@inlined
def note_list(items: Any, kind: Any, size: Any, out: Any) -> None:
    if items >= FEWEST_ITEMS and kind != _NOTHING:
        out[HEXADECIMAL if kind == _HEXADECIMAL_ITEM else ESCAPES] += size
        out[LONGEST] = max(out[LONGEST], size)


@borrowing
def kind_of_item(data: Any, begin: Any, end: Any, escaped: Any, classes: Any) -> Any:
    r"""A number in hexadecimal (0x1F, 0x1FuL), two digits of it (1F), or an escape (\x1F, \u001F, \037)."""
    size = end - begin
    if escaped:
        if data[begin] == _U and size == 5 and is_hex(data, begin + 1, end, classes):
            return _ESCAPE_ITEM
        if data[begin] == _X and size == 3 and is_hex(data, begin + 1, end, classes):
            return _HEXADECIMAL_ITEM
        octal = size == 3
        for at in range(begin, end):
            octal = octal and 48 <= data[at] < 56
        return _ESCAPE_ITEM if octal else _NOTHING
    if size == 2:
        return _HEXADECIMAL_ITEM if is_hex(data, begin, end, classes) else _NOTHING
    if size < 3 or data[begin] != _ZERO or data[begin + 1] | 0x20 != _X:
        return _NOTHING
    while end > begin + 3 and (data[end - 1] | 0x20 == _U or data[end - 1] | 0x20 == _L):
        end -= 1
    return _HEXADECIMAL_ITEM if is_hex(data, begin + 2, end, classes) else _NOTHING


@inlined
def is_hex(data: Any, begin: Any, end: Any, classes: Any) -> Any:
    for at in range(begin, end):
        if not classes[data[at]] & _HEX:
            return False
    return True
