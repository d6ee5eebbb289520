"""A table told in a few rows."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from operators.generic.summaries import DistributionSummary, ValueCounts
from operators.tables.errors import ParameterError


def test_quantiles_of_infinite_numbers_are_numbers_of_the_table() -> None:
    rows = pa.table({"score": [1.0, 2.0, math.inf, None, math.nan]})
    [row] = DistributionSummary(of=("score",), quantiles=(0, 0.5, 0.7, 0.8, 1)).run(rows).table.to_pylist()
    assert row["quantiles"] == [1.0, 2.0, 2.0, math.inf, math.inf]
    assert (row["rows"], row["nulls"]) == (5, 2)


def test_what_cannot_be_summarised_is_refused_when_the_operator_is_made() -> None:
    with pytest.raises(ParameterError, match="less than or equal to 1"):
        DistributionSummary(of=("score",), quantiles=(50,))
    with pytest.raises(ParameterError, match="stands twice"):
        DistributionSummary(of=("score", "score"))
    with pytest.raises(ParameterError, match="stands twice"):
        ValueCounts(by=("label", "label"))
