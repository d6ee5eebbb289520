"""Row ids: the same for the same content, unlike for rows that occur twice."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tables.files import FileStorage
from operators.tables.files.json.encoding import json_rows
from operators.tables.row_ids import GeneratedRowIds, RowIdError, RowIdStorage, _contents, _SeenKeys, with_row_ids
from operators.tables.storage import MemoryStorage


def ids(table: pa.Table, size: int = 1000) -> list[str]:
    return [value for batch in with_row_ids(table.to_batches(max_chunksize=size)) for value in batch.column("row_id").to_pylist()]


TABLE = pa.table({"text": ["a", "b", "a", None, "a"], "n": [1, 1, 1, None, 1], "tags": [["x"], [], ["x"], None, ["x"]]})


def test_ids_are_uuids_unique_and_the_first_column() -> None:
    (batch,) = with_row_ids(TABLE.to_batches())
    assert batch.schema.names == ["row_id", "text", "n", "tags"]
    assert batch.schema.field("row_id").type == pa.string()
    found = batch.column("row_id").to_pylist()
    assert len(set(found)) == 5
    assert [str(uuid.UUID(value)) for value in found] == found
    assert {uuid.UUID(value).version for value in found} == {8}


def test_an_id_is_the_same_in_every_version_of_this_program() -> None:
    assert ids(pa.table({"text": ["a", "a"]})) == ["9d7c32a2-ff32-896c-8ee7-8c01ea1f7ec2", "f999bb0f-d8e5-82b8-a924-733d5c2347b6"]


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.integers(0, 5), max_size=60), size=st.integers(1, 20))
def test_ids_do_not_depend_on_the_size_of_batches(rows: list[int], size: int) -> None:
    table = pa.table({"n": pa.array(rows, pa.int64()), "text": pa.array([str(row) for row in rows], pa.string())})
    found = ids(table, size)
    assert found == ids(table)
    assert len(set(found)) == len(rows)


def test_ids_depend_neither_on_the_order_of_columns_nor_on_columns_of_nulls_nor_on_the_file_format(tmp_path: Path) -> None:
    expected = ids(TABLE)
    assert ids(TABLE.select(["tags", "n", "text"]).append_column("none", pa.nulls(5, pa.string()))) == expected
    for name in ("t.jsonl", "t.parquet", "t.json.gz", "t.csv"):
        FileStorage(tmp_path / name).write(TABLE)
        types = {"n": int, "tags": list[str]} if name == "t.csv" else {}
        assert ids(FileStorage(tmp_path / name, types=types).read()) == expected


def test_a_changed_row_changes_no_other_id() -> None:
    changed = pa.table({"text": ["a", "B", "a", None, "a"], "n": TABLE["n"], "tags": TABLE["tags"]})
    assert [old == new for old, new in zip(ids(TABLE), ids(changed), strict=True)] == [True, False, True, True, True]


def test_generated_rows_with_the_same_text_and_other_parents_have_other_ids() -> None:
    batch = pa.record_batch({"text": ["q", "q"], "parent_ids": [["p1"], ["p2"]]})
    made = GeneratedRowIds()
    first, second = made.add(batch), made.add(batch)
    assert len({*first.column("row_id").to_pylist(), *second.column("row_id").to_pylist()}) == 4


def test_ids_that_a_table_brings_are_kept_and_put_first() -> None:
    table = pa.table({"text": ["a", "b"], "row_id": pa.array(["doc-1", "doc-2"], pa.large_string())})
    (batch,) = with_row_ids(table.to_batches())
    assert batch.to_pydict() == {"row_id": ["doc-1", "doc-2"], "text": ["a", "b"]}


@pytest.mark.parametrize(
    ("brought", "message"),
    [
        (pa.array([1, 2, 3]), "is int64; it has to be text"),
        (pa.array(["a", None, "b"]), "is null in row 2"),
        (pa.array(["a", "b", ""]), "is empty in row 3"),
        (pa.array(["a", "b", "a"]), 'has "a" again in row 3'),
    ],
)
def test_ids_that_cannot_identify_rows_are_refused(brought: pa.Array, message: str) -> None:
    with pytest.raises(RowIdError, match=message):
        list(with_row_ids(pa.table({"row_id": brought}).to_batches(max_chunksize=2)))


def test_a_storage_with_ids_gives_the_same_ids_whatever_columns_are_read() -> None:
    storage = RowIdStorage(MemoryStorage(TABLE))
    assert storage.schema.names == ["row_id", "text", "n", "tags"]
    assert storage.read(["row_id"]).column(0).to_pylist() == ids(TABLE)
    assert storage.read(["n"]).column(0).to_pylist() == TABLE["n"].to_pylist()
    assert storage.read().schema == storage.schema
    assert storage.count_rows() == 5


def test_empty_tables_and_tables_without_columns_have_ids() -> None:
    assert ids(pa.table({"a": pa.array([], pa.string())})) == []
    (batch,) = with_row_ids([pa.RecordBatch.from_struct_array(pa.array([{}, {}], pa.struct([])))])
    assert len(set(batch.column("row_id").to_pylist())) == 2
    assert next(with_row_ids([pa.record_batch({"a": pa.array([], pa.string())})])).schema.names == ["row_id", "a"]


@settings(deadline=None, max_examples=50)
@given(batches=st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=20))
def test_earlier_equal_keys_are_counted(batches: list[list[int]]) -> None:
    seen, counts = _SeenKeys(), dict.fromkeys(range(31), 0)
    for batch in batches:
        expected = []
        for key in batch:
            expected.append(counts[key])
            counts[key] += 1
        assert seen.add(np.array(batch, np.uint64)).tolist() == expected


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[object]]] = {
    "text": (pa.string(), ANY_TEXT | st.sampled_from(["\x00", "\x1f\x7f", '\\"', "\u2028", "\b\f"])),
    "Large": (pa.large_string(), ANY_TEXT),
    'a "key"\n': (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "é": (pa.float64(), st.floats()),
    "ok": (pa.bool_(), st.booleans()),
    "tags": (pa.list_(pa.string()), st.lists(ANY_TEXT, max_size=2)),
    "meta": (pa.struct([("z", pa.int64()), ("a", pa.string())]), st.fixed_dictionaries({"z": st.integers(0, 9), "a": st.none() | ANY_TEXT})),
    "big": (pa.decimal128(38, 0), st.integers(-(10**30), 10**30)),
    "data": (pa.binary(), st.binary(max_size=4)),
}


@settings(deadline=None, max_examples=80)
@given(data=st.data(), names=st.lists(st.sampled_from(list(COLUMNS)), unique=True, min_size=1), rows=st.integers(0, 5), skipped=st.integers(0, 2))
def test_the_content_of_a_row_is_its_json_with_sorted_keys_and_without_nulls(data: st.DataObject, names: list[str], rows: int, skipped: int) -> None:
    values = [data.draw(st.lists(st.none() | COLUMNS[name][1], min_size=rows, max_size=rows)) for name in names]
    batch = pa.RecordBatch.from_arrays([pa.array(column, COLUMNS[name][0]) for name, column in zip(names, values, strict=True)], names=names)
    batch = batch.slice(skipped)
    expected = [
        orjson.dumps({key: value for key, value in row.items() if value is not None}, option=orjson.OPT_SORT_KEYS) for row in json_rows(batch)
    ]
    assert list(_contents(batch)) == expected


def test_a_table_that_brings_a_repeated_id_fails_each_time_that_it_is_read() -> None:
    storage = RowIdStorage(MemoryStorage(pa.table({"row_id": ["a", "b", "a"], "text": ["x", "y", "z"]})))
    for _ in range(2):
        with pytest.raises(RowIdError, match=r'has "a" again in row 3'):
            list(storage.batches(size=1))


def test_ids_that_were_checked_are_the_same_when_they_are_read_again() -> None:
    storage = RowIdStorage(MemoryStorage(pa.table({"text": ["x", "y"], "row_id": ["a", "b"]})))
    first, second = (pa.Table.from_batches(list(storage.batches(size=1))) for _ in range(2))
    assert first.equals(second)
    assert first.schema.names == ["row_id", "text"]
