"""Fixed phrases, and HTML entities, looked for byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import BLOCK, low_bits, match, match_pair, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import hash_bytes

_HASH, _SEMICOLON, _COLON, _SLASH, _DOT = 0x23, 0x3B, 0x3A, 0x2F, 0x2E
_LINE_FEED, _CARRIAGE_RETURN = 0x0A, 0x0D
_LONGEST_ENTITY = 32
_match_ampersand = match([0x26])


@inlined
def lower_ascii(byte: Any) -> Any:
    return byte + 32 if 65 <= byte <= 90 else byte


@inlined
def is_ascii_space(byte: Any) -> Any:
    return byte == 32 or 9 <= byte <= 13


@compiled
def count_phrases(data: Any, starts: Any, ends: Any, phrases: Any, bounds: Any, opening: Any, pairs: Any, reach: Any, out: Any) -> None:
    """Fill `out` (rows, 2): occurrences of any of the phrases in each text, and lines that hold one. ASCII letters match in either case.

    `phrases`: their bytes, lower-case, sorted, one after the other; `bounds`: where each starts and ends; those that open with byte b are number
    `opening[b]` to before `opening[b + 1]`. `pairs` (any number, 2): what the first byte of a phrase, and the one `reach` bytes after it, may be;
    where there are none, every place is looked at.
    """
    block, following = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        end = ends[row]
        after = starts[row]  # the phrase before
        line_met = False
        for at in range(starts[row], end, BLOCK):
            take_block(data, at, block)
            take_block(data, at + reach, following)
            openings = match_openings(block, following, pairs) & low_bits(end - at)
            while openings:
                position = at + trailing_zeros(openings)
                openings &= openings - np.uint64(1)
                byte = lower_ascii(data[position])
                if position < after or opening[byte] == opening[byte + 1]:
                    continue
                length = match_phrase(data, position, end, phrases, bounds, opening[byte], opening[byte + 1])
                if length > 0:
                    out[row, 0] += 1
                    if not line_met or has_line_end(data, after, position):
                        out[row, 1] += 1
                    line_met = True
                    after = position + length


@inlined
def match_openings(block: Any, following: Any, pairs: Any) -> Any:
    """The places in a block, as bits, where a phrase may start."""
    found = np.uint64(0)
    for pair in range(len(pairs)):
        found |= match_pair(block, following, pairs[pair, 0], pairs[pair, 1])
    return found if len(pairs) else ~found


@inlined
def has_line_end(data: Any, first: Any, last: Any) -> Any:
    for position in range(first, last):
        if data[position] == _LINE_FEED or data[position] == _CARRIAGE_RETURN:
            return True
    return False


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


@compiled
def count_entities(data: Any, starts: Any, ends: Any, names: Any, out: Any) -> None:
    """HTML entities as the standard writes them: "&name;" of a known name, "&#123;" or "&#x1F;". Those inside a URL are part of it.

    `names`: sorted hashes of the names.
    """
    block = np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        seen, run_start, in_url = start, start, False
        for at in range(start, end, BLOCK):
            take_block(data, at, block)
            ampersands = _match_ampersand(block) & low_bits(end - at)
            while ampersands:
                position = at + trailing_zeros(ampersands)
                ampersands &= ampersands - np.uint64(1)
                if is_entity(data, position + 1, end, names):
                    begin = start_of_run(data, seen, position)
                    if begin > seen:
                        run_start, in_url = begin, False
                    in_url = in_url or has_url(data, run_start, begin, position, end)
                    out[row] += not in_url
                    seen = position


@inlined
def start_of_run(data: Any, first: Any, position: Any) -> Any:
    """Where the run without ASCII spaces starts that goes up to `position`, not before `first`."""
    while position > first and not is_ascii_space(data[position - 1]):
        position -= 1
    return position


@borrowing
def has_url(data: Any, run_start: Any, first: Any, last: Any, end: Any) -> Any:
    """Whether "://", or the full stop after a "www", starts from `first` on, before `last`, in a run without spaces."""
    for at in range(first, last):
        byte = data[at]
        if byte == _COLON and at + 2 < end and data[at + 1] == _SLASH and data[at + 2] == _SLASH:
            return True
        if byte == _DOT and at - run_start >= 3 and is_www(data, at - 3):
            return True
    return False


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
