"""Seeded draws: by the row's id, never by its place."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.draws import draw, draws, generator, uniform

IDS = [f"row {number}" for number in range(4000)]


@given(st.integers(-(2**70), 2**70), st.text(st.characters(exclude_categories=("Cs",))))
def test_a_draw_is_a_number_of_64_bits_that_the_seed_and_the_row_decide(seed: int, row_id: str) -> None:
    assert 0 <= draw(seed, row_id) < 2**64
    assert draws(seed, [row_id]).tolist() == [draw(seed, row_id)]
    assert 0 < uniform(seed, [row_id])[0] < 1
    assert generator(seed, row_id).integers(2**62) == generator(seed, row_id).integers(2**62)


def test_the_draws_are_those_that_tables_were_drawn_with_before() -> None:
    digest = hashlib.blake2b(b"a", digest_size=8, key=b"7").digest()
    assert draw(7, "a") == int.from_bytes(digest, "big")
    assert generator(7, "a").integers(1000) == np.random.default_rng([7, *b"a"]).integers(1000)


def test_rows_are_drawn_evenly_and_another_seed_draws_others() -> None:
    drawn = uniform(0, IDS)
    counts = Counter((drawn * 10).astype(int).tolist())
    assert set(counts) == set(range(10))
    assert max(abs(count - 400) for count in counts.values()) < 100, "five standard deviations"
    lowest = [set(np.argsort(draws(seed, IDS))[:400].tolist()) for seed in (0, 1)]
    assert len(lowest[0] & lowest[1]) < 100, "40 are expected"


def test_the_order_of_the_rows_changes_no_draw() -> None:
    assert draws(3, IDS[::-1]).tolist() == draws(3, IDS).tolist()[::-1]
