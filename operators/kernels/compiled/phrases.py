"""Fixed phrases, and HTML entities, looked for byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import borrowing, inlined
from operators.kernels.compiled.hashing import hash_bytes

_AMPERSAND, _HASH, _SEMICOLON, _COLON, _SLASH, _DOT = 0x26, 0x23, 0x3B, 0x3A, 0x2F, 0x2E
_LONGEST_ENTITY = 32


@inlined
def lower_ascii(byte: Any) -> Any:
    return byte + 32 if 65 <= byte <= 90 else byte


@inlined
def is_ascii_space(byte: Any) -> Any:
    return byte == 32 or 9 <= byte <= 13


@borrowing
def count_phrases(data: Any, starts: Any, ends: Any, phrases: Any, bounds: Any, opening: Any, signs: Any, out: Any) -> None:
    """Fill `out` (rows, 2): occurrences of any of the phrases in each text, and lines that hold one. ASCII letters match in either case.

    `phrases`: their bytes, lower-case, sorted, one after the other; `bounds`: where each starts and ends; those that open with byte b are number
    `opening[b]` to before `opening[b + 1]`. `signs` is false for each of the 256 bytes that neither ends a line nor opens a phrase in either case.
    """
    for row in range(len(starts)):
        position, end = starts[row], ends[row]
        line_met = False
        while position < end:
            if not signs[data[position]]:
                position += 1
                continue
            byte = lower_ascii(data[position])
            if byte == 10 or byte == 13:
                line_met = False
            elif opening[byte] < opening[byte + 1]:
                length = match_phrase(data, position, end, phrases, bounds, opening[byte], opening[byte + 1])
                if length > 0:
                    out[row, 0] += 1
                    if not line_met:
                        out[row, 1] += 1
                    line_met = True
                    position += length
                    continue
            position += 1


@borrowing
def match_phrase(data: Any, position: Any, end: Any, phrases: Any, bounds: Any, lowest: Any, highest: Any) -> Any:
    """The length of the first phrase from number `lowest` to before `highest` that matches here, or 0."""
    for phrase in range(lowest, highest):
        first, last = bounds[phrase], bounds[phrase + 1]
        if position + last - first > end:
            continue
        same = True
        for offset in range(last - first):
            if lower_ascii(data[position + offset]) != phrases[first + offset]:
                same = False
                break
        if same:
            return last - first
    return 0


@borrowing
def count_entities(data: Any, starts: Any, ends: Any, names: Any, out: Any) -> None:
    """HTML entities as the standard writes them: "&name;" of a known name, "&#123;" or "&#x1F;". Those inside a URL are part of it.

    `names`: sorted hashes of the names.
    """
    for row in range(len(starts)):
        position, end = starts[row], ends[row]
        ampersands = 0
        for at in range(position, end):  # in most texts there is none, which is found out in a fraction of the time
            ampersands += data[at] == _AMPERSAND
        if not ampersands:
            continue
        in_url = False
        run_start = position
        while position < end:
            byte = data[position]
            if is_ascii_space(byte):
                in_url = False
                run_start = position + 1
            elif byte == _COLON:
                in_url = in_url or (position + 2 < end and data[position + 1] == _SLASH and data[position + 2] == _SLASH)
            elif byte == _DOT:
                in_url = in_url or (position - run_start >= 3 and is_www(data, position - 3))
            elif byte == _AMPERSAND and not in_url and is_entity(data, position + 1, end, names):
                out[row] += 1
            position += 1


@borrowing
def is_www(data: Any, position: Any) -> Any:
    return lower_ascii(data[position]) == 119 and lower_ascii(data[position + 1]) == 119 and lower_ascii(data[position + 2]) == 119


@borrowing
def is_entity(data: Any, position: Any, end: Any, names: Any) -> Any:
    """Whether an entity's name or number, and its semicolon, follow here."""
    last = min(end, position + _LONGEST_ENTITY)
    if position < last and data[position] == _HASH:
        return is_character_reference(data, position + 1, last)
    begin = position
    while position < last:
        byte = data[position]
        if byte == _SEMICOLON:
            key = hash_bytes(data, begin, position)
            at = np.searchsorted(names, key)
            return position > begin and at < len(names) and names[at] == key
        if not (48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122):
            return False
        position += 1
    return False


@borrowing
def is_character_reference(data: Any, position: Any, end: Any) -> Any:
    """Decimal digits, or x and hexadecimal ones, of a code point that exists, and a semicolon."""
    base = 10
    if position < end and lower_ascii(data[position]) == 120:
        base = 16
        position += 1
    value, digits = 0, 0
    while position < end:
        byte = np.int64(lower_ascii(data[position]))
        if byte == _SEMICOLON:
            return digits > 0 and 0 < value <= 0x10FFFF
        if 48 <= byte <= 57:
            value = value * base + byte - 48
        elif base == 16 and 97 <= byte <= 102:
            value = value * base + byte - 87
        else:
            return False
        digits += 1
        if value > 0x10FFFF:
            return False
        position += 1
    return False
