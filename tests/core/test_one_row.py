"""What a function returns for one row is that row's: a null, a value, or the reason why the row is set aside. The others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from operators.core.kinds import Evaluate, Generate
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed

RETURNED: dict[str, Any] = {
    "both": ("b", 1),
    "by name": {"first": "n", "count": 2},
    "more": {"first": "m", "count": 3, "other": 9},
    "nothing": None,
    "lacks": {"first": "x"},
    "three": ("x", 1, 2),
    "a text": "x",
    "a list": ["x", 1],
}


class Two(Evaluate, abstract=True):
    """Returns what the text names."""

    input_text = Input(str)
    output_first = Output(str)
    output_count = Output(int)

    def evaluate(self, text: str) -> Any:
        return RETURNED[text]


def test_of_several_outputs_none_is_a_null_in_each_and_what_fits_none_sets_its_row_aside() -> None:
    result = Two(max_failed=1.0).run(list(RETURNED), progress=False)
    assert [(row["first"], row["count"]) for row in result.table.to_pylist()] == [("b", 1), ("n", 2), ("m", 3), (None, None)]
    reasons = {row["text"]: row["rejected_reason"] for row in result.rejected.to_pylist()}
    assert reasons["lacks"] == "TypeError: Two returned no 'count', but first; its outputs are first, count."
    assert reasons["three"].startswith("TypeError: Two returned tuple for its outputs first, count")
    assert set(reasons) == {"lacks", "three", "a text", "a list"}


def test_a_stage_of_which_every_row_lacks_an_output_still_fails() -> None:
    with pytest.raises(StageFailed, match="returned no 'count'"):
        Two().run(["lacks"] * 5, progress=False)


class OfATable(Evaluate, abstract=True):
    """Returns less than its outputs, of all rows at once."""

    scope = "table"
    input_text = Input(str)
    output_first = Output(str)
    output_count = Output(int)

    def evaluate_table(self, rows: Any) -> Any:
        return {"first": pa.array(["a"])}


def test_a_function_of_a_whole_table_ends_its_stage() -> None:
    with pytest.raises(StageFailed, match="returned no 'count'"):
        OfATable().run(["a"], progress=False)


FACTS: dict[str, tuple[Any, Any]] = {
    "another key": ({"chars": 3}, {"chars": 3}),
    "the name among others": ({"facts": 3, "kind": "note"}, {"facts": 3, "kind": "note"}),
    "by the output's name": ({"facts": {"chars": 3}}, {"chars": 3}),
    "empty": ({}, {}),
    "a list": ([1, 2], [1, 2]),
    "nothing": (None, None),
}


@pytest.mark.parametrize("of_batch", [False, True])
def test_a_dict_is_the_value_of_an_output_of_dicts(of_batch: bool) -> None:
    class OfRow(Evaluate):
        """Returns what the text names."""

        input_text = Input(str)
        output_facts = Output(dict)

        def evaluate(self, text: str) -> Any:
            return FACTS[text][0]

    class OfBatch(Evaluate):
        """Returns the values, without the output's name."""

        input_text = Input(str)
        output_facts = Output(dict)

        def evaluate_batch(self, text: pa.Array) -> Any:
            return [None if FACTS[name][1] is None else json.dumps(FACTS[name][1]) for name in text.to_pylist()]

    table = (OfBatch() if of_batch else OfRow()).run(list(FACTS), progress=False).table
    assert [None if value is None else json.loads(value) for value in table["facts"].to_pylist()] == [value for _, value in FACTS.values()]


class Parts(Generate, abstract=True):
    """Rows of one output of dicts, and of two outputs."""

    adds_rows = True
    input_text = Input(str)
    output_part = Output(dict)

    def generate(self, text: str) -> Iterator[Any]:
        yield {"word": text}
        yield {"part": {"word": text}}


def test_a_new_row_may_be_a_dict_too_but_never_nothing() -> None:
    made = Parts().run(["a"], progress=False).table["part"].to_pylist()
    assert [json.loads(part) for part in made] == [{"word": "a"}, {"word": "a"}]

    class Nothing(Generate):
        """Makes a row of nothing."""

        adds_rows = True
        input_text = Input(str)
        output_first = Output(str)
        output_second = Output(str)

        def generate(self, text: str) -> Any:
            return [None]

    result = Nothing(max_failed=1.0).run(["a"], progress=False)
    assert "made a row that does not fit its outputs" in result.rejected["rejected_reason"][0].as_py()
