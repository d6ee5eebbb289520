"""What is counted over the words of a text."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import DIGIT, LETTER, LOWER, UPPER
from operators.kernels.compiled.blocks import count_ones, low_bits
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import capacity_for, hash_bytes, slot_of
from operators.kernels.compiled.splitting import (
    CONTENT,
    ENDS_DOT,
    ENDS_ELLIPSIS,
    ENDS_PAUSE,
    ENDS_TERMINAL,
    FIRST_LOWER,
    FIRST_PAUSE,
    INNER_DOT,
    LINE_BEFORE,
    PARAGRAPH_BEFORE,
    SEVERAL_LETTERS,
    UNSPACED,
    WordRoom,
    room_for_words,
    split_words,
)

WORDS, WORD_CHARACTERS, ALPHABETIC_WORDS, UPPER_CASE_WORDS, SYMBOL_WORDS, UNSPACED_WORDS = 0, 1, 2, 3, 4, 5
LONGEST_WORD, UNIQUE_WORDS, WINDOWED_UNIQUE_WORDS, WINDOWED_WORDS, SENTENCES, LONGEST_UNPUNCTUATED_RUN = 6, 7, 8, 9, 10, 11
STOP_WORDS, DISTINCT_STOP_WORDS, SYMBOL_WORD_CHARACTERS, MARK_WORDS, OTHER_STOP_WORDS = 12, 13, 14, 15, 16
COLUMNS = 17

RULER = 3
"""Code points from which signs alone are a ruler: "---", "####"."""

_BAR = 0x7C
"""It parts the cells of a table."""

WINDOW = 1000
"""Words over which distinct ones are counted: their share falls with the length of a text, so long texts are measured in windows."""


@compiled
def count_words(
    data: Any,
    starts: Any,
    ends: Any,
    flags: Any,
    lower: Any,
    abbreviations: Any,
    stop_words: Any,
    other_stop_words: Any,
    exact: Any,
    lengths: Any,
    notes: Any,
    firsts: Any,
    kept: Any,
    prose: Any,
    out: Any,
) -> None:
    """Fill `out` (rows, COLUMNS) with what is counted over the words of each text; without `prose` only the columns up to LONGEST_WORD and
    SYMBOL_WORD_CHARACTERS, in half the time. `abbreviations`, `stop_words` and `other_stop_words`: sorted folded hashes, at most 64 of the last two.

    The words themselves go to `exact`, `lengths`, `notes`: with `kept`, those of text i from `firsts[i]` on; else each text over the last.
    """
    scratch = room_for_words(starts, ends)
    folded = scratch.folded
    keys, lookup = np.empty(capacity_for(len(folded)), np.uint64), lookup_of(np.concatenate((stop_words, other_stop_words)))
    wanted, bar = low_bits(len(stop_words)), hash_bytes(np.full(1, _BAR, np.uint8), 0, 1)
    at = 0
    for row in range(len(starts)):
        long, marked = lengths[at:], notes[at:]
        room = WordRoom(exact[at:], folded, long, marked, scratch.masks, scratch.block)
        count = split_words(data, starts[row], ends[row], flags, lower, prose, room)
        firsts[row] = at
        if kept:
            at += count
        sum_kinds(count, long, marked, out, row)
        if not prose:
            continue
        sum_marks(count, room.exact, long, marked, bar, out, row)
        out[row, SENTENCES] = count_sentences(count, folded, long, marked, abbreviations)
        out[row, STOP_WORDS], out[row, DISTINCT_STOP_WORDS], out[row, OTHER_STOP_WORDS] = sum_members(count, folded, lookup, wanted)
        out[row, UNIQUE_WORDS] = count_distinct(folded, 0, count, keys)
        windows = count // WINDOW
        if windows == 0 or count == WINDOW:
            out[row, WINDOWED_WORDS] = count
            out[row, WINDOWED_UNIQUE_WORDS] = out[row, UNIQUE_WORDS]
        else:
            out[row, WINDOWED_WORDS] = windows * WINDOW
            for window in range(windows):
                out[row, WINDOWED_UNIQUE_WORDS] += count_distinct(folded, window * WINDOW, (window + 1) * WINDOW, keys)


@borrowing
def sum_kinds(count: Any, lengths: Any, notes: Any, out: Any, row: Any) -> None:
    """The sums that need nothing of other words. Nothing here branches, so that the loop becomes one of vectors."""
    characters, alphabetic, upper, symbols, symbol_characters, unspaced, longest = 0, 0, 0, 0, 0, 0, 0
    for word in range(count):
        note, length = notes[word], np.int64(lengths[word])
        is_symbol = np.int64((note & CONTENT) == 0)
        characters += length
        longest = max(longest, length)
        alphabetic += np.int64((note & LETTER) != 0)
        upper += np.int64((note & (SEVERAL_LETTERS | UPPER | LOWER | DIGIT)) == SEVERAL_LETTERS | UPPER)
        unspaced += np.int64((note & UNSPACED) != 0)
        symbols += is_symbol
        symbol_characters += is_symbol * length
    out[row, WORDS] = count
    out[row, WORD_CHARACTERS] = characters
    out[row, ALPHABETIC_WORDS] = alphabetic
    out[row, UPPER_CASE_WORDS] = upper
    out[row, SYMBOL_WORDS] = symbols
    out[row, SYMBOL_WORD_CHARACTERS] = symbol_characters
    out[row, UNSPACED_WORDS] = unspaced
    out[row, LONGEST_WORD] = longest


@borrowing
def sum_marks(count: Any, exact: Any, lengths: Any, notes: Any, bar: Any, out: Any, row: Any) -> None:
    """Words that mark something, and the longest run of words without punctuation or line break between them."""
    marks, run, longest_run = 0, 0, 0
    opens = True
    for word in range(count):
        note = notes[word]
        opens |= (note & LINE_BEFORE) != 0
        if note & (LINE_BEFORE | FIRST_PAUSE):
            run = 0
        if note & CONTENT:
            run += 1
            longest_run = max(longest_run, run)
            opens = False
        else:
            marks += opens or lengths[word] >= RULER or exact[word] == bar
        if note & (ENDS_PAUSE | ENDS_TERMINAL):
            run = 0
    out[row, MARK_WORDS] = marks
    out[row, LONGEST_UNPUNCTUATED_RUN] = longest_run


@borrowing
def count_sentences(count: Any, folded: Any, lengths: Any, notes: Any, abbreviations: Any) -> Any:
    """Sentences end at a terminal mark or with a paragraph; a full stop after an abbreviation, an initial or a list number, or before a small
    letter, ends none."""
    sentences = 0
    pending = False
    for word in range(count):
        note = notes[word]
        if note & PARAGRAPH_BEFORE and pending:
            sentences += 1
            pending = False
        if note & CONTENT:
            pending = True
        if pending and note & ENDS_TERMINAL:
            follows = word + 1 < count and not notes[word + 1] & PARAGRAPH_BEFORE
            if follows and note & (ENDS_DOT | ENDS_ELLIPSIS):
                if notes[word + 1] & FIRST_LOWER:
                    continue
                if note & ENDS_DOT and not note & ENDS_ELLIPSIS and is_shortening(note, lengths[word], folded[word], abbreviations):
                    continue
            sentences += 1
            pending = False
    return sentences + 1 if pending else sentences


@borrowing
def is_shortening(note: Any, length: Any, folded: Any, abbreviations: Any) -> Any:
    """Whether a word's last full stop belongs to it: "J.", "e.g.", "U.S.", "Dr.", or the number of a list item at the start of its line."""
    if note & LETTER and not note & (SEVERAL_LETTERS | DIGIT | UNSPACED):
        return True
    if note & INNER_DOT and note & LETTER and length <= 6:
        return True
    if note & LINE_BEFORE and note & DIGIT and not note & LETTER and length <= 4:
        return True
    at = np.searchsorted(abbreviations, folded)
    return at < len(abbreviations) and abbreviations[at] == folded


