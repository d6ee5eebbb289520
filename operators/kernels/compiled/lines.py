"""Lines as `str.splitlines` cuts them, paragraphs (lines between blank ones), and their repetition."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from operators.kernels.characters import BULLET, CLOSER, DIGIT, LETTER, LINE_BREAK, MARK, SPACE, TERMINAL
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import capacity_for, hash_bytes, join, slot_of
from operators.kernels.compiled.masks import (
    BREAKS,
    DIGITS,
    LETTERS,
    NON_ASCII,
    has_any,
    longest_of,
    mark_blocks,
    next_bit,
    next_character,
    room_for_masks,
)
from operators.kernels.compiled.utf8 import decode, flags_of

LINES, BLANK_LINES, LINE_CHARACTERS, SHORT_LINES, LONGEST_LINE, DUPLICATE_LINES, DUPLICATE_LINE_CHARACTERS = 0, 1, 2, 3, 4, 5, 6
MARK_LINES, DUPLICATE_MARK_LINES, DUPLICATE_MARK_LINE_CHARACTERS = 7, 8, 9
BULLET_LINES, ELLIPSIS_LINES, TERMINAL_LINES, QUOTED_TERMINAL_LINES, LAST_CHARACTER = 10, 11, 12, 13, 14
PARAGRAPHS, DUPLICATE_PARAGRAPHS, DUPLICATE_PARAGRAPH_CHARACTERS = 15, 16, 17
MARK_PARAGRAPHS, DUPLICATE_MARK_PARAGRAPHS, DUPLICATE_MARK_PARAGRAPH_CHARACTERS = 18, 19, 20
COLUMNS = 21

_DOT, _CARRIAGE_RETURN, _LINE_FEED = 0x2E, 0x0D, 0x0A
_ELLIPSIS = 0x2026
_MARKDOWN_BULLETS = (0x2D, 0x2A, 0x2B)  # - * +
_OPENING = (0x28, 0xFF08)  # ( and its full-width form
_AFTER_NUMBER = (0x2E, 0x29, 0x3001, 0xFF09, 0xFF0E)  # . ) and their full-width forms
_MOST_DIGITS = 3


class LineRoom(NamedTuple):
    """For each line that is not blank: its hash, its code points, whether a paragraph opens with it, and whether it has no letter or digit; a table
    to look them up in; and masks."""

    hashes: Any
    lengths: Any
    opens: Any
    marks: Any
    keys: Any
    masks: Any
    block: Any


@compiled
def count_lines(data: Any, starts: Any, ends: Any, flags: Any, short: Any, prose: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS). A line is blank when it holds nothing but spaces; `short` is the longest length, in code points, of a short line.

    Without `prose` only the columns before BULLET_LINES, in half the time.
    """
    longest = longest_of(starts, ends)
    most = longest // 2 + 2
    masks, block = room_for_masks(longest)
    room = LineRoom(
        np.empty(most, np.uint64),
        np.empty(most, np.int64),
        np.empty(most, np.bool_),
        np.empty(most, np.bool_),
        np.empty(capacity_for(most), np.uint64),
        masks,
        block,
    )
    for row in range(len(starts)):
        count_text(data, starts[row], ends[row], flags, short, prose, room, out[row])


@borrowing
def count_text(data: Any, start: Any, end: Any, flags: Any, short: Any, prose: Any, room: Any, out: Any) -> None:
    out[:] = 0
    rows = mark_blocks(data, start, end, room.masks, room.block)
    opening = True
    at, size = 0, end - start
    while at < size:
        stop = min(next_bit(room.masks, rows, BREAKS, at), size)
        after = stop + 1
        if after < size and data[start + stop] == _CARRIAGE_RETURN and data[start + after] == _LINE_FEED:
            after += 1
        first, last, after = start + at, start + stop, min(start + after, end)
        if has_any(room.masks, NON_ASCII, at, stop):
            opening, ends_open = scan_run(data, first, last, after, flags, short, prose, opening, room, out)
            if ends_open and last < end:
                out[BLANK_LINES] += 1
                opening = True
        else:
            begin = start + next_character(room.masks, at, stop)
            if begin == last:
                out[BLANK_LINES] += 1
                opening = True
            else:
                marks = not (has_any(room.masks, LETTERS, at, stop) or has_any(room.masks, DIGITS, at, stop))
                note_line(hash_bytes(data, first, last), last - first, short, opening, marks, room, out)
                if prose:
                    note_ascii_wording(data, begin, last, after, flags, out)
                opening = False
        at = after - start
    lines = out[LINES]
    repeated = sum_duplicates(room.hashes, room.lengths, room.marks, lines, room.keys)
    out[DUPLICATE_LINES], out[DUPLICATE_LINE_CHARACTERS], out[MARK_LINES] = repeated[0], repeated[1], repeated[2]
    out[DUPLICATE_MARK_LINES], out[DUPLICATE_MARK_LINE_CHARACTERS] = repeated[3], repeated[4]
    if not prose:
        return
    paragraphs = join_paragraphs(room.hashes, room.lengths, room.opens, room.marks, lines)
    out[PARAGRAPHS] = paragraphs
    repeated = sum_duplicates(room.hashes, room.lengths, room.marks, paragraphs, room.keys)
    out[DUPLICATE_PARAGRAPHS], out[DUPLICATE_PARAGRAPH_CHARACTERS], out[MARK_PARAGRAPHS] = repeated[0], repeated[1], repeated[2]
    out[DUPLICATE_MARK_PARAGRAPHS], out[DUPLICATE_MARK_PARAGRAPH_CHARACTERS] = repeated[3], repeated[4]


