"""The classes of a text's ASCII characters, a bit a byte: where its words, lines and numbers start and end is then found 64 bytes at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import DIGIT, LETTER, LINE_BREAK, LOWER, SPACE, UPPER
from operators.kernels.compiled.blocks import BLOCK, count_ones, item, low_bits, match, match_flag, match_non_ascii, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined

_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)
_match_space, _match_break, _match_digit = match_flag(SPACE), match_flag(LINE_BREAK), match_flag(DIGIT)
_match_letter, _match_upper, _match_lower = match_flag(LETTER), match_flag(UPPER), match_flag(LOWER)
_match_dot, _match_return, _match_feed = match([0x2E]), match([0x0D]), match([0x0A])
SPACES, BREAKS, LETTERS, UPPERS, LOWERS, DIGITS, INNER_DOTS, NON_ASCII = 0, 1, 2, 3, 4, 5, 6, 7
MASKS = 8


@compiled
def room_for_masks(longest: Any) -> Any:
    """Room for the masks of a text of so many bytes, and a block of scratch."""
    return np.empty((longest // BLOCK + 4) * MASKS, np.uint64), np.empty(BLOCK, np.uint8)


@borrowing
def longest_of(starts: Any, ends: Any) -> Any:
    """Bytes of the longest of the texts."""
    longest = 0
    for row in range(len(starts)):
        longest = max(longest, ends[row] - starts[row])
    return longest


@borrowing
def mark_blocks(data: Any, start: Any, end: Any, masks: Any, block: Any) -> Any:
    """Write the classes of the ASCII characters of one text as bits, MASKS uint64 for each 64 bytes; return how many blocks.

    After the text there is space: two blocks of it. A line feed after a carriage return is no break of its own.
    """
    rows = 0
    after_return, after_dot = np.uint64(0), np.uint64(0)
    for at in range(start, end, BLOCK):
        take_block(data, at, block)
        inside = low_bits(end - at)
        row = masks[rows * MASKS : (rows + 1) * MASKS]
        spaces = _match_space(block) & inside
        row[SPACES] = spaces | ~inside
        breaks = np.uint64(0)
        if spaces:
            breaks = _match_break(block) & inside
        if breaks:
            returns = _match_return(block) & inside
            breaks &= ~(_match_feed(block) & ((returns << np.uint64(1)) | after_return))
            after_return = returns >> np.uint64(63)
        else:
            after_return = np.uint64(0)
        letters, digits, dots = _match_letter(block) & inside, _match_digit(block) & inside, _match_dot(block) & inside
        row[BREAKS], row[LETTERS], row[DIGITS] = breaks, letters, digits
        row[UPPERS], row[LOWERS], row[NON_ASCII] = _match_upper(block) & inside, _match_lower(block) & inside, match_non_ascii(block) & inside
        row[INNER_DOTS] = (letters | digits) & ((dots << np.uint64(1)) | after_dot)
        after_dot = dots >> np.uint64(63)
        rows += 1
    for row in range(rows, rows + 2):
        masks[row * MASKS : (row + 1) * MASKS] = 0
        masks[row * MASKS + SPACES] = ~np.uint64(0)
    return rows


@inlined
def block_bits(masks: Any, kind: Any, block: Any) -> Any:
    """The bits of a class in one block."""
    return item(masks, block * MASKS + kind)


@inlined
def bits_of(masks: Any, kind: Any, block: Any, shift: Any, mask: Any) -> Any:
    """The bits of a class from bit `shift` of a block on, as far as `mask` reaches."""
    return ((block_bits(masks, kind, block) >> shift) | ((block_bits(masks, kind, block + 1) << np.uint64(1)) << (np.uint64(63) - shift))) & mask


@inlined
def bit_at(masks: Any, kind: Any, at: Any) -> Any:
    """0 or 1."""
    return np.int64((block_bits(masks, kind, at >> 6) >> np.uint64(at & 63)) & np.uint64(1))


@inlined
def count_breaks(masks: Any, first: Any, last: Any) -> Any:
    """Line breaks from bit `first` to before bit `last`."""
    breaks = 0
    while first < last:
        breaks += count_ones(bits_of(masks, BREAKS, first >> 6, np.uint64(first & 63), low_bits(last - first)))
        first += BLOCK
    return breaks


@inlined
def has_any(masks: Any, kind: Any, first: Any, last: Any) -> Any:
    """Whether a class has a bit from `first` to before `last`."""
    found = np.uint64(0)
    while first < last:
        found |= bits_of(masks, kind, first >> 6, np.uint64(first & 63), low_bits(last - first))
        first += BLOCK
    return found != 0


@inlined
def next_bit(masks: Any, rows: Any, kind: Any, at: Any) -> Any:
    """The first bit of a class from bit `at` on; the one after all rows if there is none."""
    row = at >> 6
    found = block_bits(masks, kind, row) & (_EVERY << np.uint64(at & 63))
    while found == 0:
        row += 1
        if row >= rows:
            return rows * BLOCK
        found = block_bits(masks, kind, row)
    return row * BLOCK + trailing_zeros(found)


@inlined
def next_character(masks: Any, at: Any, stop: Any) -> Any:
    """The first bit from `at` on, before `stop`, that is no ASCII space; `stop` if there is none. It looks no further than `stop`."""
    row = at >> 6
    found = ~block_bits(masks, SPACES, row) & (_EVERY << np.uint64(at & 63))
    while found == 0:
        row += 1
        if row * BLOCK >= stop:
            return stop
        found = ~block_bits(masks, SPACES, row)
    return min(row * BLOCK + trailing_zeros(found), stop)
