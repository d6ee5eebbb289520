"""Cutting text into words.

A word is a maximal run of non-space characters. Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan and Javanese put no spaces between words; there a run
is cut near the mean length of a word: after 2 Han characters (frequent particles such as 的 or 在 are words of their own), 3 hiragana, 8 katakana or
4 letters of the others; where the script changes; and after punctuation, which belongs to the word before it. Dictionaries do better, at 100 to 1,000
times the cost; for counts, repetition and near-duplicates this is close enough, and it depends on the text alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from operators.kernels.characters import CLOSER, DIGIT, LETTER, LINE_BREAK, LOWER, MARK, PAUSE, SCRIPT_SHIFT, SPACE, TERMINAL, UPPER, WORD_LETTERS
from operators.kernels.compiled.blocks import BLOCK, item, leading_zeros, low_bits, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import FIRST, add_code, hash_bytes, hash_end, hash_folded_bytes
from operators.kernels.compiled.masks import (
    BREAKS,
    DIGITS,
    INNER_DOTS,
    LETTERS,
    LOWERS,
    NON_ASCII,
    SPACES,
    UPPERS,
    bit_at,
    bits_of,
    block_bits,
    count_breaks,
    longest_of,
    mark_blocks,
    room_for_masks,
)
from operators.kernels.compiled.utf8 import decode, flags_of, lower_of

# What is noted of a word: LETTER, DIGIT, MARK, UPPER and LOWER where a character of it is one, and these.
UNSPACED = 1 << 16
INNER_DOT = 1 << 17
FIRST_LOWER = 1 << 18
FIRST_PAUSE = 1 << 19
ENDS_TERMINAL = 1 << 20
ENDS_PAUSE = 1 << 21
ENDS_DOT = 1 << 22
ENDS_ELLIPSIS = 1 << 23
SEVERAL_LETTERS = 1 << 24
SPACE_BEFORE = 1 << 25
LINE_BEFORE = 1 << 26
PARAGRAPH_BEFORE = 1 << 27

CONTENT = LETTER | DIGIT | MARK
_KEPT_FLAGS = CONTENT | UPPER | LOWER
_PAUSE_TO_FIRST, _MARKS_TO_ENDS = 11, 13
"""How far the bits of a character are from those of a word: PAUSE from FIRST_PAUSE; TERMINAL and PAUSE from ENDS_TERMINAL and ENDS_PAUSE."""
_DOT = 0x2E
_ELLIPSIS = 0x2026


class WordRoom(NamedTuple):
    """Where the words of a text are written: their hashes, their hashes in lower case, code points and notes; and scratch (see `mark_blocks`)."""

    exact: Any
    folded: Any
    lengths: Any
    notes: Any
    masks: Any
    block: Any


@compiled
def room_for_words(starts: Any, ends: Any) -> Any:
    """Room for the words of the longest of the texts. Each takes a byte and a space, or the three bytes of an unspaced script."""
    longest = longest_of(starts, ends)
    most = longest // 2 + 2
    exact, folded, lengths, notes = np.empty(most, np.uint64), np.empty(most, np.uint64), np.empty(most, np.int32), np.empty(most, np.uint32)
    masks, block = room_for_masks(longest)
    return WordRoom(exact, folded, lengths, notes, masks, block)


@borrowing
def split_words(data: Any, start: Any, end: Any, flags: Any, lower: Any, prose: Any, room: Any) -> Any:
    """Write each word's hash, its hash in lower case without the punctuation around it, its code points and its notes; return how many words.

    Without `prose` the second hash, and what is noted of line breaks and punctuation, need not be right.
    """
    exact, folded, lengths, notes, masks, block = room
    rows = mark_blocks(data, start, end, masks, block)
    count, ended = 0, 0
    before, breaks = LINE_BEFORE | PARAGRAPH_BEFORE, 0
    space_last = np.uint64(1)
    for row in range(rows):
        spaces = block_bits(masks, SPACES, row)
        openings = ~spaces & ((spaces << np.uint64(1)) | space_last)
        space_last = spaces >> np.uint64(63)
        while openings:
            shift = np.uint64(trailing_zeros(openings))
            openings &= openings - np.uint64(1)
            first = row * BLOCK + np.int64(shift)
            closings = spaces >> shift
            if closings:
                last = first + trailing_zeros(closings)
            else:
                closing_row = row + 1
                while block_bits(masks, SPACES, closing_row) == 0:
                    closing_row += 1
                last = closing_row * BLOCK + trailing_zeros(block_bits(masks, SPACES, closing_row))
            if first > ended:
                before |= SPACE_BEFORE
            if prose and first > ended:
                more = bit_at(masks, BREAKS, ended) if first == ended + 1 else count_breaks(masks, ended, first)
                if more:
                    breaks += more
                    before |= LINE_BEFORE if breaks == 1 else LINE_BEFORE | PARAGRAPH_BEFORE
            ended = last
            size = last - first
            mask = low_bits(size)
            if size > BLOCK or bits_of(masks, NON_ASCII, row, shift, mask):
                count, before, breaks = split_run(data, start + first, start + last, flags, lower, before, breaks, count, room)
                continue
            # Nothing here branches on what the word is: a wrong guess of the processor would cost more than the work.
            letters, digits = bits_of(masks, LETTERS, row, shift, mask), bits_of(masks, DIGITS, row, shift, mask)
            uppers, lowers = bits_of(masks, UPPERS, row, shift, mask), bits_of(masks, LOWERS, row, shift, mask)
            content = letters | digits
            begin, stop = start + first, start + last
            note = before | (LETTER if letters else 0) | (DIGIT if digits else 0) | (UPPER if uppers else 0) | (LOWER if lowers else 0)
            note |= SEVERAL_LETTERS if letters & (letters - np.uint64(1)) else 0
            before, breaks = 0, 0
            key = hash_bytes(data, begin, stop)
            if prose:
                note |= FIRST_LOWER if lowers & content & (~content + np.uint64(1)) else 0
                note |= INNER_DOT if bits_of(masks, INNER_DOTS, row, shift, mask) else 0
                note |= (np.int64(item(flags, np.int64(item(data, begin)))) & PAUSE) << _PAUSE_TO_FIRST
                if not (content >> np.uint64(size - 1)) & np.uint64(1):
                    note |= note_ending(data, begin, stop, flags)
                folded[count] = key
                if uppers or (content != mask and content):
                    folded[count] = hash_folded_bytes(data, begin + trailing_zeros(content), begin + BLOCK - leading_zeros(content))
            exact[count] = key
            lengths[count] = size
            notes[count] = note
            count += 1
    return count


@inlined
def note_ending(data: Any, first: Any, last: Any, flags: Any) -> Any:
    """What is noted of the end of an ASCII word, closing quotes and brackets left out."""
    at = last - 1
    while at >= first and flags[data[at]] & CLOSER:
        at -= 1
    if at < first:
        return 0
    note = (np.int64(flags[data[at]]) & (TERMINAL | PAUSE)) << _MARKS_TO_ENDS
    if data[at] == _DOT:
        note |= ENDS_DOT
        dots = 0
        while at >= first and (data[at] == _DOT or flags[data[at]] & CLOSER):
            dots += data[at] == _DOT
            at -= 1
        if dots >= 2:
            note |= ENDS_ELLIPSIS
    return note


@borrowing
def split_run(data: Any, start: Any, end: Any, flags: Any, lower: Any, before: Any, breaks: Any, count: Any, room: Any) -> Any:
    """`split_words` for what stands between two ASCII spaces, a code point at a time. `before`, `breaks`: what was noted of the space in front, and
    its line breaks; return how many words there are then, and these two of the space at the end."""
    exact, folded, lengths, notes, _, _ = room
    is_open = False
    first = start
    so_far = (FIRST, np.uint64(0), np.uint64(0), 0)  # the hash of the word in lower case, and the same up to its last letter or digit
    to_content = so_far
    length, letters, pieces, script, note = 0, 0, 0, -1, 0
    after_content = False
    previous, last_flags, last_code, dots = 0, 0, 0, 0
    position = start
    while True:
        at_end = position >= end
        at = position
        code, bits = 0, SPACE
        if not at_end:
            code, position = decode(data, position, end)
            bits = flags_of(code, flags)
        kind = (bits >> SCRIPT_SHIFT) & 7
        has_content = (bits & CONTENT) != 0
        closes = (bits & SPACE) != 0
        if is_open and not closes and has_content and (bits & MARK) == 0 and script >= 0:
            closes = kind != script or (kind > 0 and (after_content or pieces >= WORD_LETTERS[kind]))
        if is_open and closes:
            if last_flags & TERMINAL or last_code == _ELLIPSIS:
                note |= ENDS_TERMINAL
            if last_flags & PAUSE:
                note |= ENDS_PAUSE
            if last_code == _DOT:
                note |= ENDS_DOT
            if dots >= 2 or last_code == _ELLIPSIS:
                note |= ENDS_ELLIPSIS
            if script > 0:
                note |= UNSPACED
            if letters > 1:
                note |= SEVERAL_LETTERS
            exact[count] = hash_bytes(data, first, at)
            folded[count] = hash_end(to_content[0], to_content[1], to_content[2], to_content[3]) if script >= 0 else exact[count]
            lengths[count] = length
            notes[count] = note
            count += 1
            is_open = False
        if at_end:
            return count, before, breaks
        if bits & SPACE:
            before |= SPACE_BEFORE
            if bits & LINE_BREAK:
                breaks += 1
                before |= LINE_BEFORE if breaks == 1 else PARAGRAPH_BEFORE
            continue
        if not is_open:
            is_open = True
            first = at
            so_far = (FIRST, np.uint64(0), np.uint64(0), 0)
            length, letters, pieces, script, note = 0, 0, 0, -1, before
            after_content = False
            last_flags, last_code, dots, previous = 0, 0, 0, 0
            before, breaks = 0, 0
            if bits & PAUSE:
                note |= FIRST_PAUSE
        length += 1
        note |= bits & _KEPT_FLAGS
        if has_content:
            if script < 0:
                script = kind
                if bits & LOWER:
                    note |= FIRST_LOWER
            if previous == _DOT:
                note |= INNER_DOT
            letters += (bits & LETTER) != 0
            if (bits & MARK) == 0:
                pieces += 1
            after_content = False
        else:
            after_content = True
        if script >= 0:
            so_far = add_code(so_far[0], so_far[1], so_far[2], so_far[3], lower_of(code, lower))
            if has_content:
                to_content = so_far
        if (bits & CLOSER) == 0:
            last_flags, last_code = bits, code
            dots = dots + 1 if code == _DOT else 0
        previous = code
    return count, before, breaks


@compiled
def split_all(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, exact: Any, lengths: Any, notes: Any, firsts: Any, counted: Any) -> None:
    """Write the words of all texts one after the other, and where those of each text start and how many they are; notes as without prose."""
    scratch = room_for_words(starts, ends)
    at = 0
    for row in range(len(starts)):
        firsts[row] = at
        room = WordRoom(exact[at:], scratch.folded, lengths[at:], notes[at:], scratch.masks, scratch.block)
        counted[row] = split_words(data, starts[row], ends[row], flags, lower, False, room)
        at += counted[row]
