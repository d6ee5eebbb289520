"""The lines that C4 keeps of a page, and what speaks against the page (Raffel et al. 2020, and the code that made it)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from operators.kernels.c4_phrases import PHRASES
from operators.kernels.characters import CLOSER, LINE_BREAK, SCRIPT_SHIFT, SPACE, TERMINAL
from operators.kernels.compiled.blocks import BLOCK, low_bits, match, match_pairs, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.masks import BREAKS, NON_ASCII, has_any, longest_of, mark_blocks, next_bit, next_character, room_for_masks
from operators.kernels.compiled.phrases import lower_ascii
from operators.kernels.compiled.splitting import room_for_words, split_words
from operators.kernels.compiled.utf8 import decode, flags_of
from operators.kernels.compiled.words import count_sentences

LINES, SENTENCES, FORBIDDEN = 0, 1, 2
COLUMNS = 3
DROPPED, KEPT, FORBIDS = 0, 1, 2

LEAST_WORDS, LONGEST_WORD = 3, 1000
_DOT, _CURLY, _OPEN, _CLOSE = 0x2E, 0x7B, 0x5B, 0x5D
_MOST_CITATION = 64
_UNMARKED_FIRST, _UNMARKED_LAST = 0x0E00, 0x0EFF
"""Thai and Lao end sentences with a space, or with nothing."""
LEAST_UNSPACED = 6
"""Characters of a script without spaces that are worth three words."""
_EDIT, _NEEDED = np.frombuffer(b"edit", np.uint8), np.frombuffer(b"citation needed", np.uint8)


_match_curly = match([_CURLY])
_match_rare = match_pairs(sorted({phrase[rare : rare + 2].encode() for phrase, rare in PHRASES}))


class LineRoom(NamedTuple):
    """Where the lines that stay start and end, and whether they forbid the page; and scratch."""

    firsts: Any
    lasts: Any
    forbid: Any
    masks: Any
    block: Any
    next_block: Any


@compiled
def room_for_lines(starts: Any, ends: Any) -> Any:
    """Room for the lines of the longest of the texts."""
    longest = longest_of(starts, ends)
    most = longest // 2 + 2
    masks, block = room_for_masks(longest)
    return LineRoom(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.bool_), masks, block, np.empty(BLOCK, np.uint8))


@compiled
def count_c4_lines(
    data: Any,
    starts: Any,
    ends: Any,
    flags: Any,
    lower: Any,
    abbreviations: Any,
    phrases: Any,
    bounds: Any,
    rare: Any,
    every_script: Any,
    out: Any,
) -> None:
    """Fill `out` (rows, COLUMNS): lines kept, sentences in them, and lines that forbid the page. `phrases`: see `kind_of_line`; `every_script`: see
    `ends_sentence`."""
    words, room = room_for_words(starts, ends), room_for_lines(starts, ends)
    for row in range(len(starts)):
        lines = find_c4_lines(data, starts[row], ends[row], flags, phrases, bounds, rare, every_script, room)
        out[row, LINES] = lines
        for line in range(lines):
            out[row, FORBIDDEN] += room.forbid[line]
            count = split_words(data, room.firsts[line], room.lasts[line], flags, lower, True, words)
            out[row, SENTENCES] += max(1, count_sentences(count, words.folded, words.lengths, words.notes, abbreviations))


@borrowing
def find_c4_lines(data: Any, start: Any, end: Any, flags: Any, phrases: Any, bounds: Any, rare: Any, every_script: Any, room: Any) -> Any:
    """Write where the lines of one text that are not dropped start and end, without the spaces around them; return how many."""
    rows = mark_blocks(data, start, end, room.masks, room.block)
    count, at, size = 0, 0, end - start
    while at < size:
        stop = min(next_bit(room.masks, rows, BREAKS, at), size)
        if has_any(room.masks, NON_ASCII, at, stop):
            position = start + at
            while position < start + stop:
                first, last, position = next_line(data, position, start + stop, flags)
                count = keep_line(data, first, last, flags, phrases, bounds, rare, every_script, count, room)
        else:
            first, last = start + next_character(room.masks, at, stop), start + stop
            while last > first and flags[data[last - 1]] & SPACE:
                last -= 1
            count = keep_line(data, first, last, flags, phrases, bounds, rare, every_script, count, room)
        at = stop + 1
    return count


@inlined
def keep_line(data: Any, first: Any, last: Any, flags: Any, phrases: Any, bounds: Any, rare: Any, every_script: Any, count: Any, room: Any) -> Any:
    if not ends_sentence(data, first, last, flags, every_script) or not has_words(data, first, last, flags, every_script):
        return count
    kind = kind_of_line(data, first, last, phrases, bounds, rare, room.block, room.next_block)
    room.firsts[count], room.lasts[count], room.forbid[count] = first, last, kind == FORBIDS
    return count + (kind != DROPPED)


@borrowing
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
        if bits & LINE_BREAK:
            if code == 0x0D and position < end and data[position] == 0x0A:
                position += 1
            break
        if not bits & SPACE:
            if first < 0:
                first = at
            last = position
    return (last if first < 0 else first), last, position


@borrowing
def kind_of_line(data: Any, first: Any, last: Any, phrases: Any, bounds: Any, rare: Any, block: Any, next_block: Any) -> Any:
    """DROPPED, KEPT or FORBIDS, asked in the order of C4's code.

    `phrases`: lower-case bytes of phrases one after the other, bounded by `bounds`, each with two rare letters at `rare`: the first forbids the
    page, the others drop the line.
    """
    met = len(rare)
    curly = False
    for at in range(first, last, BLOCK):
        take_block(data, at, block)
        take_block(data, at + 1, next_block)
        inside = low_bits(last - at)
        curly |= (_match_curly(block) & inside) != 0
        found = _match_rare(block, next_block) & inside
        while found:
            position = at + trailing_zeros(found)
            found &= found - np.uint64(1)
            for phrase in range(met):
                begin, size = position - rare[phrase], bounds[phrase + 1] - bounds[phrase]
                if begin >= first and begin + size <= last and stands_at(data, begin, phrases, bounds[phrase], size):
                    met = phrase
                    break
    if met == 0:
        return FORBIDS
    if met == 1:
        return DROPPED
    if curly:
        return FORBIDS
    return KEPT if met == len(rare) else DROPPED


@inlined
def stands_at(data: Any, begin: Any, phrases: Any, at: Any, size: Any) -> Any:
    for offset in range(size):
        if lower_ascii(data[begin + offset]) != phrases[at + offset]:
            return False
    return True


@borrowing
def ends_sentence(data: Any, first: Any, last: Any, flags: Any, every_script: Any) -> Any:
    """Whether a line ends in one of . ? ! " ' and not in an ellipsis, citations ("[12]", "[edit]") after it left out; with `every_script` also in the
    end mark of another script, closing quotes after it left out, or in a letter of a script that has no such mark."""
    last = without_citations(data, first, last)
    if last <= first:
        return False
    mark = data[last - 1]
    if mark in (0x2E, 0x3F, 0x21, 0x22, 0x27):
        return not (mark == _DOT and last - first >= 3 and data[last - 2] == _DOT and data[last - 3] == _DOT)
    if not every_script:
        return False
    while last > first:
        at = last - 1
        while at > first and data[at] & 0xC0 == 0x80:
            at -= 1
        code, _ = decode(data, at, last)
        bits = flags_of(code, flags)
        if not bits & CLOSER:
            return bits & TERMINAL != 0 or (code >= _UNMARKED_FIRST and code <= _UNMARKED_LAST)
        last = at
    return False


@borrowing
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


@borrowing
def is_citation(data: Any, first: Any, last: Any) -> Any:
    """Digits or nothing, "edit", or "citation needed"."""
    digits = True
    for position in range(first, last):
        if data[position] < 0x30 or data[position] > 0x39:
            digits = False
    if digits:
        return True
    return equals(data, first, last, _EDIT) or equals(data, first, last, _NEEDED)


@borrowing
def equals(data: Any, first: Any, last: Any, word: Any) -> Any:
    if last - first != len(word):
        return False
    for position in range(len(word)):
        if data[first + position] != word[position]:
            return False
    return True


@borrowing
def has_words(data: Any, first: Any, last: Any, flags: Any, every_script: Any) -> Any:
    """Whether there are three words between spaces, and none of more than 1,000 characters; with `every_script`, or as much text without spaces."""
    words, length, unspaced, position = 0, 0, 0, first
    while position < last:
        code, position = decode(data, position, last)
        bits = flags_of(code, flags)
        if bits & SPACE:
            length = 0
            if words >= LEAST_WORDS and last - position <= LONGEST_WORD:
                return True
            continue
        if every_script and (bits >> SCRIPT_SHIFT) & 7:
            unspaced += 1
            length = 0
            continue
        if length == 0:
            words += 1
        length += 1
        if length > LONGEST_WORD:
            return False
    return words >= LEAST_WORDS or unspaced >= LEAST_UNSPACED
