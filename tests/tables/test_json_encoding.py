"""Arrow rows as JSON: the same whatever part of a larger table they are, and nothing that is not the value."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.tables.files import FileFormatError, FileStorage
from operators.tables.files.json.encoding import json_values
from operators.tables.row_ids import with_row_ids

LEAVES: dict[pa.DataType, Any] = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=4),
    pa.large_string(): st.text(max_size=4),
    pa.binary(): st.binary(max_size=4),
    pa.decimal128(9, 2): st.decimals(-9999, 9999, places=2),
    pa.date32(): st.dates(),
    pa.timestamp("us", "UTC"): st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)),
    pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["a", "b", "c"]),
}


@st.composite
def typed_values(draw: Any, depth: int = 2) -> tuple[pa.DataType, Any]:
    """A type, and values of it or nulls."""
    kinds = ["leaf", "list", "large_list", "fixed", "struct", "map"] if depth else ["leaf"]
    kind = draw(st.sampled_from(kinds))
    if kind == "leaf":
        type_, values = draw(st.sampled_from(list(LEAVES.items())))
        return type_, st.none() | values
    inner, values = draw(typed_values(depth - 1))
    if kind == "struct":
        return pa.struct([("x", inner), ("y", pa.int64())]), st.none() | st.fixed_dictionaries({"x": values, "y": st.none() | st.integers(0, 9)})
    if kind == "map":
        entries = st.dictionaries(st.sampled_from("kl"), values, max_size=2).map(lambda found: list(found.items()))
        return pa.map_(pa.string(), inner), st.none() | entries
    if kind == "fixed":
        return pa.list_(inner, 2), st.none() | st.lists(values, min_size=2, max_size=2)
    make = pa.list_ if kind == "list" else pa.large_list
    return make(inner), st.none() | st.lists(values, max_size=3)


@st.composite
def arrays(draw: Any) -> pa.Array:
    type_, values = draw(typed_values())
    return pa.array(draw(st.lists(values, min_size=1, max_size=12)), type_)


def written(array: pa.Array) -> list[bytes]:
    return [orjson.dumps(value) for value in json_values(array, "column")]


@given(arrays(), st.data())
def test_a_part_of_a_column_is_written_as_it_is_in_the_whole(array: pa.Array, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(array)))
    end = data.draw(st.integers(start, len(array)))
    again = data.draw(st.integers(0, end - start))
    assert written(array[start:end][again:]) == written(array)[start + again : end]


@given(arrays())
def test_the_ids_of_rows_do_not_depend_on_the_size_of_batches(array: pa.Array) -> None:
    table = pa.table({"place": range(len(array)), "column": array})
    whole, parts = (pa.Table.from_batches(with_row_ids(table.to_batches(max_chunksize=size)))["row_id"].to_pylist() for size in (None, 2))
    assert whole == parts


def test_a_map_of_each_row_is_its_own_in_every_batch(tmp_path: Path) -> None:
    rows = [{"place": place, "found": [("key", place)]} for place in range(5000)]
    table = pa.Table.from_pylist(rows, pa.schema([("place", pa.int64()), ("found", pa.map_(pa.string(), pa.int64()))]))
    for name in ("rows.jsonl", "rows.csv"):
        with FileStorage(tmp_path / name).writer(table.schema) as writer:
            for batch in table.to_batches(max_chunksize=700):
                writer.write(batch)
        read = FileStorage(tmp_path / name).read().to_pylist()
        found = [row["found"] if isinstance(row["found"], dict) else orjson.loads(row["found"]) for row in read]
        assert found == [{"key": place} for place in range(5000)]


@pytest.mark.parametrize("type_", [pa.timestamp("ms"), pa.timestamp("s", "Europe/Paris"), pa.date64()], ids=str)
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
def test_a_time_that_no_year_has_is_an_error_and_not_text(tmp_path: Path, type_: pa.DataType, name: str) -> None:
    table = pa.table({"at": pa.array([0, 1_704_067_200_123_456], pa.int64()).cast(type_)})
    with (
        pytest.raises(FileFormatError, match='column "at": 1704067200123456 is no time of a year'),
        FileStorage(tmp_path / name).writer(table.schema) as writer,
    ):
        writer.write(table.to_batches()[0])
    assert not (tmp_path / name).exists()


def test_numbers_and_times_are_written_exactly() -> None:
    assert written(pa.array([Decimal("1.10"), None], pa.decimal128(9, 2))) == [b"1.10", b"null"]
    assert written(pa.array([math.nan, math.inf, -math.inf, 0.1])) == [b"NaN", b"Infinity", b"-Infinity", b"0.1"]
    assert written(pa.array([dt.datetime(1, 2, 3, 4, 5, 6, 7)], pa.timestamp("us"))) == [b'"0001-02-03T04:05:06.000007"']
