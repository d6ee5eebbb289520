"""The nearest vectors are found exactly, block by block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from operators.bases.retrieval import vector_index
from operators.bases.retrieval.found import Found, fused
from operators.bases.retrieval.vector_index import VectorIndex


def units(rows: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_blocks_find_what_one_comparison_with_all_finds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vector_index, "_BLOCK", 7)
    vectors, queries = units(60, 1), units(5, 2)
    index = VectorIndex.build([vectors[:40], vectors[40:]], 60, 8, tmp_path)
    expected = np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :10]
    for one in (index, VectorIndex.load(tmp_path, 60, 8)):
        assert [found.rows.tolist() for found in one.find(queries, 10, [None] * 5)] == expected.tolist()


def test_equal_vectors_come_in_the_order_of_their_rows_and_zeros_never() -> None:
    same = np.tile(units(1, 3), (6, 1))
    same[2] = 0
    index = VectorIndex.build([same], 6, 8, None)
    assert index.find(same[:1], 3, [None])[0].rows.tolist() == [0, 1, 3]
    assert sorted(index.find(same[:1], 9, [None])[0].rows.tolist()) == [0, 1, 3, 4, 5]
    assert index.find(np.zeros((1, 8), np.float32), 3, [None])[0].rows.tolist() == []


def test_only_allowed_rows_are_found() -> None:
    vectors = units(20, 4)
    allowed = np.arange(20) % 2 == 1
    found = VectorIndex.build([vectors], 20, 8, None).find(vectors[:1], 20, [allowed])[0]
    assert sorted(found.rows.tolist()) == list(range(1, 20, 2))


def test_fusion_adds_the_reciprocal_ranks_and_puts_first_what_both_rankings_have() -> None:
    one, other = (Found(np.array(rows, np.int32), np.arange(len(rows), 0, -1.0)) for rows in ([4, 7, 9], [2, 7]))
    found = fused([one, other], 3)
    assert found.rows.tolist() == [7, 2, 4]
    assert found.scores.tolist() == pytest.approx([2 / 62, 1 / 61, 1 / 61])
