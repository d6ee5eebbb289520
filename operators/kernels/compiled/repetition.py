"""Repetition of word n-grams, as Gopher measures it (Rae et al. 2021, table A1): the top 2- to 4-gram, and all duplicated 5- to 10-grams.

Words repeat exactly (case and punctuation count). An n-gram can occur twice only where its two (n-1)-grams do, so all but the smallest look at the
few places that are left; of the smallest, those go first that share no slot of a small table with another. The results are those of the plain
definition.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import capacity_for, join, slot_of
from operators.kernels.compiled.splitting import SPACE_BEFORE

SMALLEST, LARGEST_TOP, SMALLEST_PASSAGE, LARGEST = 2, 4, 5, 10
FIRST_GRAMS = LARGEST - SMALLEST + 1
COLUMNS = FIRST_GRAMS + LARGEST_TOP - SMALLEST + 1
_SLOTS_A_GRAM = 8


class GramRoom(NamedTuple):
    """The n-grams that may occur twice: their places (the first word's number, rising), hashes and slots; and tables to look them up in."""

    places: Any
    grams: Any
    slots: Any
    met: Any
    keys: Any
    counts: Any
    firsts: Any


@compiled
def measure_repetition(hashes: Any, lengths: Any, notes: Any, firsts: Any, counted: Any, prose: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS), column n-2 for n-grams: characters in the occurrences of the most frequent one (n <= 4, 0 if it occurs once), or
    in all occurrences after the first, none counted twice (n >= 5). The columns from FIRST_GRAMS on: characters of the first n-gram (n <= 4). The
    words of text i are `counted[i]` from `firsts[i]` on.

    Without `prose` only the columns of n >= 5, in two thirds of the time.
    """
    most = 2
    for row in range(len(firsts)):
        most = max(most, counted[row])
    capacity = capacity_for(most)
    room = GramRoom(
        np.empty(most, np.int32),
        np.empty(most, np.uint64),
        np.empty(most, np.int32),
        np.empty(_SLOTS_A_GRAM * capacity, np.uint8),
        np.empty(capacity, np.uint64),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int32),
    )
    for row in range(len(firsts)):
        at = firsts[row]
        measure_text(hashes[at:], lengths[at:], notes[at:], counted[row], prose, room, out[row])


@compiled
def measure_entropy(hashes: Any, firsts: Any, counted: Any, out: Any) -> None:
    """Fill `out` (rows): the Shannon entropy of the words of each text, in bits."""
    most = 1
    for row in range(len(firsts)):
        most = max(most, counted[row])
    capacity = capacity_for(most)
    keys, counts, used = np.empty(capacity, np.uint64), np.empty(capacity, np.int64), np.empty(most, np.int64)
    for row in range(len(firsts)):
        words = counted[row]
        size = capacity_for(words)
        keys[:size] = 0
        distinct = 0
        for word in range(firsts[row], firsts[row] + words):
            key = max(hashes[word], np.uint64(1))
            slot = slot_of(key, keys, size - 1)
            if keys[slot] == 0:
                keys[slot], counts[slot], used[distinct] = key, 0, slot
                distinct += 1
            counts[slot] += 1
        total = 0.0  # of what words that occur more than once take from the entropy of different words
        for item in range(distinct):
            count = counts[used[item]]
            if count > 1:
                total += count * np.log2(count)
        out[row] = max(np.log2(words) - total / words, 0.0) if words else 0.0


@borrowing
def measure_text(hashes: Any, lengths: Any, notes: Any, words: Any, prose: Any, room: Any, out: Any) -> None:
    if prose:
        for n in range(SMALLEST, LARGEST_TOP + 1):
            if words >= n:
                out[FIRST_GRAMS + n - SMALLEST] = gram_length(lengths, notes, 0, n)
        smallest, left = SMALLEST, find_grams(hashes, SMALLEST, words, room)
    else:
        smallest, left = SMALLEST_PASSAGE, find_grams(hashes, SMALLEST_PASSAGE, words, room)
    for n in range(smallest, LARGEST + 1):
        if n > smallest:
            left = extend_grams(hashes, n, left, room)
        if left < 2:
            return
        if n <= LARGEST_TOP:
            best, occurrences, left = count_grams(left, room)
            if occurrences > 1:
                out[n - SMALLEST] = occurrences * gram_length(lengths, notes, best, n)
        else:
            out[n - SMALLEST] = sum_duplicate_grams(lengths, n, left, room)
            if n == smallest:
                _, _, left = count_grams(left, room)


@inlined
def find_grams(hashes: Any, n: Any, words: Any, room: Any) -> Any:
    """The n-grams whose slot in a table of small counts another one has as well; return how many."""
    places, grams, slots, met = room.places, room.grams, room.slots, room.met
    capacity = _SLOTS_A_GRAM * capacity_for(words)
    met[:capacity] = 0
    mask = capacity - 1
    count = max(words - n + 1, 0)
    for place in range(count):
        gram = hashes[place]
        for word in range(place + 1, place + n):
            gram = join(gram, hashes[word])
        slot = np.int64(gram >> np.uint64(32)) & mask
        grams[place] = gram
        slots[place] = slot
        met[slot] = min(met[slot] + 1, 2)
    left = 0
    for place in range(count):
        gram = grams[place]
        places[left], grams[left] = place, gram
        left += met[slots[place]] >> 1
    return left


@borrowing
def extend_grams(hashes: Any, n: Any, left: Any, room: Any) -> Any:
    """From (n-1)-grams to the n-grams whose two (n-1)-grams are there; return how many."""
    places, grams = room.places, room.grams
    kept = 0
    for item in range(left - 1):
        place, gram = places[item], grams[item]
        if places[item + 1] == place + 1:
            places[kept], grams[kept] = place, join(gram, hashes[place + n - 1])
            kept += 1
    return kept


@borrowing
def count_grams(left: Any, room: Any) -> Any:
    """The place of the most frequent n-gram (of those, the one that came first), how often it occurs, and how many are left without those that occur
    once."""
    places, grams, slots, _, keys, counts, firsts = room
    capacity = capacity_for(left)
    keys[:capacity] = 0
    best, most = 0, 0
    for item in range(left):
        key = max(grams[item], np.uint64(1))
        slot = slot_of(key, keys, capacity - 1)
        if keys[slot] == 0:
            keys[slot], counts[slot], firsts[slot] = key, 0, places[item]
        counts[slot] += 1
        slots[item] = slot
        if counts[slot] > most or (counts[slot] == most and firsts[slot] < best):
            most, best = counts[slot], firsts[slot]
    kept = 0
    for item in range(left):
        places[kept], grams[kept] = places[item], grams[item]
        kept += counts[slots[item]] > 1
    return best, most, kept


@borrowing
def sum_duplicate_grams(lengths: Any, n: Any, left: Any, room: Any) -> Any:
    """Characters in n-grams that occurred before, reading on after the end of each one found."""
    places, grams, _, _, keys, _, _ = room
    capacity = capacity_for(left)
    keys[:capacity] = 0
    characters, next_place = 0, 0
    for item in range(left):
        place = places[item]
        if place < next_place:
            continue
        key = max(grams[item], np.uint64(1))
        slot = slot_of(key, keys, capacity - 1)
        if keys[slot] == 0:
            keys[slot] = key
            continue
        for word in range(place, place + n):
            characters += lengths[word]
        next_place = place + n
    return characters


@borrowing
def gram_length(lengths: Any, notes: Any, place: Any, n: Any) -> Any:
    """Code points of an n-gram with one space where its words had any."""
    length = np.int64(lengths[place])
    for word in range(place + 1, place + n):
        length += lengths[word] + (1 if notes[word] & SPACE_BEFORE else 0)
    return length
