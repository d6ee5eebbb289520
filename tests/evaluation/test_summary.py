"""Intervals, McNemar's test, the table of a benchmark, and its report."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_assets.showing.benchmark import benchmark_markdown, intervals_svg, is_benchmark
from operators.evaluation.intervals import bootstrap, mcnemar_exact, of_share
from operators.evaluation.summary import BenchmarkSummary

ROWS = [{"right": place % 3 != 0, "score": float(place % 3 != 0), "category": "ab"[place % 2], "other_right": place % 2 == 0} for place in range(60)]


@given(st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_mcnemar_is_the_binomial_test_of_the_pairs_that_differ(first: int, other: int) -> None:
    """Against the sum over all splits as uneven as this one or more."""
    total = first + other
    exact = sum(math.comb(total, k) for k in range(total + 1) if abs(2 * k - total) >= abs(first - other)) / 2**total if first != other else 1.0
    assert mcnemar_exact(first, other) == pytest.approx(exact)
    assert mcnemar_exact(first, other) == mcnemar_exact(other, first)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_a_bootstrap_depends_on_the_values_alone_and_holds_their_mean(values: list[float], seed: int) -> None:
    found = bootstrap(values, seed, resamples=200)
    assert found is not None
    assert found == bootstrap(sorted(values), seed, resamples=200)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_the_interval_is_as_wide_as_theory_says_and_holds_the_truth_as_often() -> None:
    draws = np.random.default_rng(0).random((200, 100)) < 0.7
    found = [of_share(list(row), seed=1) for row in draws]
    held = sum(one is not None and one.low <= 0.7 <= one.high for one in found)
    assert 178 <= held <= 200
    wide = bootstrap([1.0] * 700 + [0.0] * 300, seed=0)
    assert wide is not None
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * math.sqrt(0.7 * 0.3 / 1000), rel=0.1)


def test_many_different_values_are_drawn_in_groups_with_the_same_result() -> None:
    values = np.random.default_rng(0).normal(size=4000)
    found = bootstrap(values, seed=0, resamples=500)
    assert found is not None
    assert found.mean == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(len(values)), rel=0.15)


def test_all_right_is_no_certainty() -> None:
    found = of_share([True] * 5, seed=0)
    assert found is not None
    assert (found.mean, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.4782, abs=1e-4)


def test_the_table_has_all_first_then_the_categories_and_compares_the_same_questions() -> None:
    made = BenchmarkSummary().run(ROWS).table
    assert is_benchmark(made.schema)
    rows = made.to_pylist()
    assert [row["benchmark_category"] for row in rows] == ["all", "a", "b"]
    every = rows[0]
    both = [(row["right"], row["other_right"]) for row in ROWS]
    assert (every["only_first"], every["only_other"]) == (both.count((True, False)), both.count((False, True)))
    assert every["difference"] == pytest.approx(every["other_accuracy"] - every["accuracy"])
    assert every["p_value"] == mcnemar_exact(every["only_first"], every["only_other"])
    assert [len(row["parent_ids"]) for row in rows] == [60, 30, 30]


def test_the_order_of_the_rows_changes_nothing_and_another_seed_only_the_edges() -> None:
    names = ["accuracy", "accuracy_low", "accuracy_high", "difference_low", "p_value"]
    first, turned = (BenchmarkSummary().run(rows).table.select(names).to_pylist() for rows in (ROWS, ROWS[::-1]))
    assert first == turned
    other = BenchmarkSummary(seed=5).run(ROWS).table.to_pylist()[0]
    assert other["accuracy"] == first[0]["accuracy"]


def test_rows_that_only_one_model_has_are_not_compared() -> None:
    rows = [{"right": True, "score": 1.0, "other_right": None}, {"right": None, "score": None, "other_right": True}]
    schema = pa.schema([("right", pa.bool_()), ("score", pa.float64()), ("other_right", pa.bool_())])
    [every] = BenchmarkSummary().run(pa.Table.from_pylist(rows, schema)).table.to_pylist()
    assert (every["compared"], every["p_value"], every["difference"]) == (None, None, None)
    assert (every["accuracy"], every["other_accuracy"]) == (1.0, 1.0)


def test_the_report_says_what_can_be_said_and_nothing_in_it_is_markup() -> None:
    rows = BenchmarkSummary().run([{**row, "category": "<b>|x"} for row in ROWS]).table.to_pylist()
    said = benchmark_markdown(rows)
    assert "66.7% (55.0% to 78.3%)" in said
    assert "cannot be told from these questions" in said
    assert "\\<b>\\|x" in said
    picture = intervals_svg(rows)
    assert "<b>" not in picture
    assert picture.count("<rect") == 4
    texts = pa.table({"right": pa.nulls(2, pa.bool_()), "score": [12.5, None]})
    one = benchmark_markdown(BenchmarkSummary().run(texts).table.to_pylist())
    assert "12.500" in one
    assert "Of 1 rows nothing can be said" in one
    better = [{"right": False, "score": 0.0, "other_right": True}] * 12
    assert "The other model is better" in benchmark_markdown(BenchmarkSummary().run(better).table.to_pylist())


def test_a_score_that_is_no_number_is_not_counted() -> None:
    rows = pa.table({"right": pa.array([None, None], pa.bool_()), "score": pa.array([float("nan"), 12.0])})
    [every] = BenchmarkSummary().run(rows).table.to_pylist()
    assert (every["rows"], every["scored"], every["mean_score"]) == (2, 1, 12.0)
