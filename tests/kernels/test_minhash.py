"""Signatures estimate the Jaccard similarity of shingles, and say nothing of texts that have none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.kernels import MinHash
from operators.kernels.minhash import jaccard


def similarity(minhash: MinHash, left: str, right: str) -> float:
    signatures, _ = minhash.sign(pa.array([left, right]))
    return float((signatures[0] == signatures[1]).mean())


@pytest.mark.parametrize("unit", ["word", "character"])
@pytest.mark.parametrize("shared", [0.2, 0.5, 0.8, 0.95])
def test_the_share_of_equal_values_is_near_the_jaccard_similarity(unit: str, shared: float) -> None:
    random = np.random.default_rng(3)
    words = [f"w{number}" for number in random.integers(0, 10**6, 2000)]
    changed = words[: int(2000 * shared)] + [f"v{number}" for number in random.integers(0, 10**6, 2000 - int(2000 * shared))]
    minhash = MinHash(permutations=1024, unit=unit)  # type: ignore[arg-type]
    left, right = " ".join(words), " ".join(changed)
    true = jaccard(*minhash.shingles(pa.array([left, right])))
    assert similarity(minhash, left, right) == pytest.approx(true, abs=0.06)


@given(st.lists(st.text("ab ", max_size=20), max_size=8), st.sampled_from(["word", "character"]), st.integers(1, 7))
@settings(deadline=None, max_examples=100)
def test_equal_texts_have_equal_signatures_and_a_row_depends_on_no_other(values: list[str], unit: str, size: int) -> None:
    minhash = MinHash(permutations=16, unit=unit, size=size)  # type: ignore[arg-type]
    together, signed = minhash.sign(pa.array([*values, None], pa.string()))
    for row, value in enumerate(values):
        alone, has_shingles = minhash.sign(pa.array([value]))
        assert (alone[0] == together[row]).all()
        assert has_shingles[0] == signed[row] == bool(value.strip())
    assert not signed[-1]


@pytest.mark.parametrize("words", [1, 2, 3, 4, 5, 6, 7, 8, 9, 30])
def test_a_text_with_more_shingles_has_the_least_of_the_values_of_each(words: int) -> None:
    shingles, minhash = [f"w{number}" for number in range(words)], MinHash(size=1)
    alone, _ = minhash.sign(pa.array(shingles))
    together, _ = minhash.sign(pa.array([" ".join(shingles)]))
    assert (together[0] == alone.min(axis=0)).all()


def test_texts_shorter_than_a_shingle_are_their_own_and_do_not_all_look_alike() -> None:
    minhash = MinHash()
    assert similarity(minhash, "two words", "two words") == 1
    assert similarity(minhash, "two words", "other words") < 0.2


def test_word_shingles_see_neither_case_nor_punctuation_around_words_nor_spaces() -> None:
    assert similarity(MinHash(), "The quick, brown fox jumps over it.", "the  quick brown\nFOX jumps over it") == 1


def test_texts_in_scripts_without_spaces_have_many_shingles() -> None:
    text = "我们在北京大学学习计算机科学，每天都去图书馆看书。"
    assert len(MinHash().shingles(pa.array([text]))[0]) > 5
    assert similarity(MinHash(permutations=512), text, text.replace("每天", "昨天")) > 0.3


def test_the_seed_draws_the_permutations() -> None:
    text = pa.array(["one two three four five six seven"])
    first, again, other = (MinHash(seed=seed).sign(text)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
