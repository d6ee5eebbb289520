"""A refiner's report counts the rows that it changed."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from operators.core.kinds import Refine
from operators.core.kinds.refine import changed_rows
from operators.tables.columns import Input
from operators.tables.storage import MemoryStorage


def run(refiner: Refine, *texts: str | None) -> dict[str, Any]:
    return refiner.run(MemoryStorage(pa.table({"text": pa.array(texts, pa.string())})), into=MemoryStorage()).as_dict()


def test_rows_that_failed_or_stayed_as_they_were_are_not_counted() -> None:
    class Upper(Refine):
        """Write in capitals what has no digit."""

        input_text = Input(str)

        def refine(self, text: str) -> str:
            if text.isdigit():
                raise ValueError("a number")
            return text.upper()

    report = run(Upper(max_failed=1.0), "a", "B", None, "1", "c")
    assert report["changed_by"] == {"Upper": 2}
    assert report["rows_failed"] == 1
    assert run(Upper(), "A", None)["changed_by"] == {}


def test_a_function_of_a_batch_is_counted_likewise_over_all_batches() -> None:
    class Marked(Refine):
        """Put a mark after every text but the empty one."""

        input_text = Input(str)

        def refine_batch(self, text: pa.Array) -> list[str]:
            return [value and f"{value}!" for value in text.to_pylist()]

    assert run(Marked(), *["a", "", None] * 2000)["changed_by"] == {"Marked": 2000}


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_a_null_that_stays_is_no_change_and_one_that_comes_or_goes_is(type_: pa.DataType) -> None:
    old, new = pa.array(["a", None, None, "b", "c"], type_), pa.array(["a", None, "x", None, "d"], type_)
    assert changed_rows(old, new).tolist() == [False, False, True, True, True]


def test_columns_of_other_types_are_compared_value_by_value() -> None:
    assert changed_rows(pa.array([["a"], None, []]), pa.array([["b"], None, []])).tolist() == [True, False, False]
