"""Vectors as a column, the rows that represent all others, and clusters."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators import FileStorage
from operators.asking.answers import TextsRefused
from operators.generic.vectors.cluster import ClusterEvaluator
from operators.generic.vectors.embed import EmbeddingGenerator
from operators.generic.vectors.k_center import KCenterEvaluator, KCenterFilter
from operators.tables.errors import ColumnError
from operators.testing import ScriptedEmbedding
from tests.faults import fault


def table(vectors: list[list[float] | None]) -> pa.Table:
    ids = [hashlib.sha256(repr(vector).encode()).hexdigest()[:8] + str(place) for place, vector in enumerate(vectors)]
    return pa.table({"row_id": ids, "embedding": pa.array(vectors, pa.list_(pa.float32())), "n": list(range(len(vectors)))})


def blobs() -> list[list[float]]:
    """Three groups of 40, 20 and 10 points, far apart."""
    drawn = np.random.default_rng(5)
    middles = [((0.0, 0.0), 40), ((10.0, 0.0), 20), ((0.0, 10.0), 10)]
    return [(np.array(middle) + drawn.normal(0, 0.3, 2)).tolist() for middle, count in middles for _ in range(count)]


class Refusing(ScriptedEmbedding):
    def embed(self, texts: Any) -> Any:
        vectors = super().embed(texts)
        if places := {place: "too long" for place, text in enumerate(texts) if len(text) > 50}:
            raise TextsRefused("one is too long", vectors, places)
        return vectors


@fault("no null handling")
def test_a_null_has_no_vector_and_a_refused_text_is_set_aside_with_the_reason() -> None:
    texts = ["a", None, "x" * 60, "", "bb"]
    result = EmbeddingGenerator(max_failed=0.5).run({"text": texts}, resources={"embedding": Refusing()})
    rows = result.table.to_pylist()
    assert [row["text"] for row in rows] == ["a", None, "", "bb"]
    assert [row["embedding"] is None for row in rows] == [False, True, False, False]
    assert np.linalg.norm(rows[0]["embedding"]) == pytest.approx(1.0)
    assert result.rejected.column("rejected_reason").to_pylist() == ["too long"]


@fault("vectors are saved as JSON text at each step (huge)")
def test_vectors_are_numbers_of_32_bits_in_memory_and_on_disk(tmp_path: Path) -> None:
    vector = tuple(float(number) for number in range(1, 257))
    result = EmbeddingGenerator().run(
        {"text": ["a"] * 50}, output=tmp_path / "made.parquet", resources={"embedding": ScriptedEmbedding(lambda _: vector)}
    )
    assert result.table.schema.field("embedding").type == pa.list_(pa.float32())
    assert FileStorage(tmp_path / "made.parquet").schema.field("embedding").type.value_type == pa.float32()
    assert result.table.column("embedding").nbytes < 50 * 256 * 4 * 1.1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12), st.integers(0, 14), st.integers(0, 5))
@fault("random unseeded start, which is itself never selected")
@fault("num_samples goes through a ratio and int(): may give one fewer; larger than the data gives repeats")
def test_exactly_so_many_are_kept_none_twice_by_seed_and_not_by_order(points: list[tuple[int, int]], count: int, seed: int) -> None:
    given_rows = table([[float(x), float(y)] for x, y in points])
    kept = KCenterFilter(rows=count, seed=seed).run(given_rows).table.column("row_id").to_pylist()
    assert len(kept) == len(set(kept)) == min(count, len(points))
    turned = given_rows.take(list(reversed(range(len(points)))))
    assert set(KCenterFilter(rows=count, seed=seed).run(turned).table.column("row_id").to_pylist()) == set(kept)
    ordered = KCenterEvaluator(rows=count, seed=seed).run(given_rows).table.to_pylist()
    assert {row["row_id"] for row in ordered if row["center_order"] is not None} == set(kept)


def test_different_points_are_chosen_before_equal_ones_and_the_groups_are_covered() -> None:
    kept = KCenterFilter(rows=3).run(table(blobs())).table.column("n").to_pylist()
    assert sorted((n >= 40) + (n >= 60) for n in kept) == [0, 1, 2]
    doubled = table([[0.0, 1.0]] * 5 + [[1.0, 0.0], [5.0, 5.0]])
    assert len({tuple(vector) for vector in KCenterFilter(rows=3).run(doubled).table.column("embedding").to_pylist()}) == 3


@fault("writes no order or distance column")
def test_the_order_and_the_distances_are_columns_and_distances_fall() -> None:
    rows = KCenterEvaluator(rows=5).run(table([*blobs(), None])).table.to_pylist()
    chosen = sorted((row for row in rows if row["center_order"] is not None), key=lambda row: row["center_order"])
    assert [row["center_order"] for row in chosen] == [1, 2, 3, 4, 5]
    distances = [row["center_distance"] for row in chosen]
    assert distances[0] is None
    assert distances[1:] == sorted(distances[1:], reverse=True)
    assert rows[-1]["center_distance"] is None
    others = [row["center_distance"] for row in rows[:-1] if row["center_order"] is None]
    assert max(others) <= distances[-1]


@fault("missing column is only logged")
def test_a_missing_column_is_an_error_before_anything_runs() -> None:
    with pytest.raises(ColumnError, match="embedding"):
        KCenterFilter(rows=2).run({"text": ["a", "b"]})


def test_vectors_of_another_length_or_without_numbers_are_set_aside_with_the_reason() -> None:
    given_rows = table([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0], [], [float("nan"), 1.0], None])
    result = KCenterFilter(share=1.0, max_failed=0.9).run(given_rows)
    assert result.table.column("n").to_pylist() == [0, 1, 2]
    reasons = {row["n"]: row["rejected_reason"] for row in result.rejected.to_pylist()}
    assert reasons == {
        3: "its vector has 1 numbers, most have 2",
        4: "its vector has 0 numbers, most have 2",
        5: "its vector holds what is no ordinary number",
        6: "embedding is null",
    }


def test_clusters_are_the_groups_the_largest_first_whatever_the_order() -> None:
    given_rows = table(blobs())
    found = ClusterEvaluator(clusters=3).run(given_rows).table.to_pylist()
    assert [row["cluster"] for row in found] == [0] * 40 + [1] * 20 + [2] * 10
    assert max(row["cluster_distance"] for row in found) < 3.0
    turned = ClusterEvaluator(clusters=3).run(given_rows.take(list(range(69, -1, -1)))).table.to_pylist()
    assert {row["row_id"]: row["cluster"] for row in turned} == {row["row_id"]: row["cluster"] for row in found}
    few = ClusterEvaluator(clusters=9).run(table([[1.0, 0.0], [0.0, 1.0], None])).table.to_pylist()
    assert [row["cluster"] for row in few][2] is None
    assert len({row["cluster"] for row in few}) == 3
