"""Lines as `str.splitlines` cuts them, paragraphs (lines between blank ones), and their repetition."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import BULLET, CLOSER, DIGIT, LINE_BREAK, SPACE, TERMINAL
from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.hashing import FIRST, capacity_for, join, next_hash
from operators.kernels.compiled.utf8 import decode, flags_of

LINES, BLANK_LINES, LINE_CHARACTERS, SHORT_LINES, BULLET_LINES, ELLIPSIS_LINES, TERMINAL_LINES, QUOTED_TERMINAL_LINES = 0, 1, 2, 3, 4, 5, 6, 7
DUPLICATE_LINES, DUPLICATE_LINE_CHARACTERS, PARAGRAPHS, DUPLICATE_PARAGRAPHS, DUPLICATE_PARAGRAPH_CHARACTERS, LAST_CHARACTER = 8, 9, 10, 11, 12, 13
COLUMNS = 14

_DOT = 0x2E
_ELLIPSIS = 0x2026
_MARKDOWN_BULLETS = (0x2D, 0x2A, 0x2B)  # - * +
_OPENING = (0x28, 0xFF08)  # ( and its full-width form
_AFTER_NUMBER = (0x2E, 0x29, 0x3001, 0xFF09, 0xFF0E)  # . ) and their full-width forms
_MOST_DIGITS = 3


@compiled
def count_lines(data: Any, starts: Any, ends: Any, flags: Any, short: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS). A line is blank when it holds nothing but spaces; `short` is the longest length, in code points, of a short
    line."""
    longest = 0
    for row in range(len(starts)):
        longest = max(longest, ends[row] - starts[row])
    most = longest // 2 + 2
    hashes, lengths, opens = np.empty(most, np.uint64), np.empty(most, np.int64), np.empty(most, np.bool_)
    keys, stamps = np.empty(capacity_for(most), np.uint64), np.zeros(capacity_for(most), np.int64)
    stamp = 0
    for row in range(len(starts)):
        lines = scan_lines(data, starts[row], ends[row], flags, short, hashes, lengths, opens, out, row)
        stamp += 1
        repeated, characters = sum_duplicates(hashes, lengths, lines, keys, stamps, stamp)
        out[row, DUPLICATE_LINES] = repeated
        out[row, DUPLICATE_LINE_CHARACTERS] = characters
        paragraphs = join_paragraphs(hashes, lengths, opens, lines)
        stamp += 1
        repeated, characters = sum_duplicates(hashes, lengths, paragraphs, keys, stamps, stamp)
        out[row, PARAGRAPHS] = paragraphs
        out[row, DUPLICATE_PARAGRAPHS] = repeated
        out[row, DUPLICATE_PARAGRAPH_CHARACTERS] = characters


@compiled
def scan_lines(data: Any, start: Any, end: Any, flags: Any, short: Any, hashes: Any, lengths: Any, opens: Any, out: Any, row: Any) -> Any:
    """Count the kinds of lines of one text; write hash, length and whether a paragraph opens for each line that is not blank; return how many."""
    count, blank, characters, shorts, bullets, ellipses, terminals, quoted = 0, 0, 0, 0, 0, 0, 0, 0
    opening = True
    last_character = 0
    position = start
    while position < end:
        h = FIRST
        length, dots, last, last_bits, last_inner = 0, 0, 0, 0, 0
        first_at = -1
        while position < end:
            at = position
            while position < end and 0x20 < data[position] < 0x7F:  # most text: ASCII that is no space, of which only the last characters matter
                h = next_hash(h, data[position])
                position += 1
            if position > at:
                length += position - at
                if first_at < 0:
                    first_at = at
                run = position - 1
                while run >= at and data[run] == _DOT:
                    run -= 1
                dots = position - 1 - run if run >= at else dots + position - at
                last = np.int64(data[position - 1])
                last_bits = np.int64(flags[last])
                run = position - 1
                while run >= at and flags[data[run]] & CLOSER:
                    run -= 1
                if run >= at:
                    last_inner = np.int64(flags[data[run]])
                continue
            code, position = decode(data, position, end)
            bits = flags_of(code, flags)
            if bits & LINE_BREAK:
                if code == 0x0D and position < end and data[position] == 0x0A:
                    position += 1
                break
            length += 1
            h = next_hash(h, code)
            if bits & SPACE:
                continue
            if first_at < 0:
                first_at = at
            dots = dots + 1 if code == _DOT else 0
            last, last_bits = code, bits
            if not bits & CLOSER:
                last_inner = bits
        if first_at < 0:
            blank += 1
            opening = True
            continue
        hashes[count] = h
        lengths[count] = length
        opens[count] = opening
        opening = False
        count += 1
        characters += length
        last_character = last
        if length <= short:
            shorts += 1
        if is_bullet(data, first_at, position, flags):
            bullets += 1
        if dots >= 3 or last == _ELLIPSIS:
            ellipses += 1
        if last_bits & TERMINAL:
            terminals += 1
        elif last_bits & CLOSER and last_inner & TERMINAL:
            quoted += 1
    out[row, LINES] = count
    out[row, BLANK_LINES] = blank
    out[row, LINE_CHARACTERS] = characters
    out[row, SHORT_LINES] = shorts
    out[row, BULLET_LINES] = bullets
    out[row, ELLIPSIS_LINES] = ellipses
    out[row, TERMINAL_LINES] = terminals
    out[row, QUOTED_TERMINAL_LINES] = quoted
    out[row, LAST_CHARACTER] = last_character
    return count


@compiled
def is_bullet(data: Any, position: Any, end: Any, flags: Any) -> Any:
    """Whether a line that starts at `position` is a list item: a bullet sign; or "-", "*", "+", "1.", "1)" or "(1)" before a space. A dash opens a
    dialogue, not a list."""
    code, position = decode(data, position, end)
    if flags_of(code, flags) & BULLET:
        return True
    if code not in _MARKDOWN_BULLETS:
        opened = code in _OPENING
        if opened and position < end:
            code, position = decode(data, position, end)
        digits = 0
        while flags_of(code, flags) & DIGIT and position < end:
            digits += 1
            code, position = decode(data, position, end)
        if digits < 1 or digits > _MOST_DIGITS or code not in _AFTER_NUMBER:
            return False
        if code >= 0x80:
            return True
    if position >= end:
        return False
    code, position = decode(data, position, end)
    return flags_of(code, flags) & SPACE != 0


@compiled
def join_paragraphs(hashes: Any, lengths: Any, opens: Any, lines: Any) -> Any:
    """Turn the hashes and lengths of lines into those of paragraphs, in place (a paragraph's length counts a line break between its lines); return
    how many."""
    paragraphs = 0
    for line in range(lines):
        if opens[line]:
            hashes[paragraphs] = hashes[line]
            lengths[paragraphs] = lengths[line]
            paragraphs += 1
        else:
            hashes[paragraphs - 1] = join(hashes[paragraphs - 1], hashes[line])
            lengths[paragraphs - 1] += lengths[line] + 1
    return paragraphs


@compiled
def sum_duplicates(hashes: Any, lengths: Any, count: Any, keys: Any, stamps: Any, stamp: Any) -> Any:
    """How many of the first `count` items occurred before, and the sum of their lengths."""
    mask = capacity_for(count) - 1
    repeated, characters = 0, 0
    for item in range(count):
        key = hashes[item]
        slot = np.int64((key ^ (key >> np.uint64(29))) >> np.uint64(3)) & mask
        while stamps[slot] == stamp and keys[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] == stamp:
            repeated += 1
            characters += lengths[item]
        else:
            stamps[slot] = stamp
            keys[slot] = key
    return repeated, characters
