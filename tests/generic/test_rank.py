"""Filters that compare rows with each other: what they keep does not depend on the scale of the scores or the order of the rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.core.kinds import Filter
from operators.generic.selection.rank import PercentileFilter, TemperatureSample, TopFilter, percentile
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from tests.core.samples import rows_of
from tests.faults import fault

OPERATORS = [TopFilter(share=0.3), TopFilter(rows=2, order="lowest"), PercentileFilter(min=20, max=70), TemperatureSample(share=0.5)]


def kept(operator: Filter, scores: dict[str, float | None], column: str = "score") -> tuple[list[str], dict[str, str]]:
    """The names of the rows that stay, and why each other does not. The names are the row ids."""
    table = pa.table({"row_id": list(scores), column: pa.array(scores.values(), pa.float64())})
    good, bad = MemoryStorage(), MemoryStorage()
    operator.run(MemoryStorage(table), into=good, rejected=bad, input_score=column)
    return [row["row_id"] for row in rows_of(good)], {row["row_id"]: row["rejected_reason"] for row in rows_of(bad)}


SCORES: dict[str, float | None] = {"a": 3.0, "b": 1.0, "c": None, "d": 9.0, "e": float("nan"), "f": 4.0}


def test_the_top_rows_stay_in_their_order_and_each_other_says_why() -> None:
    names, reasons = kept(TopFilter(rows=2), SCORES)
    assert names == ["d", "f"]
    assert reasons == {
        "a": "score = 3, not among the 2 highest",
        "b": "score = 1, not among the 2 highest",
        "c": "score is null",
        "e": "score is null",
    }
    assert kept(TopFilter(rows=2, order="lowest"), SCORES)[0] == ["a", "b"]


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.01, 1), (0.5, 2), (0.75, 3), (1.0, 4)])
def test_a_share_is_of_the_rows_that_have_a_score(share: float, count: int) -> None:
    assert len(kept(TopFilter(share=share), SCORES)[0]) == count


def test_percentiles_are_of_the_table_and_include_their_bounds() -> None:
    scores: dict[str, float | None] = {str(value): float(value) for value in range(101)}
    assert kept(PercentileFilter(max=30), scores)[0] == [str(value) for value in range(31)]
    assert kept(PercentileFilter(min=90), scores)[0] == [str(value) for value in range(90, 101)]
    names, reasons = kept(PercentileFilter(min=25, max=75), SCORES)
    assert names == ["a", "f"]
    assert reasons["d"] == "score = 9, outside percentiles 25 to 75 of the table, 2.5 to 5.25"
    assert reasons["c"] == "score is null"


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.floats(0, 100))
def test_a_percentile_is_never_nan_and_never_beyond_the_scores(scores: list[float], at: float) -> None:
    assert min(scores) <= percentile(np.array(scores), at) <= max(scores)


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
@given(scores=st.lists(st.integers(-50, 50), min_size=1, max_size=40, unique=True))
def test_the_same_rows_stay_on_another_scale_and_in_another_order(operator: Filter, scores: list[int]) -> None:
    table: dict[str, float | None] = {f"row {value}": float(value) for value in scores}
    same = set(kept(operator, table)[0])
    assert set(kept(operator, dict(reversed(table.items())))[0]) == same
    assert set(kept(operator, {name: 8 * (value or 0.0) for name, value in table.items()})[0]) == same


@fault("absolute thresholds depend on the model; no percentile mode")
def test_a_perplexity_filter_by_percentile_keeps_the_same_texts_whichever_model_measured_them() -> None:
    small: dict[str, float | None] = {"plain": 30.0, "news": 45.0, "poem": 90.0, "noise": 4000.0}
    large: dict[str, float | None] = {"plain": 6.0, "news": 8.0, "poem": 21.0, "noise": 310.0}
    for operator in (PercentileFilter(max=50), TopFilter(share=0.5, order="lowest"), TopFilter(rows=2, order="lowest")):
        assert kept(operator, small, "perplexity")[0] == kept(operator, large, "perplexity")[0] == ["plain", "news"]
    assert kept(ScoreFilter(max=50), small)[0] != kept(ScoreFilter(max=50), large)[0]


@fault("paper keeps the TOP share below 1, here only a band")
def test_superfiltering_keeps_the_top_share_of_the_difficulties_below_one() -> None:
    table = pa.table({"row_id": [str(row) for row in range(14)], "ifd": [*(0.05 * row for row in range(10)), 0.97, 1.0, 1.3, 40.0]})
    below, top = MemoryStorage(), MemoryStorage()
    ScoreFilter(max=1.0).run(MemoryStorage(table), into=below, input_score="ifd")
    TopFilter(share=0.25).run(below, into=top, input_score="ifd")
    assert [row["ifd"] for row in rows_of(top)] == pytest.approx([0.45, 0.97, 1.0])


@fault("0..9 treats logits as a scale: negative (below-average) text is dropped, and the paper samples with temperature instead of a threshold")
class TestTemperatureSample:
    LOGITS: dict[str, float | None] = {f"text {place}": (place - 500) / 100 for place in range(1000)}

    def test_the_higher_a_score_the_likelier_a_row_and_negative_ones_are_not_dropped(self) -> None:
        names, _ = kept(TemperatureSample(rows=400, temperature=2), self.LOGITS)
        assert len(names) == 400
        low, high = ([name for name in names if (self.LOGITS[name] or 0) < 0], [name for name in names if (self.LOGITS[name] or 0) >= 0])
        assert 100 < len(low) < len(high)

    def test_a_low_temperature_is_the_top_and_a_high_one_is_chance(self) -> None:
        cold, _ = kept(TemperatureSample(rows=100, temperature=1e-6), self.LOGITS)
        assert cold == kept(TopFilter(rows=100), self.LOGITS)[0]
        hot, _ = kept(TemperatureSample(rows=400, temperature=1e9), self.LOGITS)
        assert 160 < sum((self.LOGITS[name] or 0) < 0 for name in hot) < 240

    def test_the_chances_of_two_rows_are_in_the_ratio_of_their_exponentials(self) -> None:
        """Of two rows, one is drawn: the one higher by two standard deviations of 1/2 each, at temperature 1, with probability e² / (e² + 1)."""
        pair: dict[str, float | None] = {"low": 0.0, "high": 1.0}
        won = sum(kept(TemperatureSample(rows=1, temperature=1, seed=seed), pair)[0] == ["high"] for seed in range(600))
        assert won / 600 == pytest.approx(math.exp(2) / (math.exp(2) + 1), abs=0.05)

    def test_the_draw_is_the_same_for_a_seed_and_another_for_another(self) -> None:
        draws = [kept(TemperatureSample(rows=50, seed=seed), self.LOGITS)[0] for seed in (0, 0, 1)]
        assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("operator", OPERATORS, ids=repr)
def test_a_table_without_rows_or_without_scores_keeps_nothing_and_does_not_break(operator: Filter) -> None:
    assert kept(operator, {}) == ([], {})
    assert kept(operator, {"a": None}) == ([], {"a": "score is null"})


@pytest.mark.parametrize(
    ("cls", "parameters"),
    [
        (TopFilter, {}),
        (TopFilter, {"rows": 1, "share": 0.5}),
        (PercentileFilter, {}),
        (PercentileFilter, {"min": 60, "max": 40}),
        (TemperatureSample, {}),
    ],
)
def test_sizes_that_say_nothing_or_too_much_are_refused(cls: type[Filter], parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=r"needs either rows or share|needs min, max or both|nothing could pass"):
        cls(**parameters)
