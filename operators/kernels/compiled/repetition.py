"""Repetition of word n-grams, as Gopher measures it (Rae et al. 2021, table A1): the top 2- to 4-gram, and all duplicated 5- to 10-grams.

Words repeat exactly (case and punctuation count). An n-gram can occur twice only where its two (n-1)-grams do, so all but the 2-grams look at the
few places that are left; a text without a repeated 2-gram is done after one pass. The results are those of the plain definition.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.hashing import capacity_for, join
from operators.kernels.compiled.splitting import SPACE_BEFORE

SMALLEST, LARGEST_TOP, LARGEST = 2, 4, 10
COLUMNS = LARGEST - SMALLEST + 1


@compiled
def measure_repetition(hashes: Any, lengths: Any, notes: Any, firsts: Any, counted: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS), column n-2 for n-grams: characters in the occurrences of the most frequent one (n <= 4, 0 if it occurs once), or
    in all occurrences after the first, none counted twice (n >= 5). The words of text i are `counted[i]` from `firsts[i]` on."""
    most = 2
    for row in range(len(firsts)):
        most = max(most, counted[row])
    grams, repeats, slots = np.empty(most, np.uint64), np.empty(most, np.bool_), np.empty(most, np.int64)
    capacity = capacity_for(most)
    keys, stamps = np.empty(capacity, np.uint64), np.zeros(capacity, np.int64)
    counts, places_of = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
    stamp = 0
    for row in range(len(firsts)):
        words, at = counted[row], firsts[row]
        of_text, long, marked = hashes[at : at + words], lengths[at : at + words], notes[at : at + words]
        grams[:words] = of_text
        repeats[:words] = True
        for n in range(SMALLEST, LARGEST + 1):
            places = words - n + 1
            if not extend_grams(grams, repeats, of_text, places, n):
                break
            stamp += 1
            if n <= LARGEST_TOP:
                best, occurrences = count_grams(grams, repeats, places, keys, stamps, stamp, counts, places_of, slots)
                if occurrences > 1:
                    out[row, n - SMALLEST] = occurrences * gram_length(long, marked, best, n)
            else:
                out[row, n - SMALLEST] = sum_duplicate_grams(grams, repeats, places, n, long, keys, stamps, stamp)


@compiled
def extend_grams(grams: Any, repeats: Any, hashes: Any, places: Any, n: Any) -> Any:
    """From (n-1)-grams to n-grams, in place. `repeats` stays true where an n-gram may occur twice; return whether it does anywhere."""
    candidates = 0
    for place in range(places):
        repeats[place] = repeats[place] and repeats[place + 1]
        if repeats[place]:
            candidates += 1
            grams[place] = join(grams[place], hashes[place + n - 1])
    return candidates > 1


@compiled
def count_grams(grams: Any, repeats: Any, places: Any, keys: Any, stamps: Any, stamp: Any, counts: Any, firsts: Any, slots: Any) -> Any:
    """The place of the most frequent n-gram (of those, the one that came first) and how often it occurs; `repeats` becomes exact."""
    mask = capacity_for(places) - 1
    best, most = 0, 0
    for place in range(places):
        if not repeats[place]:
            continue
        key = grams[place]
        slot = np.int64(key >> np.uint64(20)) & mask
        while stamps[slot] == stamp and keys[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] != stamp:
            stamps[slot] = stamp
            keys[slot] = key
            counts[slot] = 0
            firsts[slot] = place
        counts[slot] += 1
        slots[place] = slot
        if counts[slot] > most or (counts[slot] == most and firsts[slot] < best):
            most, best = counts[slot], firsts[slot]
    for place in range(places):
        if repeats[place]:
            repeats[place] = counts[slots[place]] > 1
    return best, most


@compiled
def sum_duplicate_grams(grams: Any, repeats: Any, places: Any, n: Any, lengths: Any, keys: Any, stamps: Any, stamp: Any) -> Any:
    """Characters in n-grams that occurred before, reading on after the end of each one found."""
    mask = capacity_for(places) - 1
    characters, place = 0, 0
    while place < places:
        if not repeats[place]:
            place += 1
            continue
        key = grams[place]
        slot = np.int64(key >> np.uint64(20)) & mask
        while stamps[slot] == stamp and keys[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] == stamp:
            for word in range(place, place + n):
                characters += lengths[word]
            place += n
        else:
            stamps[slot] = stamp
            keys[slot] = key
            place += 1
    return characters


@compiled
def gram_length(lengths: Any, notes: Any, place: Any, n: Any) -> Any:
    """Code points of an n-gram with one space where its words had any."""
    length = np.int64(lengths[place])
    for word in range(place + 1, place + n):
        length += lengths[word] + (1 if notes[word] & SPACE_BEFORE else 0)
    return length