@inlined
def note_ascii_wording(data: Any, begin: Any, last: Any, after: Any, flags: Any, out: Any) -> None:
    """`note_wording` for a line of ASCII, with its first character at `begin` and the end of its break at `after`."""
    stop = last
    while flags[data[stop - 1]] & SPACE:
        stop -= 1
    final = np.int64(data[stop - 1])
    dots, at = 0, stop
    while at > begin and dots < 3 and (data[at - 1] == _DOT or (dots and flags[data[at - 1]] & SPACE)):
        dots += data[at - 1] == _DOT
        at -= 1
    inner = 0
    if flags[final] & CLOSER:
        at = stop
        while at > begin and flags[data[at - 1]] & (CLOSER | SPACE):
            at -= 1
        if at > begin:
            inner = np.int64(flags[data[at - 1]])
    note_wording(data, begin, after, dots, final, inner, flags, out)


@borrowing
def scan_run(data: Any, start: Any, end: Any, after: Any, flags: Any, short: Any, prose: Any, opening: Any, room: Any, out: Any) -> Any:
    """Note the lines of what stands between two ASCII line breaks, a code point at a time; return whether a paragraph opens with the next one, and
    whether the run ends in a line break."""
    position = start
    closed = False
    while position < end:
        line_start, line_end = position, end
        length, dots, final, inner = 0, 0, 0, 0
        first_at = -1
        closed, marks = False, True
        while position < end:
            at = position
            code, position = decode(data, position, end)
            bits = flags_of(code, flags)
            if bits & LINE_BREAK:
                closed, line_end = True, at
                break
            length += 1
            if bits & SPACE:
                continue
            if first_at < 0:
                first_at = at
            if bits & (LETTER | DIGIT | MARK):
                marks = False
            dots = dots + 1 if code == _DOT else 0
            final = code
            if not bits & CLOSER:
                inner = bits
        if first_at < 0:
            out[BLANK_LINES] += 1
            opening = True
            continue
        note_line(hash_bytes(data, line_start, line_end), length, short, opening, marks, room, out)
        if prose:
            note_wording(data, first_at, position if closed else after, dots, final, inner, flags, out)
        opening = False
    return opening, closed


@inlined
def note_line(key: Any, length: Any, short: Any, opening: Any, marks: Any, room: Any, out: Any) -> None:
    """Count a line that is not blank. `opening`: whether a paragraph opens with it; `marks`: whether it has no letter or digit."""
    count = out[LINES]
    room.hashes[count], room.lengths[count], room.opens[count], room.marks[count] = key, length, opening, marks
    out[LINES] += 1
    out[LINE_CHARACTERS] += length
    out[LONGEST_LINE] = max(out[LONGEST_LINE], length)
    out[SHORT_LINES] += length <= short


@inlined
def note_wording(data: Any, first: Any, after: Any, dots: Any, final: Any, inner: Any, flags: Any, out: Any) -> None:
    """Count how a line begins and ends. `first`: its first character that is no space; `final`: its last; `dots`: full stops at its end; `inner`: the
    flags of the last character before the closing quotes and brackets there."""
    bits = flags_of(final, flags)
    out[LAST_CHARACTER] = final
    if data[first] >= 0x80 or not flags[data[first]] & LETTER:
        out[BULLET_LINES] += is_bullet(data, first, after, flags)
    out[ELLIPSIS_LINES] += dots >= 3 or final == _ELLIPSIS
    out[TERMINAL_LINES] += (bits & TERMINAL) != 0
    out[QUOTED_TERMINAL_LINES] += (bits & TERMINAL) == 0 and (bits & CLOSER) != 0 and (inner & TERMINAL) != 0


@borrowing
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


@borrowing
def join_paragraphs(hashes: Any, lengths: Any, opens: Any, marks: Any, lines: Any) -> Any:
    """Turn the hashes, lengths and marks of lines into those of paragraphs, in place (a paragraph's length counts a line break between its lines);
    return how many."""
    paragraphs = 0
    for line in range(lines):
        if opens[line]:
            hashes[paragraphs] = hashes[line]
            lengths[paragraphs] = lengths[line]
            marks[paragraphs] = marks[line]
            paragraphs += 1
        else:
            hashes[paragraphs - 1] = join(hashes[paragraphs - 1], hashes[line])
            lengths[paragraphs - 1] += lengths[line] + 1
            marks[paragraphs - 1] &= marks[line]
    return paragraphs


@borrowing
def sum_duplicates(hashes: Any, lengths: Any, marks: Any, count: Any, keys: Any) -> Any:
    """How many of the first `count` items occurred before, and the sum of their lengths; how many items are marks alone, how many of these occurred
    before, and the sum of their lengths. `keys`: room for a table of them."""
    capacity = capacity_for(count)
    keys[:capacity] = 0
    repeated, characters, signs, repeated_signs, sign_characters = 0, 0, 0, 0, 0
    for item in range(count):
        key = max(hashes[item], np.uint64(1))
        slot = slot_of(key, keys, capacity - 1)
        signs += marks[item]
        if keys[slot] == 0:
            keys[slot] = key
        else:
            repeated += 1
            characters += lengths[item]
            if marks[item]:
                repeated_signs += 1
                sign_characters += lengths[item]
    return repeated, characters, signs, repeated_signs, sign_characters
