"""Dictionaries, views and run ends: files that hold them are read as plain values, at any depth, and every row has an id."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from operators.tables.files import FileStorage
from operators.tables.frames import table_of_frame
from operators.tables.row_ids import with_row_ids

VIEWS = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0], pa.uint32()), pa.array(["x", "y"], pa.string_view()))
ENCODED = [
    (pa.array(["x", None, "y", "x"]).dictionary_encode(), pa.string()),
    (VIEWS, pa.string()),
    (pa.array(["short", None, "", "a text too long to stand in its view"], pa.string_view()), pa.string()),
    (pa.array([b"a", None, b"", b"\xff"], pa.binary_view()), pa.binary()),
    (pa.array([["a"], None, [], ["b", None]], pa.list_view(pa.string())), pa.list_(pa.string())),
    (pa.array([["a"], None, [], ["b", None]], pa.large_list(pa.string_view())), pa.list_(pa.string())),
    (pa.array([["a", "b"], None, ["c", None], ["d", "e"]], pa.list_(pa.string_view(), 2)), pa.list_(pa.string(), 2)),
    (pa.ListArray.from_arrays([0, 1, 2, 3, 4], VIEWS), pa.list_(pa.string())),
    (pa.array([{"a": "x"}, None, {"a": None}, {"a": "y"}], pa.struct([("a", pa.string_view())])), pa.struct([("a", pa.string())])),
    (pa.array([[("k", 1), ("l", None)], None, [], [("m", 3)]], pa.map_(pa.string_view(), pa.int64())), pa.map_(pa.string(), pa.int64())),
    (pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 4], pa.int32()), pa.array([1, None, 2])), pa.int64()),
]
KEPT = [
    pa.array(["x", None], pa.large_string()),
    pa.array([["x"], None], pa.large_list(pa.large_string())),
    pa.array([[(1, "a"), (1, "b")], None], pa.map_(pa.int64(), pa.string())),
    pa.array([datetime.timedelta(1), None]),
]


def arrow_file(folder: Path, table: pa.Table) -> FileStorage:
    with pa.ipc.new_stream(str(folder / "rows.arrow"), table.schema) as writer:
        writer.write_table(table)
    return FileStorage(folder / "rows.arrow")


@pytest.mark.parametrize(("column", "type_"), ENCODED, ids=[str(column.type) for column, _ in ENCODED])
def test_encoded_columns_are_read_as_plain_values_in_batches_of_any_size(tmp_path: Path, column: pa.Array, type_: pa.DataType) -> None:
    storage = arrow_file(tmp_path, pa.table({"a": column}))
    assert storage.schema.field("a").type == type_
    for size in (1, 3, 100):
        table = pa.Table.from_batches(storage.batches(size=size), storage.schema)
        table.validate(full=True)
        assert table.column("a").to_pylist() == column.to_pylist()


@pytest.mark.parametrize("column", KEPT, ids=[str(column.type) for column in KEPT])
def test_other_types_are_kept_as_they_are(tmp_path: Path, column: pa.Array) -> None:
    assert arrow_file(tmp_path, pa.table({"a": column})).read().equals(pa.table({"a": column}))


def test_what_polars_writes_is_read(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "text": ["a", None],
            "kind": pl.Series(["u", "v"], dtype=pl.Categorical),
            "either": pl.Series(["u", None], dtype=pl.Enum(["u", "v"])),
            "tags": pl.Series([["u"], None], dtype=pl.List(pl.Categorical)),
            "data": [b"\x00", None],
            "inner": [{"text": "x", "parts": ["y"]}, {"text": None, "parts": []}],
        }
    )
    frame.write_ipc(tmp_path / "rows.arrow", compat_level=pl.CompatLevel.newest())
    frame.write_parquet(tmp_path / "rows.parquet")
    for found in (FileStorage(tmp_path / "rows.arrow").read(), FileStorage(tmp_path / "rows.parquet").read(), table_of_frame(frame)):
        assert found is not None
        assert found.to_pylist() == frame.to_dicts()
    assert [str(type_) for type_ in FileStorage(tmp_path / "rows.arrow").schema.types[:3]] == ["string"] * 3


def ids(column: pa.Array, size: int = 100) -> list[str]:
    found = with_row_ids(pa.table({"a": column, "n": range(len(column))}).to_batches(max_chunksize=size))
    return [row for batch in found for row in batch.column("row_id").to_pylist()]


@pytest.mark.parametrize(
    "column",
    [
        *(column for column, _ in ENCODED),
        *KEPT,
        pa.array([[(1, "a"), (2, "b")], None, [], [(1, "b")]], pa.map_(pa.int64(), pa.string())),
        pa.array([[("k", 1), ("k", 2)], None, [], [("k", 1)]], pa.map_(pa.string(), pa.int64())),
        pa.array([{"m": [(1.5, [datetime.timedelta(1)])]}, None], pa.struct([("m", pa.map_(pa.float64(), pa.list_(pa.duration("us"))))])),
        pa.array([(1, 2, 3), None, (0, 0, 1)], pa.month_day_nano_interval()),
    ],
    ids=lambda column: str(column.type),
)
def test_every_value_has_a_row_id_that_does_not_depend_on_batches(column: pa.Array) -> None:
    assert ids(column) == ids(column, size=1)
    assert len(set(ids(column))) == len(column)


@pytest.mark.parametrize(("column", "type_"), ENCODED, ids=[str(column.type) for column, _ in ENCODED])
def test_the_id_is_that_of_the_plain_values(column: pa.Array, type_: pa.DataType) -> None:
    assert ids(column) == ids(pa.array(column.to_pylist(), type_))


def test_different_maps_have_different_ids_and_maps_of_text_those_of_objects() -> None:
    texts, numbers = pa.map_(pa.string(), pa.int64()), pa.map_(pa.int64(), pa.int64())
    rows = [[("k", 1), ("k", 2)], [("k", 2), ("k", 1)], [("k", 1)], [("k", 2)], []]
    found = [ids(pa.array([row], texts))[0] for row in rows] + [ids(pa.array([row], numbers))[0] for row in ([(1, 2)], [(2, 1)], [(1, 2), (1, 2)])]
    assert len(set(found)) == len(found)
    assert ids(pa.array([[("k", 1), ("l", 2)]], texts)) == ids(pa.array([{"l": 2, "k": 1}]))
