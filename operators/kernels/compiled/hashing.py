"""64-bit hashes, and the size of the tables that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import compiled

FIRST = np.uint64(0xCBF29CE484222325)
_STEP = np.uint64(0x100000001B3)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xBF58476D1CE4E5B9)


@compiled
def next_hash(value: Any, code: Any) -> Any:
    """FNV-1a, a code point at a time."""
    return (value ^ np.uint64(code)) * _STEP


@compiled
def mix(value: Any) -> Any:
    """Spread what FNV leaves in the low bits over all of them (the finalizer of MurmurHash3)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@compiled
def hash_bytes(data: Any) -> Any:
    value = FIRST
    for position in range(len(data)):
        value = next_hash(value, data[position])
    return mix(value)


@compiled
def join(left: Any, right: Any) -> Any:
    """The hash of a sequence from the hash of what came before and the next part; order matters."""
    value = (left ^ (left >> np.uint64(32))) * _GOLDEN + right
    return (value ^ (value >> np.uint64(29))) * _ODD


@compiled
def capacity_for(items: Any) -> Any:
    """A power of two that keeps an open-addressing table of that many items at most half full."""
    capacity = 16
    while capacity < 2 * items:
        capacity *= 2
    return capacity
