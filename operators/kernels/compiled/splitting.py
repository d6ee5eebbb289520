"""Cutting text into words.

A word is a maximal run of non-space characters. Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan and Javanese put no spaces between words; there a run
is cut near the mean length of a word: after 2 Han characters (frequent particles such as 的 or 在 are words of their own), 3 hiragana, 8 katakana or
4 letters of the others; where the script changes; and after punctuation, which belongs to the word before it. Dictionaries do better, at 100 to 1,000
times the cost; for counts, repetition and near-duplicates this is close enough, and it depends on the text alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import (
    CLOSER,
    DIGIT,
    LETTER,
    LINE_BREAK,
    LOWER,
    MARK,
    PAUSE,
    SCRIPT_SHIFT,
    SPACE,
    TERMINAL,
    WORD_LETTERS,
)
from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.hashing import FIRST, mix, next_hash
from operators.kernels.compiled.utf8 import decode, flags_of, lower_of

# What is noted of a word: the flags of all its characters, and these.
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

_ALL_FLAGS = (1 << SCRIPT_SHIFT) - 1
CONTENT = LETTER | DIGIT | MARK
_LETTER_OR_DIGIT = LETTER | DIGIT
_DOT = 0x2E
_ELLIPSIS = 0x2026
_CARRIAGE_RETURN = 0x0D
_LINE_FEED = 0x0A


@compiled
def most_words(starts: Any, ends: Any) -> Any:
    """How many words the longest of the texts can have: each takes a byte and a space, or the three bytes of an unspaced script."""
    longest = 0
    for row in range(len(starts)):
        longest = max(longest, ends[row] - starts[row])
    return longest // 2 + 2


@compiled
def split_words(data: Any, start: Any, end: Any, flags: Any, lower: Any, exact: Any, folded: Any, lengths: Any, notes: Any) -> Any:
    """Write each word's hash, its hash in lower case without the punctuation around it, its code points and its notes; return how many words."""
    count = 0
    is_open = False
    h, f, f_kept = FIRST, FIRST, FIRST
    length, letters, pieces, script, note = 0, 0, 0, -1, 0
    after_content = False
    previous, last_flags, last_code, dots = 0, 0, 0, 0
    before, breaks = LINE_BEFORE | PARAGRAPH_BEFORE, 0
    position = start
    while True:
        at_end = position >= end
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
            if letters > LETTER:
                note |= SEVERAL_LETTERS
            exact[count] = mix(h)
            folded[count] = mix(f_kept) if script >= 0 else mix(h)
            lengths[count] = length
            notes[count] = note
            count += 1
            is_open = False
        if at_end:
            return count
        if bits & SPACE:
            before |= SPACE_BEFORE
            if bits & LINE_BREAK and not (code == _LINE_FEED and previous == _CARRIAGE_RETURN):
                breaks += 1
                before |= LINE_BEFORE if breaks == 1 else PARAGRAPH_BEFORE
            previous = code
            continue
        if not is_open:
            is_open = True
            h, f, f_kept = FIRST, FIRST, FIRST
            length, letters, pieces, script, note = 0, 0, 0, -1, before
            after_content = False
            last_flags, last_code, dots, previous = 0, 0, 0, 0
            before, breaks = 0, 0
            if bits & PAUSE:
                note |= FIRST_PAUSE
        length += 1
        note |= bits & _ALL_FLAGS
        h = next_hash(h, code)
        if has_content:
            if script < 0:
                script = kind
                if bits & LOWER:
                    note |= FIRST_LOWER
            if previous == _DOT:
                note |= INNER_DOT
            letters += bits & LETTER
            if (bits & MARK) == 0:
                pieces += 1
            after_content = False
        else:
            after_content = True
        if script >= 0:
            f = next_hash(f, lower_of(code, lower))
            if has_content:
                f_kept = f
        if (bits & CLOSER) == 0:
            last_flags, last_code = bits, code
            dots = dots + 1 if code == _DOT else 0
        previous = code
        if script == 0 and has_content:
            # Most text is ASCII letters inside a word: nothing but hashes, length and notes can change until another character comes.
            first = position
            while position < end:
                byte = data[position]
                if byte >= 0x80 or flags[byte] & _LETTER_OR_DIGIT == 0:
                    break
                bits = np.int64(flags[byte])
                note |= bits
                letters += bits & LETTER
                h = next_hash(h, byte)
                f = next_hash(f, lower[byte])
                position += 1
            if position > first:
                length += position - first
                f_kept = f
                last_flags, last_code, dots = bits, 0, 0
                previous = 0
    return count


@compiled
def split_all(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, exact: Any, lengths: Any, notes: Any, firsts: Any, counted: Any) -> None:
    """Write the words of all texts one after the other, and where those of each text start and how many they are."""
    folded = np.empty(most_words(starts, ends), np.uint64)
    at = 0
    for row in range(len(starts)):
        firsts[row] = at
        counted[row] = split_words(data, starts[row], ends[row], flags, lower, exact[at:], folded, lengths[at:], notes[at:])
        at += counted[row]
