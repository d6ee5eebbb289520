"""MinHash signatures of word or character shingles."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import SPACE
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import FIRST, mix, next_hash
from operators.kernels.compiled.masks import longest_of
from operators.kernels.compiled.splitting import room_for_words, split_words
from operators.kernels.compiled.utf8 import decode, flags_of, lower_of

_BLANK = 0x20
_BASE = np.uint64(0x9E3779B97F4A7C15)
"""The hash of a shingle is a polynomial in this of the hashes of its words, so that the next one takes a word in and lets one go."""


@compiled
def sign(
    data: Any, starts: Any, ends: Any, flags: Any, lower: Any, by_words: Any, size: Any, factors: Any, shifts: Any, signatures: Any, signed: Any
) -> None:
    """Fill `signatures` (rows, permutations) with the least hash of the text's shingles under each permutation; `signed` stays False where there is
    none."""
    pieces, room = room_for_shingles(starts, ends, by_words)
    for row in range(len(starts)):
        count = shingle(data, starts[row], ends[row], flags, lower, by_words, size, pieces, room)
        signed[row] = count > 0
        for place in range(0, count, 4):  # four at a time, the last again where there are fewer: what is read for one serves them all
            take_least(
                signatures[row],
                factors,
                shifts,
                short_hash(pieces[place]),
                short_hash(pieces[min(place + 1, count - 1)]),
                short_hash(pieces[min(place + 2, count - 1)]),
                short_hash(pieces[min(place + 3, count - 1)]),
            )


@inlined
def short_hash(piece: Any) -> Any:
    return np.uint32(piece >> np.uint64(32))


@inlined
def take_least(minima: Any, factors: Any, shifts: Any, first: Any, second: Any, third: Any, fourth: Any) -> None:
    """Let each permutation's least hash be at most those of four shingles."""
    for permutation in range(len(factors)):
        factor, shift = factors[permutation], shifts[permutation]
        least = min(np.uint32(factor * first + shift), np.uint32(factor * second + shift))
        other = min(np.uint32(factor * third + shift), np.uint32(factor * fourth + shift))
        minima[permutation] = min(minima[permutation], min(least, other))


@compiled
def room_for_shingles(starts: Any, ends: Any, by_words: Any) -> Any:
    """Room for the shingles of the longest of the texts, and for its words."""
    if by_words:
        room = room_for_words(starts, ends)
        return np.empty(len(room.folded), np.uint64), room
    return np.empty(longest_of(starts, ends) + 2, np.uint64), room_for_words(starts[:0], ends[:0])


@borrowing
def shingle(data: Any, start: Any, end: Any, flags: Any, lower: Any, by_words: Any, size: Any, pieces: Any, room: Any) -> Any:
    """Write the hashes of all shingles, as often as they occur; return how many. A text shorter than a shingle is one; a blank text has none.

    Word shingles see neither case nor the punctuation around words; character shingles neither case nor how much white space there is.
    """
    if by_words:
        count = split_words(data, start, end, flags, lower, True, room)
        for word in range(count):
            pieces[word] = room.folded[word]
    else:
        count = fold_characters(data, start, end, flags, lower, pieces)
    if count == 0:
        return 0
    width = min(size, count)
    shingles = count - width + 1
    rolling, power = np.uint64(0), np.uint64(1)
    for place in range(width):
        rolling = rolling * _BASE + pieces[place]
        power *= _BASE
    for place in range(shingles):
        first = pieces[place]
        pieces[place] = mix(rolling)
        if place + 1 < shingles:
            rolling = rolling * _BASE + pieces[place + width] - first * power
    return shingles


@borrowing
def fold_characters(data: Any, start: Any, end: Any, flags: Any, lower: Any, pieces: Any) -> Any:
    count = 0
    space = False
    position = start
    while position < end:
        code, position = decode(data, position, end)
        if flags_of(code, flags) & SPACE:
            space = count > 0
            continue
        if space:
            pieces[count] = mix(next_hash(FIRST, _BLANK))
            count += 1
            space = False
        pieces[count] = mix(next_hash(FIRST, lower_of(code, lower)))
        count += 1
    return count


@compiled
def distinct_shingles(data: Any, start: Any, end: Any, flags: Any, lower: Any, by_words: Any, size: Any) -> Any:
    """The sorted, distinct shingle hashes of one text."""
    starts, ends = np.empty(1, np.int64), np.empty(1, np.int64)
    starts[0], ends[0] = start, end
    pieces, room = room_for_shingles(starts, ends, by_words)
    count = shingle(data, start, end, flags, lower, by_words, size, pieces, room)
    return np.unique(pieces[:count])
