"""Types that a user declares: each value is kept as it was written, or its row is bad, or the reading stops."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from operators.tables.files import FileFormatError, FileStorage

STRUCT = pa.struct([("a", pa.int64()), ("b", pa.int64())])


def of_text(folder: Path, texts: list[str], type_: Any, name: str) -> tuple[list[Any], int]:
    """The good values of a column of texts, and how many rows are bad; a good row and a number come first."""
    if name.endswith(".csv"):
        lines = ["n,a", *(f'0,"{text.replace(chr(34), chr(34) * 2)}"' for text in texts)]
    else:
        lines = [json.dumps({"n": 0, "a": text}) for text in texts]
    (folder / name).write_text("\n".join([*lines, ""]))
    storage = FileStorage(folder / name, types={"a": type_})
    return storage.read().column("a").to_pylist(), storage.bad_row_count


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (int, {"12": 12, "-0": 0, "007": 7, str(2**63 - 1): 2**63 - 1}, ["0x10", "0X1F", "1_000", " 5", "5.0", str(2**63)]),
        ("uint8", {"255": 255}, ["256", "-1", "0xff"]),
        (
            float,
            {"0.1": 0.1, "9007199254740992": 2.0**53, "1e300": 1e300, "12345678901234567.5": 12345678901234567.5, "inf": math.inf, "-3": -3.0},
            ["9007199254740993", "1e400", "-1e999", "9" * 400, "1 000", "0x10"],
        ),
        ("float32", {"0.5": 0.5, "16777216": 2.0**24, "-inf": -math.inf, "33554432": 2.0**25}, ["16777217", "1e300", "16777217.0", "1e-60"]),
        ("float16", {"1.5": 1.5, "2048": 2048.0}, ["2049", "70000", "1e-30"]),
        (pa.decimal128(10, 2), {"1.10": Decimal("1.10")}, ["1.999", "123456789.00"]),
        (pa.time64("us"), {"23:59": datetime.time(23, 59), "01:02:03.000004": datetime.time(1, 2, 3, 4)}, ["24:00", "1:00", "01:02:03.0000004"]),
        (pa.time32("s"), {"12:00:00": datetime.time(12), "12:00:00.000": datetime.time(12)}, ["12:00:00.5", "12:60"]),
        ("date", {"2024-02-29": datetime.date(2024, 2, 29)}, ["2023-02-29"]),
    ],
)
def test_text_is_read_as_what_it_says_or_its_row_is_bad(tmp_path: Path, type_: Any, good: dict[str, Any], bad: list[str], name: str) -> None:
    assert of_text(tmp_path, list(good), type_, name) == (list(good.values()), 0)
    for text in bad:
        assert of_text(tmp_path, [*good, text], type_, name) == (list(good.values()), 1), text


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_fractions_take_the_nearest_float(tmp_path: Path, name: str) -> None:
    values, bad = of_text(tmp_path, ["0.1", "3.14159265358979", "1e30", "nan"], "float32", name)
    assert bad == 0
    assert values[:3] == pytest.approx([0.1, 3.14159265358979, 1e30], rel=1e-6)
    assert math.isnan(values[3])


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("float32", ["0.5", "16777216", "70000", "Infinity"], ["16777217", "1e300"]),
        ("float16", ["0.5", "2048"], ["2049", "70000"]),
        (float, ["0.1", "9007199254740992"], ["9007199254740993"]),
        (pa.list_(pa.int64(), 2), ["[1, 2]"], ["[1, 2, 3]", "[1]"]),
        (pa.list_(pa.float32()), ["[0.5, null]"], ["[16777217]"]),
    ],
)
def test_numbers_of_json_fit_their_declared_type_or_their_row_is_bad(tmp_path: Path, type_: Any, good: list[str], bad: list[str]) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"a": {value}}}\n' for value in [*good, *bad]))
    storage = FileStorage(tmp_path / "rows.jsonl", types={"a": type_})
    assert storage.read().column("a").to_pylist() == [json.loads(value) for value in good]
    assert [row.line for row in storage.bad_rows] == list(range(len(good) + 1, len(good) + len(bad) + 1))


@pytest.mark.parametrize(
    ("type_", "written", "read"),
    [
        (str, '[1.10,12345678901234567890.123,{"b":-0.50}]', '[1.10,12345678901234567890.123,{"b":-0.50}]'),
        (str, '{"b": [1.0, null, true, "x", 1e2]}', '{"b":[1.0,null,true,"x",1e2]}'),
        (str, "[1, 12345678901234567890123, 2.50]", "[1,12345678901234567890123,2.50]"),
        (str, '["1.10"]', '["1.10"]'),
        (list[str], "[1.10, 2]", ["1.10", "2"]),
        (pa.struct([("b", pa.string())]), '{"b": 1.10}', {"b": "1.10"}),
        (pa.list_(pa.decimal128(10, 2)), "[1.10]", [Decimal("1.10")]),
        (list[float], "[1.10]", [1.1]),
    ],
)
def test_text_and_decimals_keep_the_digits_of_the_file_at_any_depth(tmp_path: Path, type_: Any, written: str, read: Any) -> None:
    (tmp_path / "rows.jsonl").write_text(f'{{"a": {written}}}\n{{"a": null}}\n')
    assert FileStorage(tmp_path / "rows.jsonl", types={"a": type_}).read().column("a").to_pylist() == [read, None]


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
@pytest.mark.parametrize("type_", [pa.duration("s"), pa.list_(pa.duration("ms")), pa.map_(pa.string(), pa.int64()), pa.month_day_nano_interval()])
def test_a_type_that_no_text_has_is_refused_at_once(tmp_path: Path, type_: pa.DataType, name: str) -> None:
    (tmp_path / name).write_text('{"a": 1}\n' if name.endswith(".jsonl") else "a\n1\n")
    with pytest.raises(FileFormatError, match=r'column "a" is declared as .*not read from text'):
        FileStorage(tmp_path / name, types={"a": type_}).read()


# Parquet and Arrow


def folder_of(folder: Path, ending: str, *columns: pa.Array) -> Path:
    """A file for each column, which is named "a"."""
    for number, column in enumerate(columns):
        table = pa.table({"a": column})
        if ending == "parquet":
            pq.write_table(table, folder / f"{number}.parquet")
        else:
            with pa.ipc.new_stream(str(folder / f"{number}.arrow"), table.schema) as writer:
                writer.write_table(table)
    return folder


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize(
    ("columns", "type_", "values"),
    [
        ([pa.array([1], pa.int32()), pa.array([2**40])], int, [1, 2**40]),
        ([pa.array([1]), pa.array(["x"])], str, ["1", "x"]),
        ([pa.array([1]), pa.array(["7"])], int, [1, 7]),
        ([pa.array([{"a": 1}]), pa.array([{"b": 3, "a": 2}, None])], STRUCT, [{"a": 1, "b": None}, {"a": 2, "b": 3}, None]),
        ([pa.array([[{"a": 1}]]), pa.array([[{"a": 2, "b": 3}], None])], pa.list_(STRUCT), [[{"a": 1, "b": None}], [{"a": 2, "b": 3}], None]),
        ([pa.array([{"a": 1, "b": None}], STRUCT)], pa.struct([("a", pa.int64())]), [{"a": 1}]),
        ([pa.array([{"a": 1}]), pa.array([{"b": [0.5]}])], dict, ['{"a":1}', '{"b":[0.5]}']),
        ([pa.array([{"a": 1}]), pa.array(["plain"])], str, ['{"a":1}', "plain"]),
        ([pa.array([0.5, math.inf, None])], "float32", [0.5, math.inf, None]),
        ([pa.array([2.0, -0.0])], int, [2, 0]),
        ([pa.array([0, 1])], bool, [False, True]),
        ([pa.array([datetime.datetime(2024, 1, 1)])], "date", [datetime.date(2024, 1, 1)]),
        ([pa.array(["plain"])], bytes, [b"plain"]),
    ],
)
def test_the_declared_type_is_that_of_all_files(tmp_path: Path, ending: str, columns: list[pa.Array], type_: Any, values: list[Any]) -> None:
    folder = folder_of(tmp_path, ending, *columns)
    if len(columns) > 1 and not all(pa.types.is_struct(column.type) for column in columns) and not pa.types.is_list(columns[0].type):
        with pytest.raises(FileFormatError, match="Declare the type"):
            FileStorage(folder).read()
    assert FileStorage(folder, types={"a": type_}).read().column("a").to_pylist() == values


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize(
    ("column", "type_", "said"),
    [
        (pa.array([{"a": 1, "b": 2}]), pa.struct([("a", pa.int64())]), 'its field "b" has values'),
        (pa.array([[{"a": 1, "b": 2}]]), pa.list_(pa.struct([("a", pa.int64())])), 'its field "b" has values'),
        (pa.array([0.1]), "float32", "would become"),
        (pa.array([1e300]), "float32", "would become inf"),
        (pa.array([2**53 + 1]), float, "not in range"),
        (pa.array([2**40]), "int32", "not in range"),
        (pa.array([0, 5]), bool, "5 would become True"),
        (pa.array([2.5]), int, "truncated"),
        (pa.array([1.123]), pa.decimal128(10, 2), "would become"),
        (pa.array([datetime.datetime(2024, 1, 1, 5)]), "date", "would become"),
        (pa.array(["0x10"]), int, "is not int64"),
        (pa.array(["{"]), dict, "malformed JSON"),
    ],
)
def test_a_value_that_would_change_stops_the_reading(tmp_path: Path, ending: str, column: pa.Array, type_: Any, said: str) -> None:
    folder = folder_of(tmp_path, ending, column)
    with pytest.raises(FileFormatError, match=f'column "a" is .* and cannot become .*{said}'):
        FileStorage(folder, types={"a": type_}).read()
