"""Seeded draws that depend on the row alone: on its id, never on its place, so that the order and the other rows of a table change nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np

Draws: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]
_BELOW_ONE: Final = np.nextafter(1.0, 0.0)


def draw(seed: int, row_id: str) -> int:
    """A number of 64 bits, the same for the same seed and row. To draw some rows of many, take those of the lowest numbers.

    >>> draw(0, "a") == draw(0, "a") != draw(1, "a")
    True
    """
    return int.from_bytes(hashlib.blake2b(row_id.encode(), digest_size=8, key=str(seed).encode()).digest())


def draws(seed: int, row_ids: Sequence[str]) -> Draws:
    """`draw` of each row."""
    return np.fromiter((draw(seed, row_id) for row_id in row_ids), np.uint64, len(row_ids))


def uniform(seed: int, row_ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """For each row a number above 0 and below 1, evenly spread.

    >>> bool(0 < uniform(0, ["a"])[0] < 1)
    True
    """
    return np.asarray(np.minimum((draws(seed, row_ids) + 0.5) / 2.0**64, _BELOW_ONE))


def generator(seed: int, row_id: str) -> np.random.Generator:
    """Random numbers of one row, for what needs more than one draw: a topic, then a style, then a length.

    >>> bool(generator(0, "a").integers(1000) == generator(0, "a").integers(1000))
    True
    """
    return np.random.default_rng([seed % 2**64, *row_id.encode()])
