"""Code points by kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import DIGIT, LETTER, LOWER, ODD, SPACE, UPPER
from operators.kernels.compiled.blocks import (
    BLOCK,
    count_ones,
    low_bits,
    match,
    match_continuation,
    match_flag,
    match_non_ascii,
    take_block,
    trailing_zeros,
)
from operators.kernels.compiled.compiler import borrowing, compiled
from operators.kernels.compiled.utf8 import decode, flags_of

CHARACTERS, SPACES, LETTERS, UPPER_LETTERS, LOWER_LETTERS, DIGITS, ODD_CHARACTERS = 0, 1, 2, 3, 4, 5, 6
CURLY_BRACKETS, HASHES, ELLIPSES, LINE_FEEDS = 7, 8, 9, 10
COLUMNS = 11

_DOT = 0x2E
_ELLIPSIS = 0x2026
_match_space, _match_letter, _match_upper, _match_lower = match_flag(SPACE), match_flag(LETTER), match_flag(UPPER), match_flag(LOWER)
_match_digit, _match_odd = match_flag(DIGIT), match_flag(ODD)
_match_curly, _match_hash, _match_dot, _match_feed = match([0x7B, 0x7D]), match([0x23]), match([_DOT]), match([0x0A])


@compiled
def count_characters(data: Any, starts: Any, ends: Any, flags: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS). An ellipsis is U+2026, or three full stops that no earlier ellipsis used."""
    block = np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        count_text(data, starts[row], ends[row], flags, block, out[row])


@borrowing
def count_text(data: Any, start: Any, end: Any, flags: Any, block: Any, out: Any) -> None:
    spaces, letters, upper, lower, digits, odd, curly, hashes, line_feeds, continuations, ellipses = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    dots = 0
    for at in range(start, end, BLOCK):
        take_block(data, at, block)
        inside = low_bits(end - at)
        spaces += count_ones(_match_space(block) & inside)
        letters += count_ones(_match_letter(block) & inside)
        upper += count_ones(_match_upper(block) & inside)
        lower += count_ones(_match_lower(block) & inside)
        digits += count_ones(_match_digit(block) & inside)
        odd += count_ones(_match_odd(block) & inside)
        curly += count_ones(_match_curly(block) & inside)
        hashes += count_ones(_match_hash(block) & inside)
        line_feeds += count_ones(_match_feed(block) & inside)
        continuations += count_ones(match_continuation(block) & inside)
        leads = match_non_ascii(block) & ~match_continuation(block) & inside
        while leads:
            position = at + trailing_zeros(leads)
            leads &= leads - np.uint64(1)
            code, _ = decode(data, position, end)
            bits = flags_of(code, flags)
            spaces += (bits & SPACE) != 0
            letters += (bits & LETTER) != 0
            upper += (bits & UPPER) != 0
            lower += (bits & LOWER) != 0
            digits += (bits & DIGIT) != 0
            odd += (bits & ODD) != 0
            ellipses += code == _ELLIPSIS
        stops = _match_dot(block) & inside
        if stops & ((stops >> np.uint64(1)) | np.uint64(1)) or dots:  # two in a row, or one that may go on from the block before
            for position in range(at, min(at + BLOCK, end)):
                dots = dots + 1 if data[position] == _DOT else 0
                if dots == 3:
                    ellipses += 1
                    dots = 0
        else:
            dots = 1 if (stops >> np.uint64(63)) else 0
    out[CHARACTERS] = end - start - continuations
    out[SPACES] = spaces
    out[LETTERS] = letters
    out[UPPER_LETTERS] = upper
    out[LOWER_LETTERS] = lower
    out[DIGITS] = digits
    out[ODD_CHARACTERS] = odd
    out[CURLY_BRACKETS] = curly
    out[HASHES] = hashes
    out[ELLIPSES] = ellipses
    out[LINE_FEEDS] = line_feeds
