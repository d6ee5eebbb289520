"""ScoreFilter: bounds, nulls, reasons."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from tests.core.samples import rows_of, table


def scored(*scores: float | int | None, type_: pa.DataType | None = None) -> MemoryStorage:
    return table(*(str(score) for score in scores), score=pa.array(scores, type_))


def kept(operator: ScoreFilter, storage: MemoryStorage) -> tuple[list[str], dict[str, str]]:
    good, bad = MemoryStorage(), MemoryStorage()
    operator.run(storage, into=good, rejected=bad)
    return [row["text"] for row in rows_of(good)], {row["text"]: row["rejected_reason"] for row in rows_of(bad)}


def test_both_bounds_are_included_and_each_rejection_has_its_reason() -> None:
    names, reasons = kept(ScoreFilter(min=1, max=3), scored(0, 1, 2, 3, 4))
    assert names == ["1", "2", "3"]
    assert reasons == {"0": "score = 0, below min = 1", "4": "score = 4, above max = 3"}


def test_null_and_nan_are_no_score() -> None:
    storage = scored(None, float("nan"), 2.0, type_=pa.float64())
    assert kept(ScoreFilter(min=-1e9), storage) == (["2.0"], {"None": "score is null", "nan": "score is null"})
    assert kept(ScoreFilter(min=-1e9, nulls="keep"), storage)[0] == ["None", "nan", "2.0"]


def test_integers_beyond_the_precision_of_floats_can_be_filtered() -> None:
    assert kept(ScoreFilter(min=10), scored(2**62, 1))[0] == [str(2**62)]


@pytest.mark.parametrize("bounds", [{}, {"min": 2, "max": 1}])
def test_bounds_that_say_nothing_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=r"needs min, max or both|nothing could pass"):
        ScoreFilter(**bounds)
