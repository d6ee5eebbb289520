"""JSON Lines and JSON arrays: every value exactly, every broken line set aside."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.tables.errors import StageFailed
from operators.tables.files import FileFormatError, FileStorage
from operators.tables.files.unreadable import check_unreadable


def jsonl(folder: Path, *lines: str | bytes, name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines))
    return path


def column(path: Path, **options: Any) -> tuple[pa.DataType, list[Any]]:
    table = FileStorage(path, **options).read()
    return table.schema.field("a").type, table.column("a").to_pylist()


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["001", "2024-01-01", "", None, "\u2028 \U0001f600"], pa.string()),
        ([1, -(2**63), 2**63 - 1, None], pa.int64()),
        ([0, 2**64 - 1], pa.uint64()),
        ([-1, 2**64 - 1], pa.decimal128(38, 0)),
        ([10**38 - 1, 1 - 10**38], pa.decimal128(38, 0)),
        ([12345678901234567890123, 1], pa.decimal128(38, 0)),
        ([1.5, 2, None], pa.float64()),
        ([True, None], pa.bool_()),
        ([None, None], pa.string()),
        ([["a"], [], None, [None]], pa.list_(pa.string())),
        ([[1, 2**63]], pa.list_(pa.uint64())),
        ([{"x": 1, "y": None}, {"y": "b", "x": 2}, None], pa.struct([("x", pa.int64()), ("y", pa.string())])),
        ([[{"role": "user", "content": "hi"}], []], pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
    ],
)
def test_a_column_takes_the_type_that_holds_each_of_its_values(tmp_path: Path, values: list[Any], type_: pa.DataType) -> None:
    path = jsonl(tmp_path, *(json.dumps({"a": value}) for value in values))
    assert column(path) == (type_, [Decimal(value) if pa.types.is_decimal(type_) else value for value in values])


@pytest.mark.parametrize(
    "values",
    [
        [{"x": 1}, {"y": 2}],  # keys differ
        [{"x": 1}, [1]],
        [["a", 1]],
        [{}],
        [{"a": 1, "A": 2}],  # DuckDB does not see the difference
        [{"": 1}],
        [[10**40, 1.5]],
        [{"x": 12345678901234567890123}, {"x": -1}],
        [[1, 2**60, 0.5]],
        [{"x": "\u0000\U0001f600 null"}, {"y": None}],
        [{str(number): number for number in range(500)}],
    ],
)
def test_nested_values_of_no_common_shape_are_kept_as_json(tmp_path: Path, values: list[Any]) -> None:
    path = jsonl(tmp_path, *(json.dumps({"a": value}) for value in values))
    type_, kept = column(path)
    assert type_ == pa.json_()
    assert [json.loads(text) for text in kept] == values
    FileStorage(tmp_path / "out.jsonl").write(FileStorage(path).read())
    assert [json.loads(line)["a"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == values


def test_text_and_numbers_in_one_column_are_an_error_that_names_the_lines_and_the_remedy(tmp_path: Path) -> None:
    path = jsonl(tmp_path, '{"a": 1}', '{"a": null}', '{"a": "x"}')
    with pytest.raises(FileFormatError, match=r'column "a" mixes') as error:
        FileStorage(path).read()
    assert all(part in str(error.value) for part in (f"a number ({path}:1)", f"text ({path}:3)", 'types={"a": str}'))


def test_a_column_declared_text_keeps_the_json_text_of_other_values(tmp_path: Path) -> None:
    path = jsonl(tmp_path, '{"a": 1}', '{"a": "1"}', '{"a": 1.10}', '{"a": [1, {"b": null}]}', '{"a": true}', '{"a": null}', '{"a": %s}' % ("9" * 50))
    assert column(path, types={"a": str}) == (pa.string(), ["1", "1", "1.10", '[1,{"b":null}]', "true", None, "9" * 50])


def test_integers_beyond_38_digits_have_to_be_declared_as_text(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="more than 38 digits"):
        FileStorage(jsonl(tmp_path, '{"a": %s}' % ("9" * 39))).read()


def test_fractions_beside_integers_that_no_float_holds_are_an_error(tmp_path: Path) -> None:
    assert column(jsonl(tmp_path, '{"a": 0.5}', f'{{"a": {2**60}}}'))[1] == [0.5, float(2**60)]
    with pytest.raises(FileFormatError, match=rf"{2**53 + 1} at .*:2"):
        FileStorage(jsonl(tmp_path, '{"a": 0.5}', f'{{"a": {2**53 + 1}}}')).read()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"a": 1,}', "malformed JSON"),
        ('{"a": 1},', "remove the comma"),
        ("[1]", "is an array, not a JSON object"),
        ('"text"', "is text, not a JSON object"),
        (b'{"a": "\xff"}', "invalid UTF-8 at byte 8"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"a": "x", "a": "y"}', 'key "a" appears twice'),
        ('{"b": {"x": 1, "x": 2}}', 'key "x" appears twice'),
        ('{"a": 1e999}', "beyond the range of a float"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "nested too deeply"),
        ('{"a"', "malformed JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_with_its_number_and_the_rest_is_read(tmp_path: Path, line: str | bytes, error: str) -> None:
    storage = FileStorage(jsonl(tmp_path, '{"a": "1"}', "", line, '{"a": "2"}'))
    assert storage.read().column("a").to_pylist() == ["1", "2"]
    assert storage.count_rows() == 2
    (bad,) = storage.bad_rows
    assert (bad.path, bad.line, storage.bad_row_count) == (storage.path, 3, 1)
    assert error in bad.error
    assert bad.excerpt


def test_a_value_that_does_not_fit_its_declared_type_makes_its_row_bad_whatever_columns_are_read(tmp_path: Path) -> None:
    path = jsonl(tmp_path, '{"a": "12", "b": 1}', '{"a": 1.5, "b": 2}', '{"a": 3, "b": 3}')
    storage = FileStorage(path, types={"a": int})
    assert storage.read().to_pylist() == [{"a": 12, "b": 1}, {"a": 3, "b": 3}]
    assert storage.read(["b"]).to_pylist() == [{"b": 1}, {"b": 3}]
    assert [(bad.line, bad.error) for bad in storage.bad_rows] == [(2, 'column "a": 1.5 is not int64')]


def test_declared_types_are_kept_to(tmp_path: Path) -> None:
    line = {"day": "2024-02-29", "at": "2024-01-01T10:00:00Z", "price": 1.10, "tags": ["a", "b"], "meta": {"x": 1}, "data": "AAE=", "n": 7}
    types = {
        "day": pa.date32(),
        "at": pa.timestamp("us", "UTC"),
        "price": pa.decimal128(10, 2),
        "tags": list[str],
        "meta": dict,
        "data": bytes,
        "n": "int32",
        "absent": float,
    }
    row = FileStorage(jsonl(tmp_path, json.dumps(line)), types=types).read()
    assert row.schema.types == [pa.date32(), types["at"], types["price"], pa.list_(pa.string()), pa.json_(), pa.binary(), pa.int32(), pa.float64()]
    found = row.to_pylist()[0]
    assert (str(found["day"]), str(found["price"]), found["data"], found["meta"], found["absent"]) == ("2024-02-29", "1.10", b"\0\1", '{"x":1}', None)


def test_a_struct_with_a_key_that_was_not_declared_is_bad_rather_than_cut(tmp_path: Path) -> None:
    storage = FileStorage(jsonl(tmp_path, '{"a": {"x": 1}}', '{"a": {"x": 1, "y": 2}}'), types={"a": pa.struct([("x", pa.int64())])})
    assert storage.count_rows() == 1
    assert len(storage.read()) == 1
    assert '"y" is not in the declared' in storage.bad_rows[0].error


def test_byte_order_marks_crlf_and_a_missing_last_line_feed_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b'\xef\xbb\xbf{"a": "1"}\r\n{"a": "2"}')
    assert column(tmp_path / "rows.jsonl")[1] == ["1", "2"]


def test_python_nan_literals_are_read_and_written(tmp_path: Path) -> None:
    path = jsonl(tmp_path, '{"a": NaN}', '{"a": -Infinity}', '{"a": 1}')
    FileStorage(tmp_path / "out.jsonl").write(FileStorage(path).read())
    assert (tmp_path / "out.jsonl").read_text() == '{"a":NaN}\n{"a":-Infinity}\n{"a":1.0}\n'


def test_a_json_array_is_read_element_by_element_with_its_broken_elements_set_aside(tmp_path: Path) -> None:
    text = '\n [ {"a": "x, ]}\\""},\n\n  {"a": "y"\n },\n {"a": 1,},\n 3, {"a": "[z"},\n]\n'
    (tmp_path / "rows.json").write_text(text)
    storage = FileStorage(tmp_path / "rows.json")
    assert storage.read().column("a").to_pylist() == ['x, ]}"', "y", "[z"]
    assert [bad.line for bad in storage.bad_rows] == [6, 7]


def test_a_json_array_larger_than_a_block_keeps_every_element(tmp_path: Path) -> None:
    rows = [{"a": 'text "quoted" [' * number, "n": number} for number in range(0, 3000, 7)]
    rows.append({"a": "z" * 5_000_000, "n": -1})
    (tmp_path / "rows.json").write_text(json.dumps(rows, indent=1))
    assert FileStorage(tmp_path / "rows.json").read().to_pylist() == rows


def test_a_cut_off_json_array_is_refused_with_the_line_of_its_last_element(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"a": 1},\n{"a": 2},\n{"a"')
    with pytest.raises(FileFormatError, match=r"rows\.json:3: the file is cut off"):
        FileStorage(tmp_path / "rows.json").read()


def test_json_lines_named_json_are_read_as_what_they_are(tmp_path: Path) -> None:
    assert column(jsonl(tmp_path, '{"a": "1"}', '{"a": "2"}', name="rows.json"))[1] == ["1", "2"]


def test_a_file_without_one_good_line_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"name the file \.json"):
        FileStorage(jsonl(tmp_path, '[{"a": 1}]')).read()
    with pytest.raises(FileFormatError, match="over several lines"):
        FileStorage(jsonl(tmp_path, "{", '"a": 1', "}", name="one.json")).read()


@pytest.mark.parametrize(("name", "content"), [("e.jsonl", b""), ("e.json", b" []"), ("e.json", b""), ("e.csv", b""), ("e.jsonl", b"\n\n")])
def test_an_empty_file_is_an_empty_table_of_the_declared_columns(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert FileStorage(tmp_path / name).read().shape == (0, 0)
    assert FileStorage(tmp_path / name, types={"a": str}).read().schema == pa.schema([("a", pa.string())])


def test_keys_that_are_data_are_an_error_rather_than_a_table_of_ten_thousand_columns(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="look like data"):
        FileStorage(jsonl(tmp_path, *(json.dumps({f"id{number}": 1}) for number in range(6000)))).read()


def test_batches_are_of_the_size_and_the_columns_asked_for(tmp_path: Path) -> None:
    storage = FileStorage(jsonl(tmp_path, *(json.dumps({"a": number, "b": "x"}) for number in range(10))))
    batches = list(storage.batches(["b", "a"], size=4))
    assert [batch.num_rows for batch in batches] == [4, 4, 2]
    assert batches[0].schema.names == ["b", "a"]
    assert [batch.num_rows for batch in storage.batches([], size=10)] == [10]


@pytest.mark.parametrize(
    ("line", "twice"),
    [
        ({"a": 'x":', "b": '\\":', "c": '" :'}, False),
        ({'a"': 1, "b\\": 2, 'c\\"': '"\\":'}, False),
        ('{"a\\\\": 1, "b": 1, "b": 2}', True),
        ('{"a" : 1, "a" : 2}', True),
        ('{"a": "\\":", "b": 1, "b": 2}', True),
        ('{"a": {"b": {"c": 1, "c": 2}}}', True),
    ],
)
def test_a_repeated_key_is_found_whatever_stands_in_the_text(tmp_path: Path, line: Any, twice: bool) -> None:
    storage = FileStorage(jsonl(tmp_path, line if isinstance(line, str) else json.dumps(line), '{"a": null}'))
    storage.read()
    assert ["twice" in bad.error for bad in storage.bad_rows] == [True] * twice


@pytest.mark.parametrize(
    ("line", "objects"),
    [
        ('{"a": "1"}{"a": "2"}{"a": "3"}', 3),
        ('{"a": "1"} {"a": "2"},{"a": "3"},', 3),
        ('[{"a": "1"}, {"a": "2"}]', 2),
        ('[{"a": "1"}, {"a": "2"}, {"a": "thr', 3),
        ('{"a": "1"}{broken}{"a": "}{"}', 3),
        ('{"a": "1"}{"a: "2"}{"a": "3"}{"a": "4"}', 4),  # a quote is missing
        ('{"a": "1"\x1e{"a": "2"}{"a": "3"}', 2),  # a brace is missing, and what it closes is not certain
        ('{"a": "1",}', 1),
        ('{"a": "1"},', 1),
        ('{"a": "\\lambda \\frac{x}{y}", "b": [{"c": 1}, {"c": 2}, {"c": 3}]}', 1),
        ('{"a" "1", "b": [{"c": 1}, {"c": 2}, {"c": 3}]}', 1),
        ('{"a": [{"c": 1}, {"c": 2}, {"c"', 1),
        ("{'a': [{'c': 1}, {'c': 2}]}", 1),
        ('{"a": "1", "a": "2"}', 1),
        ('["x", 1, {"a": "1"}]', 1),
        ("[1, 2, 3]", 1),
        ("}{ }", 1),
    ],
)
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_each_object_of_a_line_that_is_not_one_object_is_a_bad_row(tmp_path: Path, line: str, objects: int, name: str) -> None:
    storage = FileStorage(jsonl(tmp_path, '{"a": "first"}', line, '{"a": "last"}', name=name))
    assert storage.read().column("a").to_pylist() == ["first", "last"]
    assert ({bad.line for bad in storage.bad_rows}, storage.bad_row_count) == ({2}, objects)


def test_a_file_whose_line_feeds_are_lost_is_mostly_bad_rows(tmp_path: Path) -> None:
    rows = [f'{{"a": "{number}"}}' for number in range(1000)]
    storage = FileStorage(jsonl(tmp_path, *rows[:100], "".join(rows[100:])))
    assert (storage.count_rows(), len(storage.read()), storage.bad_row_count) == (100, 100, 900)
    with pytest.raises(StageFailed, match="900 of 1000 rows"):
        check_unreadable(storage)
