"""64-bit hashes, and the size of the tables that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import take_long
from operators.kernels.compiled.compiler import borrowing, inlined

FIRST = np.uint64(0xCBF29CE484222325)
_STEP = np.uint64(0x100000001B3)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xBF58476D1CE4E5B9)


@inlined
def next_hash(value: Any, code: Any) -> Any:
    """FNV-1a, a code point at a time."""
    return (value ^ np.uint64(code)) * _STEP


@inlined
def mix(value: Any) -> Any:
    """Spread what FNV leaves in the low bits over all of them (the finalizer of MurmurHash3)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@inlined
def hash_bytes(data: Any, first: Any, last: Any) -> Any:
    """The hash of data[first:last], 16 bytes at a time. `add_code` and `hash_end` compute the same, a code point at a time."""
    value, at = FIRST, first
    while at + 16 < last:
        value = add_longs(value, take_long(data, at, 8), take_long(data, at + 8, 8))
        at += 16
    left = last - at
    return hash_end(value, take_long(data, at, min(left, 8)), take_long(data, at + 8, max(left - 8, 0)), last - first)


@inlined
def hash_folded_bytes(data: Any, first: Any, last: Any) -> Any:
    """The hash of data[first:last], all ASCII, in lower case."""
    value, at = FIRST, first
    while at + 16 < last:
        value = add_longs(value, lower_long(take_long(data, at, 8)), lower_long(take_long(data, at + 8, 8)))
        at += 16
    left = last - at
    return hash_end(value, lower_long(take_long(data, at, min(left, 8))), lower_long(take_long(data, at + 8, max(left - 8, 0))), last - first)


@inlined
def add_longs(value: Any, low: Any, high: Any) -> Any:
    value = (value ^ low) * _GOLDEN
    value = ((value ^ (value >> np.uint64(32))) + high) * _ODD
    return value ^ (value >> np.uint64(29))


@inlined
def hash_end(value: Any, low: Any, high: Any, size: Any) -> Any:
    """`low` and `high`: the last 1 to 16 bytes; `size`: all bytes."""
    return add_longs(value, low, high + np.uint64(size) * _GOLDEN)


@borrowing
def add_code(value: Any, low: Any, high: Any, size: Any, code: Any) -> Any:
    """(value, low, high, size) with the bytes of a code point's UTF-8 after what went in so far; start with (FIRST, 0, 0, 0)."""
    if code < 0x80:
        return add_byte(value, low, high, size, code)
    if code < 0x800:
        value, low, high, size = add_byte(value, low, high, size, 0xC0 | (code >> 6))
    else:
        if code < 0x10000:
            value, low, high, size = add_byte(value, low, high, size, 0xE0 | (code >> 12))
        else:
            value, low, high, size = add_byte(value, low, high, size, 0xF0 | (code >> 18))
            value, low, high, size = add_byte(value, low, high, size, 0x80 | ((code >> 12) & 0x3F))
        value, low, high, size = add_byte(value, low, high, size, 0x80 | ((code >> 6) & 0x3F))
    return add_byte(value, low, high, size, 0x80 | (code & 0x3F))


@inlined
def add_byte(value: Any, low: Any, high: Any, size: Any, byte: Any) -> Any:
    within = size & 15
    if size and within == 0:
        value, low, high = add_longs(value, low, high), np.uint64(0), np.uint64(0)
    long = np.uint64(byte) << np.uint64(8 * (within & 7))
    if within < 8:
        return value, low | long, high, size + 1
    return value, low, high | long, size + 1


@inlined
def lower_long(long: Any) -> Any:
    """8 ASCII bytes in lower case."""
    from_a = long + np.uint64(0x3F3F3F3F3F3F3F3F)  # the highest bit of each byte: not below "A"
    after_z = long + np.uint64(0x2525252525252525)  # above "Z"
    return long | (((from_a & ~after_z) & np.uint64(0x8080808080808080)) >> np.uint64(2))


@inlined
def join(left: Any, right: Any) -> Any:
    """The hash of a sequence from the hash of what came before and the next part; order matters."""
    value = (left ^ (left >> np.uint64(32))) * _GOLDEN + right
    return (value ^ (value >> np.uint64(29))) * _ODD


@borrowing
def capacity_for(items: Any) -> Any:
    """A power of two that keeps an open-addressing table of that many items at most half full."""
    capacity = 16
    while capacity < 2 * items:
        capacity *= 2
    return capacity


@inlined
def slot_of(key: Any, keys: Any, mask: Any) -> Any:
    """Where a key stands in a table, or the empty slot (0) where it would."""
    slot = np.int64(key >> np.uint64(20)) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot
