"""SimHash fingerprints (Charikar 2002), and pairs of them that differ in few bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import borrowing, compiled
from operators.kernels.compiled.components import find_root
from operators.kernels.compiled.minhash import room_for_shingles, shingle


@compiled
def fingerprint(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, by_words: Any, size: Any, out: Any, signed: Any) -> None:
    """Fill `out` with 64 bits a text: bit i is set where most shingles, as often as they occur, have bit i set in their hash."""
    pieces, room = room_for_shingles(starts, ends, by_words)
    sums = np.empty(64, np.int64)
    for row in range(len(starts)):
        count = shingle(data, starts[row], ends[row], flags, lower, by_words, size, pieces, room)
        signed[row] = count > 0
        sums[:] = 0
        for place in range(count):
            value = pieces[place]
            for bit in range(64):
                sums[bit] += np.int64((value >> np.uint64(bit)) & np.uint64(1))
        result = np.uint64(0)
        for bit in range(64):
            if 2 * sums[bit] > count:
                result |= np.uint64(1) << np.uint64(bit)
        out[row] = result


@borrowing
def link_near(order: Any, keys: Any, values: Any, most: Any, parents: Any) -> None:
    """Join the components of rows that share a key and differ in at most `most` bits. `order`: rows by key."""
    start = 0
    for place in range(1, len(order) + 1):
        if place < len(order) and keys[order[place]] == keys[order[start]]:
            continue
        for i in range(start, place):
            for j in range(i + 1, place):
                if bits_apart(values[order[i]], values[order[j]]) <= most:
                    a, b = find_root(parents, order[i]), find_root(parents, order[j])
                    if a < b:
                        parents[b] = a
                    elif b < a:
                        parents[a] = b
        start = place


@borrowing
def bits_apart(left: Any, right: Any) -> Any:
    """How many bits differ."""
    value = left ^ right
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + ((value >> np.uint64(2)) & np.uint64(0x3333333333333333))
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((value * np.uint64(0x0101010101010101)) >> np.uint64(56))