@borrowing
def count_distinct(hashes: Any, first: Any, last: Any, keys: Any) -> Any:
    """How many different hashes lie in [first, last). `keys`: room for a table of them; a hash of 0 counts as 1, since 0 is an empty slot."""
    capacity = capacity_for(last - first)
    keys[:capacity] = 0
    distinct = 0
    for item in range(first, last):
        key = max(hashes[item], np.uint64(1))
        slot = slot_of(key, keys, capacity - 1)
        distinct += keys[slot] == 0
        keys[slot] = key
    return distinct


@compiled
def count_members(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, members: Any, out: Any) -> None:
    """Fill `out` (rows, 2): words of each text that belong to a small set, and how many different ones. `members`: at most 64 sorted folded
    hashes."""
    room, lookup = room_for_words(starts, ends), lookup_of(members)
    for row in range(len(starts)):
        count = split_words(data, starts[row], ends[row], flags, lower, True, room)
        out[row, 0], out[row, 1], _ = sum_members(count, room.folded, lookup, low_bits(len(members)))


_SLOTS = 2048
"""So many that few words of a text, which are not in the set, fall on one that is."""


@compiled
def lookup_of(members: Any) -> Any:
    """A set of at most 64 hashes to look words up in: the hash at each slot of a table, or 0, and its number."""
    keys, numbers = np.zeros(_SLOTS, np.uint64), np.zeros(_SLOTS, np.uint8)
    for member in range(len(members)):
        slot = slot_of(members[member], keys, _SLOTS - 1)
        keys[slot], numbers[slot] = members[member], member
    return keys, numbers


@inlined
def sum_members(count: Any, folded: Any, lookup: Any, wanted: Any) -> Any:
    """Words that belong to the first members of the set, whose bits are `wanted`; how many different ones; and words that belong to the others."""
    keys, numbers = lookup
    occurrences, others = 0, 0
    met = np.uint64(0)
    for word in range(count):
        slot = slot_of(folded[word], keys, _SLOTS - 1)
        bit = np.uint64(keys[slot] == folded[word]) << np.uint64(numbers[slot])
        occurrences += (bit & wanted) != 0
        others += (bit & ~wanted) != 0
        met |= bit
    return occurrences, count_ones(met & wanted), others


@compiled
def fold_words(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, out: Any) -> None:
    """The folded hash of the first word of each text, 0 where there is none: how a list of words becomes a set that kernels can look up."""
    room = room_for_words(starts, ends)
    for row in range(len(starts)):
        count = split_words(data, starts[row], ends[row], flags, lower, True, room)
        out[row] = room.folded[0] if count else np.uint64(0)
