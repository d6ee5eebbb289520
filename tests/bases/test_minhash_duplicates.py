"""Which rows are compared: those that share a key in some band."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.minhash_duplicates import _candidates

ROWS = st.integers(1, 4).flatmap(lambda bands: st.lists(st.tuples(st.booleans(), *[st.integers(0, 5) | st.just(2**64 - 1)] * bands), min_size=1))


@given(ROWS)
def test_a_signed_row_meets_the_first_and_the_last_signed_row_before_it_that_shares_a_key(rows: list[tuple[int, ...]]) -> None:
    signed = np.array([row[0] for row in rows], bool)
    keys = np.array([row[1:] for row in rows], np.uint64).T.copy()
    expected = set()
    for band in keys.tolist():
        for row, key in enumerate(band):
            if before := [other for other in range(row) if signed[other] and signed[row] and band[other] == key]:
                expected |= {(before[0], row), (before[-1], row)}
    left, right = _candidates(keys, signed)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == sorted(expected)


def test_no_rows_meet_nobody() -> None:
    left, right = _candidates(np.zeros((3, 0), np.uint64), np.zeros(0, bool))
    assert (len(left), len(right)) == (0, 0)
