"""Code points by kind."""

from __future__ import annotations

from typing import Any

from operators.kernels.characters import DIGIT, LETTER, LOWER, ODD, SPACE, UPPER
from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.utf8 import decode, flags_of

CHARACTERS, SPACES, LETTERS, UPPER_LETTERS, LOWER_LETTERS, DIGITS, ODD_CHARACTERS = 0, 1, 2, 3, 4, 5, 6
CURLY_BRACKETS, HASHES, ELLIPSES, LINE_FEEDS = 7, 8, 9, 10
COLUMNS = 11

_LINE_FEED = 0x0A
_HASH = 0x23
_DOT = 0x2E
_ELLIPSIS = 0x2026
_OPENING_CURLY, _CLOSING_CURLY = 0x7B, 0x7D


@compiled
def count_characters(data: Any, starts: Any, ends: Any, flags: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS). An ellipsis is U+2026, or three full stops that no earlier ellipsis used."""
    for row in range(len(starts)):
        characters, spaces, letters, upper, lower, digits, odd = 0, 0, 0, 0, 0, 0, 0
        curly, hashes, ellipses, line_feeds, dots = 0, 0, 0, 0, 0
        position, end = starts[row], ends[row]
        while position < end:
            code, position = decode(data, position, end)
            bits = flags_of(code, flags)
            characters += 1
            spaces += bits & SPACE
            letters += (bits & LETTER) != 0
            upper += (bits & UPPER) != 0
            lower += (bits & LOWER) != 0
            digits += (bits & DIGIT) != 0
            odd += (bits & ODD) != 0
            if code == _DOT:
                dots += 1
                if dots == 3:
                    ellipses += 1
                    dots = 0
                continue
            dots = 0
            if code == _LINE_FEED:
                line_feeds += 1
            elif code == _HASH:
                hashes += 1
            elif code == _OPENING_CURLY or code == _CLOSING_CURLY:
                curly += 1
            elif code == _ELLIPSIS:
                ellipses += 1
        out[row, CHARACTERS] = characters
        out[row, SPACES] = spaces
        out[row, LETTERS] = letters
        out[row, UPPER_LETTERS] = upper
        out[row, LOWER_LETTERS] = lower
        out[row, DIGITS] = digits
        out[row, ODD_CHARACTERS] = odd
        out[row, CURLY_BRACKETS] = curly
        out[row, HASHES] = hashes
        out[row, ELLIPSES] = ellipses
        out[row, LINE_FEEDS] = line_feeds
