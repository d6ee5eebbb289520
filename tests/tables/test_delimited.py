"""CSV and TSV: text unless declared, null apart from empty, RFC 4180 quoting both ways."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tables.files import FileFormatError, FileStorage
from operators.tables.files.delimited.records import Dialect
from operators.tables.files.delimited.text import DelimitedText


def written(folder: Path, content: bytes, name: str = "rows.csv") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_every_column_is_text_unless_declared(tmp_path: Path) -> None:
    path = written(tmp_path, b"id,day,n\n001,2024-01-01,12345678901234567890\n")
    assert FileStorage(path).read().to_pylist() == [{"id": "001", "day": "2024-01-01", "n": "12345678901234567890"}]
    declared = FileStorage(path, types={"day": "date", "n": pa.uint64()}).read()
    assert declared.schema.types == [pa.string(), pa.date32(), pa.uint64()]
    assert declared.column("n").to_pylist() == [12345678901234567890]


def test_an_empty_field_is_null_and_a_quoted_one_is_empty_text(tmp_path: Path) -> None:
    table = pa.table({"a": ["", None, "NULL", "NA", " "], "b": [None, "", "nan", "x", "y"]})
    FileStorage(tmp_path / "rows.csv").write(table)
    assert (tmp_path / "rows.csv").read_text().splitlines()[1:3] == ['"",', ',""']
    assert FileStorage(tmp_path / "rows.csv").read().equals(table)


def test_nulls_of_a_single_column_survive(tmp_path: Path) -> None:
    table = pa.table({"a": [None, "x", "", None]})
    FileStorage(tmp_path / "rows.csv").write(table)
    assert FileStorage(tmp_path / "rows.csv").read().equals(table)


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.csv.gz", "rows.tsv.zst"])
def test_nested_values_are_json_text_and_come_back_when_declared(tmp_path: Path, name: str) -> None:
    table = pa.table(
        {
            "tags": pa.array([["a,\n", '"b"'], None, []], pa.list_(pa.string())),
            "meta": pa.array([{"x": 1, "y": "é"}, None, {"x": None, "y": "\t"}], pa.struct([("x", pa.int64()), ("y", pa.string())])),
            "any": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"n":12345678901234567890123}', None, "[1]"])),
            "data": pa.array([b"\0\xff", None, b""]),
            "at": pa.array([0, None, 10**15], pa.timestamp("us", "UTC")),
            "big": pa.array([10**37, None, -1], pa.decimal128(38, 0)),
            "f": [0.1, None, 1e300],
            "ok": [True, None, False],
        }
    )
    FileStorage(tmp_path / name).write(table)
    types = {field.name: field.type for field in table.schema}
    assert FileStorage(tmp_path / name, types=types).read().equals(table)


def test_ragged_lines_are_set_aside_with_the_line_they_begin_on(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\r\n1,"x\r\ny"\r\n\r\n1\r\n1,2,3\r\n5" disk,z\r\n\xff,q\r\nlast,"never closed\r\n')
    storage = FileStorage(path)
    assert storage.read().to_pylist() == [{"a": "1", "b": "x\r\ny"}, {"a": '5" disk', "b": "z"}]
    assert sorted((bad.line, bad.error) for bad in storage.bad_rows) == [
        (5, "has 1 fields, the header 2"),
        (6, "has 3 fields, the header 2"),
        (8, 'column "a": invalid UTF-8 at byte 1 of the field'),
        (9, "a quote is opened and never closed"),
    ]


def test_values_that_do_not_fit_the_declared_type_make_their_row_bad(tmp_path: Path) -> None:
    storage = FileStorage(written(tmp_path, b"n,tags\n1,[]\nx,[]\n3,[1\n"), types={"n": int, "tags": "list[int]"})
    assert storage.read().to_pylist() == [{"n": 1, "tags": []}]
    assert [bad.line for bad in storage.bad_rows] == [3, 4]


def test_headers_that_cannot_be_used_are_explained(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match='the column "a" twice'):
        FileStorage(written(tmp_path, b"a,b,a\n1,2,3\n")).read()
    with pytest.raises(FileFormatError, match=r'no column "c".*its columns are a, b'):
        FileStorage(written(tmp_path, b"a,b\n1,2\n"), types={"c": int}).read()
    with pytest.raises(FileFormatError, match="UTF-16"):
        FileStorage(written(tmp_path, "a,b\n1,2\n".encode("utf-16"))).read()
    with pytest.raises(FileFormatError, match="none of its 2 rows"):
        FileStorage(written(tmp_path, b"a,b\n1\n2\n")).read()


def test_a_column_without_a_name_gets_one_from_its_place(tmp_path: Path) -> None:
    assert FileStorage(written(tmp_path, b",b\n0,x\n")).read().to_pylist() == [{"column_1": "0", "b": "x"}]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n\r\n", b"\n" * 500], ids=["one", "two", "many"])
def test_blank_lines_before_the_header_are_skipped_and_lines_are_counted_with_them(tmp_path: Path, blank: bytes) -> None:
    storage = FileStorage(written(tmp_path, blank + b"id,text\n1,a\n" + b"2,b\n" * 30 + b"3\n"))
    assert storage.read().to_pylist()[:2] == [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}]
    assert [row.line for row in storage.bad_rows] == [blank.count(b"\n") + 33]


@pytest.mark.parametrize(("mark", "name"), [(";", "rows.csv"), ("|", "rows.csv"), ("\t", "rows.csv"), (",", "rows.tsv")])
@pytest.mark.parametrize("start", ["sep=", "SEP=", "\ufeffsep="])
def test_the_line_in_which_excel_names_the_mark_between_fields_is_no_header(tmp_path: Path, start: str, mark: str, name: str) -> None:
    text = f'{start}{mark}\r\nid{mark}text\r\n1{mark}"a{mark}b"\r\n'
    assert FileStorage(written(tmp_path, text.encode(), name)).read().to_pylist() == [{"id": "1", "text": f"a{mark}b"}]


@pytest.mark.parametrize("first", ["sep,id", "sep=,id", "separator=;,id"])
def test_a_header_that_begins_like_it_is_a_header(tmp_path: Path, first: str) -> None:
    assert FileStorage(written(tmp_path, f"{first}\n1,2\n".encode())).read().column_names == first.split(",")


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert FileStorage(written(tmp_path, b"a,b\n")).read().schema.names == ["a", "b"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", 'a"b', "\ufeff", '",\n"']
)


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(st.none() | TEXT, st.none() | TEXT), min_size=1, max_size=8), size=st.integers(1, 5))
def test_any_text_comes_back_from_csv_in_batches_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, ...]], size: int
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    table = pa.table({"a": pa.array([row[0] for row in rows], pa.string()), "b": pa.array([row[1] for row in rows], pa.string())})
    FileStorage(path).write(table)
    storage = FileStorage(path)
    assert pa.Table.from_batches(storage.batches(size=size), schema=table.schema).equals(table)
    assert not storage.bad_rows


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.lists(TEXT.filter(lambda text: "\0" not in text), min_size=2, max_size=2), min_size=1, max_size=8))
def test_what_other_programs_write_is_read_alike(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["a", "b"], *rows])
    found = FileStorage(path).read(["a", "b"]).to_pylist()
    assert [[row["a"] or "", row["b"] or ""] for row in found] == rows


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".csv.zst"])
def test_a_text_is_read_whole_in_rooms_of_any_size(tmp_path: Path, ending: str) -> None:
    content = "".join(f"line {number},é\n" for number in range(300_000))
    path = tmp_path / f"made{ending}"
    with pa.output_stream(path, compression="detect") as file:
        file.write(b"\xef\xbb\xbf" + content.encode())
    text = DelimitedText.of_file(str(path), Dialect(b","))
    found, size = [], 1
    while not text.last or text.buffer.size:
        text.fill(size)
        assert text.buffer.size >= size or text.last
        found.append(text.data[:size])
        text.skip(len(found[-1]))
        size = size * 3 % 3_000_017
    assert b"".join(found) == content.encode()
    assert text.line == 300_001
