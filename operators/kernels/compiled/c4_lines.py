"""The lines that C4 keeps of a page, and what speaks against the page (Raffel et al. 2020, and the code that made it)."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.phrases import lower_ascii
from operators.kernels.compiled.splitting import most_words, split_words
from operators.kernels.compiled.utf8 import decode, flags_of
from operators.kernels.compiled.words import count_sentences

LINES, SENTENCES, FORBIDDEN = 0, 1, 2
COLUMNS = 3
DROPPED, KEPT, FORBIDS = 0, 1, 2

LEAST_WORDS, LONGEST_WORD = 3, 1000
_SPACE, _LINE_BREAK = 1, 2
_DOT, _CURLY, _OPEN, _CLOSE = 0x2E, 0x7B, 0x5B, 0x5D
_MOST_CITATION = 64
_EDIT, _NEEDED = np.frombuffer(b"edit", np.uint8), np.frombuffer(b"citation needed", np.uint8)


@compiled
def count_c4_lines(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, abbreviations: Any, phrases: Any, bounds: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS): lines kept, sentences in them, and lines that forbid the page. `phrases`: see `kind_of_line`."""
    most = most_words(starts, ends)
    exact, folded = np.empty(most, np.uint64), np.empty(most, np.uint64)
    lengths, notes = np.empty(most, np.int32), np.empty(most, np.uint32)
    for row in range(len(starts)):
        position, end = starts[row], ends[row]
        while position < end:
            first, last, position = next_line(data, position, end, flags)
            kind = kind_of_line(data, first, last, flags, phrases, bounds)
            if kind == FORBIDS:
                out[row, FORBIDDEN] += 1
            if kind != DROPPED:
                out[row, LINES] += 1
                count = split_words(data, first, last, flags, lower, exact, folded, lengths, notes)
                out[row, SENTENCES] += count_sentences(count, folded, lengths, notes, abbreviations)


@compiled
def find_c4_lines(data: Any, start: Any, end: Any, flags: Any, phrases: Any, bounds: Any, firsts: Any, lasts: Any) -> Any:
    """Write where the lines of one text that are not dropped start and end, without the spaces around them; return how many."""
    count = 0
    position = start
    while position < end:
        first, last, position = next_line(data, position, end, flags)
        if kind_of_line(data, first, last, flags, phrases, bounds) != DROPPED:
            firsts[count], lasts[count] = first, last
            count += 1
    return count


@compiled
def next_line(data: Any, position: Any, end: Any, flags: Any) -> Any:
    """Where the line starts and ends without the spaces around it, and where the next one starts (`str.splitlines`)."""
    first, last = -1, position
    while position < end:
        byte = data[position]
        if byte > 0x20 and byte < 0x7F:
            if first < 0:
                first = position
            position += 1
            last = position
            continue
        at = position
        code, position = decode(data, position, end)
        bits = flags_of(code, flags)
        if bits & _LINE_BREAK:
            if code == 0x0D and position < end and data[position] == 0x0A:
                position += 1
            break
        if not bits & _SPACE:
            if first < 0:
                first = at
            last = position
    return (last if first < 0 else first), last, position


@compiled
def kind_of_line(data: Any, first: Any, last: Any, flags: Any, phrases: Any, bounds: Any) -> Any:
    """DROPPED, KEPT or FORBIDS, asked in the order of C4's code.

    `phrases`: lower-case bytes of phrases one after the other, bounded by `bounds`: the first forbids the page, the others drop the line.
    """
    if not ends_sentence(data, first, last) or not has_words(data, first, last, flags):
        return DROPPED
    met = 1 << 30
    curly = False
    for position in range(first, last):
        byte = data[position]
        if byte == _CURLY:
            curly = True
        byte = lower_ascii(byte)
        if not (byte == 0x6C or byte == 0x6A or byte == 0x74 or byte == 0x70 or byte == 0x63 or byte == 0x75):
            continue  # no phrase starts with it
        for phrase in range(len(bounds) - 1):
            at = bounds[phrase]
            if phrases[at] != byte or phrase >= met:
                continue
            size = bounds[phrase + 1] - at
            if position + size > last:
                continue
            same = True
            for offset in range(1, size):
                if lower_ascii(data[position + offset]) != phrases[at + offset]:
                    same = False
                    break
            if same:
                met = phrase
    if met == 0:
        return FORBIDS
    if met == 1:
        return DROPPED
    if curly:
        return FORBIDS
    return KEPT if met == 1 << 30 else DROPPED


@compiled
def ends_sentence(data: Any, first: Any, last: Any) -> Any:
    """Whether a line ends in one of . ? ! " ' and not in an ellipsis, citations ("[12]", "[edit]") after it left out."""
    last = without_citations(data, first, last)
    if last <= first:
        return False
    mark = data[last - 1]
    if mark not in (0x2E, 0x3F, 0x21, 0x22, 0x27):
        return False
    return not (mark == _DOT and last - first >= 3 and data[last - 2] == _DOT and data[last - 3] == _DOT)


@compiled
def without_citations(data: Any, first: Any, last: Any) -> Any:
    """The end of the line without the citations there."""
    while last - first >= 2 and data[last - 1] == _CLOSE:
        opened = last - 2
        while opened >= first and data[opened] != _OPEN and last - opened < _MOST_CITATION:
            opened -= 1
        if opened < first or data[opened] != _OPEN or not is_citation(data, opened + 1, last - 1):
            break
        last = opened
    return last


@compiled
def is_citation(data: Any, first: Any, last: Any) -> Any:
    """Digits or nothing, "edit", or "citation needed"."""
    digits = True
    for position in range(first, last):
        if data[position] < 0x30 or data[position] > 0x39:
            digits = False
    if digits:
        return True
    return equals(data, first, last, _EDIT) or equals(data, first, last, _NEEDED)


@compiled
def equals(data: Any, first: Any, last: Any, word: Any) -> Any:
    if last - first != len(word):
        return False
    for position in range(len(word)):
        if data[first + position] != word[position]:
            return False
    return True


@compiled
def has_words(data: Any, first: Any, last: Any, flags: Any) -> Any:
    """Whether there are three words between spaces, and none of more than 1,000 characters."""
    words, length, position = 0, 0, first
    while position < last:
        code, position = decode(data, position, last)
        if flags_of(code, flags) & _SPACE:
            length = 0
            if words >= LEAST_WORDS and last - position <= LONGEST_WORD:
                return True
            continue
        if length == 0:
            words += 1
        length += 1
        if length > LONGEST_WORD:
            return False
    return words >= LEAST_WORDS
