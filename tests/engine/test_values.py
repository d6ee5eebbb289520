"""What a function returns is stored as it is, or its row is set aside: nothing is cut, dropped, taken apart or read as something else."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import BaseModel

from operators.core.kinds import Evaluate, Refine
from operators.core.operator import Operator
from operators.engine.calls import as_array
from operators.engine.values import outside
from operators.tables.columns import Input, Output


class QA(BaseModel):
    question: str
    answer: str | None = None
    tags: list[str] = []


class Size(enum.StrEnum):
    SMALL = "small"
    LARGE = "large"


NOON, MIDNIGHT = dt.datetime(2024, 5, 1, 12, 30, 1, 5), dt.datetime(2024, 5, 1)

KEPT: dict[str, tuple[Any, Any, Any]] = {
    "models in a list": (list[QA], [QA(question="q", answer="a")], [{"question": "q", "answer": "a", "tags": []}]),
    "a model": (QA, QA(question="q"), {"question": "q", "answer": None, "tags": []}),
    "dicts in a list": (list[QA], [{"question": "q", "answer": "a"}, None], [{"question": "q", "answer": "a", "tags": None}, None]),
    "a set": (list[str], {"pear", "fig", "apple"}, ["apple", "fig", "pear"]),
    "a declared set": (set[str], frozenset({"b", "a"}), ["a", "b"]),
    "a set in a struct": (QA, {"question": "q", "tags": {"b", "a"}}, {"question": "q", "answer": None, "tags": ["a", "b"]}),
    "a tuple": (list[int], (1, 2), [1, 2]),
    "an array": (list[float], np.array([0.5, 1.0]), [0.5, 1.0]),
    "whole numbers of numpy": (list[int], np.array([1, 2]), [1, 2]),
    "one of the named": (Literal["good", "bad"], "good", "good"),
    "nothing named": (Literal["good", "bad"] | None, None, None),
    "named ones in a list": (list[Literal["good", "bad"]], ["bad", "good"], ["bad", "good"]),
    "a named number": (Literal[1, 2], 2, 2),
    "a member": (Size, Size.LARGE, "large"),
    "the value of a member": (Size, "small", "small"),
    "a day": (dt.date, dt.date(2024, 5, 1), dt.date(2024, 5, 1)),
    "midnight as a day": (dt.date, MIDNIGHT, dt.date(2024, 5, 1)),
    "a time": (dt.datetime, NOON, NOON),
    "a whole second": (pa.timestamp("s"), NOON.replace(microsecond=0), NOON.replace(microsecond=0)),
    "a whole millisecond": (pa.timestamp("ms"), NOON.replace(microsecond=5000), NOON.replace(microsecond=5000)),
    "an exact number": (decimal.Decimal, decimal.Decimal("1.5"), decimal.Decimal("1.5")),
    "a whole float": (int, 3.0, 3),
    "an integer as a number": (float, 3, 3.0),
    "a map": (pa.map_(pa.string(), pa.int64()), {"a": 1}, [("a", 1)]),
}

ASIDE: dict[str, tuple[Any, Any]] = {
    "a wrong key in a list": (list[QA], [{"question": "q", "anser": "a"}]),
    "a wrong key": (QA, {"question": "q", "reply": "a"}),
    "not among the named": (Literal["good", "bad"], "ugly"),
    "not in a list of them": (list[Literal["good", "bad"]], ["good", "ugly"]),
    "nor a number": (Literal[1, 2], 3),
    "nor a member": (Size, "huge"),
    "a time as a day": (dt.date, NOON),
    "a time as a day in a list": (list[dt.date], [NOON]),
    "a fraction of a second": (pa.timestamp("s"), NOON),
    "a fraction of a millisecond": (pa.timestamp("ms"), NOON),
    "a fraction of a second of a duration": (pa.duration("s"), dt.timedelta(milliseconds=5)),
    "a fraction of a second of a day": (pa.time32("s"), dt.time(1, 2, 3, 5)),
    "a text as a list": (list[str], "no"),
    "a text as a list in a struct": (QA, {"question": "q", "tags": "no"}),
    "a fraction": (int, 1.5),
    "a text of digits": (int, "12"),
    "a number as text": (str, 12),
    "a number as a truth": (bool, 1),
}


def of_row(type_: Any, value: Any) -> Operator:
    class OfRow(Evaluate):
        """Gives the value."""

        input_text = Input(str)
        output_found = Output(type_)

        def evaluate(self, text: str) -> Any:
            return value

    return OfRow(max_failed=1.0)


def of_batch(type_: Any, value: Any) -> Operator:
    class OfBatch(Evaluate):
        """Gives the value for each row."""

        input_text = Input(str)
        output_found = Output(type_)

        def evaluate_batch(self, text: pa.Array) -> Any:
            return [value] * len(text)

    return OfBatch(max_failed=1.0)


@pytest.mark.parametrize("make", [of_row, of_batch])
@pytest.mark.parametrize("what", KEPT)
def test_a_value_of_the_type_is_kept(what: str, make: Any) -> None:
    type_, value, expected = KEPT[what]
    assert make(type_, value).run(["a", "b"], progress=False).table["found"].to_pylist() == [expected, expected]


@pytest.mark.parametrize("make", [of_row, of_batch])
@pytest.mark.parametrize("what", ASIDE)
def test_a_value_of_another_sets_its_row_aside(what: str, make: Any) -> None:
    result = make(*ASIDE[what]).run(["a", "b"], progress=False)
    assert (result.table.num_rows, result.rejected.num_rows) == (0, 2)


ARRAYS: dict[str, tuple[Any, pa.Array, Any]] = {
    "digits as numbers": (int, pa.array(["12"]), None),
    "numbers as text": (str, pa.array([12]), None),
    "truths as numbers": (int, pa.array([True]), None),
    "times as days": (dt.date, pa.array([NOON]), None),
    "structs with another key": (QA, pa.array([{"question": "q", "reply": "a"}]), None),
    "lists of digits": (list[int], pa.array([["1"]]), None),
    "narrower numbers": (int, pa.array([12], pa.int8()), 12),
    "whole floats": (int, pa.array([12.0]), 12),
    "integers as numbers": (float, pa.array([12]), 12.0),
    "large text": (str, pa.array(["a"], pa.large_string()), "a"),
    "text from a dictionary": (str, pa.array(["a"]).dictionary_encode(), "a"),
    "midnights as days": (dt.date, pa.array([MIDNIGHT]), dt.date(2024, 5, 1)),
    "JSON as text": (dict, pa.array(['{"a":1}']), '{"a":1}'),
    "lists of narrower numbers": (list[int], pa.array([[1]], pa.list_(pa.int32())), [1]),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_an_array_is_cast_to_a_like_type_and_to_no_other(what: str) -> None:
    type_, array, expected = ARRAYS[what]

    class OfBatch(Evaluate):
        """Gives the array."""

        input_text = Input(str)
        output_found = Output(type_)

        def evaluate_batch(self, text: pa.Array) -> Any:
            return array

    result = OfBatch(max_failed=1.0).run(["a"], progress=False)
    assert result.table["found"].to_pylist() == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("given", "type_", "values"),
    [
        (np.array(["2024-05-01"], "datetime64[D]"), pa.date32(), [dt.date(2024, 5, 1)]),
        (np.array([[1, 2], [3, 4]]), pa.list_(pa.int64()), [[1, 2], [3, 4]]),
        (np.array([[0.5, 1.0]]), pa.list_(pa.float64()), [[0.5, 1.0]]),
        (pd.Series([1, None], dtype="Int64"), pa.int64(), [1, None]),
        (pd.Series(pd.to_datetime(["2024-05-01", None])), pa.date32(), [dt.date(2024, 5, 1), None]),
        (pd.Series(pd.to_datetime(["2024-05-01 12:30:01", None])), pa.timestamp("s"), [dt.datetime(2024, 5, 1, 12, 30, 1), None]),
        (pd.Series([["a"], np.nan]), pa.list_(pa.string()), [["a"], None]),
        (pd.Series(["{}", None]), pa.json_(), ["{}", None]),
        (pd.Series([0.5, np.nan]), pa.float64(), [0.5, None]),
    ],
)
def test_a_column_of_numpy_or_pandas_keeps_its_values_and_what_is_missing(given: Any, type_: pa.DataType, values: list[Any]) -> None:
    assert as_array(given, type_, len(values), "it").to_pylist() == values


@pytest.mark.parametrize(
    ("given", "type_"),
    [
        (np.array([1.5]), pa.int64()),
        (pd.Series(["1"]), pa.int64()),
        (pd.Series(pd.to_datetime(["2024-05-01 12:30"])), pa.date32()),
        (pa.array([0], pa.timestamp("s")), pa.time32("s")),
    ],
)
def test_a_column_of_another_type_is_refused(given: Any, type_: pa.DataType) -> None:
    with pytest.raises(pa.ArrowInvalid):
        as_array(given, type_, 1, "it")


def test_nulls_that_hide_values_are_not_among_those_named() -> None:
    hidden = pa.ListArray.from_arrays([0, 2, 3], pa.array(["z", "z", "a"]), mask=pa.array([True, False]))
    assert outside(hidden, ("a",)).tolist() == [False, False]


def test_a_model_and_a_set_are_values_of_an_output_of_any_json() -> None:
    class Facts(Evaluate):
        """Gives what was found."""

        input_text = Input(str)
        output_facts = Output(dict)

        def evaluate(self, text: str) -> Any:
            return {"facts": {"pairs": [QA(question="q")], "words": {"b", "a"}}}

    (found,) = Facts().run(["a"], progress=False).table["facts"].to_pylist()
    assert json.loads(found) == {"pairs": [{"question": "q", "answer": None, "tags": []}], "words": ["a", "b"]}


def test_json_of_a_batch_of_which_one_row_raises_is_written_once() -> None:
    class Facts(Evaluate):
        """Gives JSON as text, and raises for a batch with an empty text."""

        input_text = Input(str)
        output_facts = Output(dict)

        def evaluate_batch(self, text: pa.Array) -> Any:
            if "" in text.to_pylist():
                raise ValueError("an empty text")
            return ['{"a":1}'] * len(text)

    assert Facts(max_failed=1.0).run(["a", ""], progress=False).table["facts"].to_pylist() == ['{"a":1}']


class ToTheMicrosecond(Refine, abstract=True):
    """Adds what a column of seconds cannot hold, or a second."""

    input_at = Input(Any)
    step: int = 1

    def refine(self, at: dt.datetime) -> dt.datetime:
        return at + dt.timedelta(microseconds=self.step)


def test_a_time_is_not_rewritten_to_another_one_by_its_column() -> None:
    table = pa.table({"at": pa.array([MIDNIGHT], pa.timestamp("s"))})
    assert ToTheMicrosecond(max_failed=1.0).run(table, progress=False).table.num_rows == 0
    later = ToTheMicrosecond(step=1_000_000).run(table, progress=False).table["at"].to_pylist()
    assert later == [MIDNIGHT + dt.timedelta(seconds=1)]
