"""Faults found in reading and writing files, each with the right outcome: every byte is in a row or a bad row, or the reading fails."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tables.files import FileAccessError, FileChangedError, FileFormatError, FileStorage, MissingFileError
from operators.tables.files.errors import access_error
from operators.tables.files.streams import atomic_file


def written(folder: Path, content: bytes | str, name: str) -> FileStorage:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return FileStorage(folder / name)


# A1: JSON whose end is not certain


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"a":1},{"a":2}', "not closed"),
        ('[{"a":1},{"a":2', "not closed"),
        ('[{"a":1},{"a":"x', "not closed"),
        ('[{"a":1},', "not closed"),
        ('[{"a":1}][{"a":2}]', "text follows"),
        ('[{"a":1}]\n{"a":2}\n', "text follows"),
        ('[{"a":1}]]', "text follows"),
        ('[{"a":1}],', "text follows"),
        ('[{"a":1}]\0', "text follows"),
        ('[{"a":[1},{"a":2}]', 'closes what "\\["'),
        ('[{"a":1,{"a":2}]', 'closes what "{"'),
        ('[{"a":1} {"a":2}]', "several elements"),
        ('[{"a":1,},{"a":2 {"a":3}]', 'closes what "{"'),
        ('{"data": [\n{"a":1},\n{"a":2}\n]}', "one JSON object over several lines"),
    ],
)
def test_a1_an_array_whose_end_is_not_certain_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(FileFormatError, match=said):
        written(tmp_path, content, "rows.json").read()


def test_a1_a_stray_bracket_spoils_one_element_of_many(tmp_path: Path) -> None:
    elements = [f'{{"a":{number}}}' for number in range(1000)]
    elements[100] += "}"
    storage = written(tmp_path, "[" + ",\n".join(elements) + "]", "rows.json")
    assert storage.read().num_rows == 999
    assert [(bad.line, storage.bad_row_count) for bad in storage.bad_rows] == [(101, 1)]


def test_a1_json_lines_in_a_json_file_count_each_broken_line_and_each_object_of_it(tmp_path: Path) -> None:
    storage = written(tmp_path, '{"a":1}\n{"a":2\n{"a":3}\n[4]\n{"a":5}{"a":6}\n', "rows.json")
    assert storage.read().to_pylist() == [{"a": 1}, {"a": 3}]
    assert [bad.line for bad in storage.bad_rows] == [2, 4, 5, 5]


def test_a1_json_lines_whose_lines_end_with_carriage_returns_are_counted_one_by_one(tmp_path: Path) -> None:
    storage = written(tmp_path, '{"a":1}\n{"a":2}\r{"a":3\r{"a":4}\r\n{"a":\r5}\n', "rows.jsonl")
    assert [row["a"] for row in storage.read().to_pylist()] == [1, 2, 4, 5]
    assert storage.bad_row_count == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.csv"])
def test_a1_wide_characters_are_named_for_what_they_are(tmp_path: Path, encoding: str, name: str) -> None:
    with pytest.raises(FileFormatError, match=encoding[:6].upper()):
        written(tmp_path, '{"a":1}\n'.encode(encoding), name).read()


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.jsonl.zst", "rows.csv.gz"])
@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:-3], lambda raw: raw + b"more", lambda raw: b""])
def test_a1_a_cut_or_continued_archive_is_refused(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    storage = FileStorage(tmp_path / name, overwrite=True)
    storage.write(pa.table({"a": [os.urandom(40).hex() for _ in range(2000)]}))
    raw = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(damage(raw))
    with pytest.raises(FileFormatError, match=r"damaged|incomplete"):
        storage.read()


def test_a1_members_of_an_archive_are_read_on_and_a_broken_one_is_not_the_end(tmp_path: Path) -> None:
    two = gzip.compress(b'{"a": 1}\n{"a"') + gzip.compress(b": 2}\n")
    assert written(tmp_path, two + b"\0" * 600, "rows.jsonl.gz").read().to_pylist() == [{"a": 1}, {"a": 2}]
    with pytest.raises(FileFormatError, match="ends in the middle"):
        written(tmp_path, two + gzip.compress(b'{"a": 3}\n')[:12], "rows.jsonl.gz").read()


def test_a1_a_flipped_bit_in_a_zst_file_is_found_by_its_checksum(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "rows.jsonl.zst")
    storage.write(pa.table({"a": [os.urandom(30).hex() for _ in range(300)]}))
    raw = (tmp_path / "rows.jsonl.zst").read_bytes()
    expected = storage.read()
    for place in range(20, len(raw), max(1, len(raw) // 60)):
        (tmp_path / "rows.jsonl.zst").write_bytes(raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :])
        try:
            assert FileStorage(tmp_path / "rows.jsonl.zst").read().equals(expected)
        except FileFormatError:
            continue
    (tmp_path / "rows.jsonl.zst").write_bytes(raw + raw)  # joined files have two checksums, of which neither is that of the whole
    assert FileStorage(tmp_path / "rows.jsonl.zst").count_rows() == 600


# A2: quotes


def table_of(rows: int, ends: str = "\n", **changed: str) -> str:
    lines = [f"{number}\tsome text of row {number}" for number in range(rows)]
    for number, line in changed.items():
        lines[int(number.removeprefix("row"))] = line
    return ends.join(["id\ttext", *lines, ""])


@pytest.mark.parametrize(
    "last", ["2000\ttwo", '2000\ta 5" pipe', '2000\t"quoted well"', '2000\t"Hello" he said', '2000\tit is 5"', '2000\t"another open one']
)
def test_a2_a_quote_that_is_never_closed_does_not_swallow_a_file(tmp_path: Path, last: str) -> None:
    storage = written(tmp_path, table_of(3000, row100='100\t"begins with a quote', row2000=last), "rows.tsv")
    try:
        rows = storage.read().num_rows
    except FileFormatError as error:
        assert "rows.tsv:102" in str(error)  # noqa: PT017 (either outcome is right)
        return
    assert rows + storage.bad_row_count == 3000
    assert max(map(len, storage.read().column("text").to_pylist())) < 100


def test_a2_one_open_quote_costs_one_row(tmp_path: Path) -> None:
    storage = written(tmp_path, table_of(3000, row100='100\t"begins with a quote', row2000='2000\ta 5" pipe'), "rows.tsv")
    assert storage.read().num_rows == 2999
    assert [bad.line for bad in storage.bad_rows] == [102]


@pytest.mark.parametrize(
    ("content", "rows", "bad"),
    [
        ('a,b\n1,"x"y\n2,z\n', 1, 1),  # text after the closing quote
        ('a,b\n"x"y,1\n2,z\n', 1, 1),
        ('a,b\n1,x"y"\n2,5"\n', 2, 0),  # in the middle of a field, a quote is a quote
        ('a,b\n1,"cut', 0, 1),
        ('a,"b\nc"\n1,2\n', 1, 0),
        ('a,b\n1,"two\n\nlines, and ""quotes"""\n', 1, 0),
    ],
)
def test_a2_quotes_in_odd_places_are_a_row_or_a_counted_bad_row(tmp_path: Path, content: str, rows: int, bad: int) -> None:
    storage = written(tmp_path, content + "3,good\n" * (not content.endswith("cut")), "rows.csv")
    if content.endswith("cut"):
        with pytest.raises(FileFormatError, match="none of its 1 rows"):
            storage.read()
        return
    assert (storage.read().num_rows, storage.bad_row_count) == (rows + 1, bad)


@pytest.mark.parametrize("header", ['id,"text\n', 'id,"text" x\n', '"id,text\n'])
def test_a2_a_broken_quote_in_the_header_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(FileFormatError, match="header"):
        written(tmp_path, header + "1,a\n" * 50, "rows.csv").read()


def test_a2_a_field_of_many_megabytes_is_kept(tmp_path: Path) -> None:
    text = "long, but \n" * 500_000
    storage = written(tmp_path, f'a,b\n1,"{text}"\n2,x\n', "rows.csv")
    assert storage.read().column("b").to_pylist() == [text, "x"]


def test_a2_fields_separated_by_something_else_are_not_one_column(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="separated by ';'"):
        written(tmp_path, "a;b\n1;2\n", "rows.csv").read()


# A3: carriage returns


@pytest.mark.parametrize(
    ("content", "values", "bad"),
    [
        (b"text\rone\rtwo\r", [("one",), ("two",)], 0),
        (b"a,b\r1,2\n3,4\n", [("1", "2"), ("3", "4")], 0),
        (b"a,b\n1,2\r3,4\r\n5,6\n", [("1", "2"), ("3", "4"), ("5", "6")], 0),
        (b'a,b\n1,"x\ry"\n', [("1", "x\ry")], 0),
        (b"a,b\n1,x\ry\n3,4\n", [("3", "4")], 2),
        (b"a\nx\ry\nz\n", [("z",)], 2),
        (b"a,b\r\n1,2\r\n\r\n3,4", [("1", "2"), ("3", "4")], 0),
        (b"a,b\n1,2\r", [("1", "2")], 0),
    ],
)
def test_a3_a_carriage_return_ends_a_line_or_its_line_is_bad(tmp_path: Path, content: bytes, values: list[tuple[str, ...]], bad: int) -> None:
    storage = written(tmp_path, content, "rows.csv")
    assert [tuple(row.values()) for row in storage.read().to_pylist()] == values
    assert storage.bad_row_count == bad
    types = dict.fromkeys(storage.schema.names, str)
    assert FileStorage(storage.path, types=types).read().num_rows == len(values)


# A4: keys that come twice


@pytest.mark.parametrize(
    "line",
    [
        '{"text"  :"first","text":"second"}',
        '{"text"\t:"first","text"\r:"second"}',
        '{"text":"first","te\\u0078t":"second"}',
        '{"text":"first","b":{"c":[{"d" : 1,"d"  :2}]}}',
        '{"text":":","text":":"}',
        '{"a":"b:c","x":{"y":1}, "x"   : 2}',
    ],
)
def test_a4_a_key_that_comes_twice_is_seen_whatever_the_white_space(tmp_path: Path, line: str) -> None:
    for name, content in (("rows.jsonl", f'{{"text":"good"}}\n{line}\n'), ("rows.json", f'[{{"text":"good"}},\n{line.replace(chr(9), chr(10))}]')):
        storage = written(tmp_path, content, name)
        assert storage.read().column("text").to_pylist() == ["good"]
        assert "twice" in storage.bad_rows[0].error


@settings(deadline=None, max_examples=60)
@given(
    value=st.recursive(
        st.text(st.sampled_from('a":\\ {},['), max_size=4),
        lambda inner: st.dictionaries(st.text('ab:"\\', max_size=2), inner, max_size=3),
        max_leaves=6,
    )
)
def test_a4_no_key_is_taken_for_two(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    storage = written(tmp_path_factory.mktemp("keys"), json.dumps({"value": value}, indent=None), "rows.jsonl")
    assert (storage.read().num_rows, storage.bad_row_count) == (1, 0)


# A5: files that change while they are read


def replaced(path: Path) -> None:
    content = path.read_bytes()
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").replace(path)


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n")


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def touched(path: Path) -> None:
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.csv", "rows.jsonl.gz", "rows.csv.zst", "rows.parquet", "rows.arrow"])
@pytest.mark.parametrize("change", [replaced, appended, truncated, touched, Path.unlink])
def test_a5_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, name: str, change: Callable[[Path], None]) -> None:
    storage = FileStorage(tmp_path / name)
    storage.write(pa.table({"a": [os.urandom(500).hex() for _ in range(3000)]}))
    batches = storage.batches(size=10)
    next(batches)
    change(tmp_path / name)
    with pytest.raises(FileChangedError, match="while it was being read"):
        list(batches)


# A7: the same file by several names


def test_a7_links_that_lead_back_and_second_names_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "rows.jsonl").write_text('{"a": 1}\n')
    for name in ("self", "again"):
        (tmp_path / name).symlink_to(tmp_path)
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    os.link(tmp_path / "sub" / "rows.jsonl", tmp_path / "hard.jsonl")
    (tmp_path / "soft.jsonl").symlink_to(tmp_path / "sub" / "rows.jsonl")
    for path in (tmp_path, tmp_path / "**" / "*.jsonl", tmp_path / "*" / "*.jsonl", tmp_path / "*.jsonl"):
        assert FileStorage(path).count_rows() == 1, path


def test_a7_folders_behind_links_are_read(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "rows.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "link").symlink_to(tmp_path / "far")
    assert FileStorage(tmp_path / "near").count_rows() == FileStorage(tmp_path / "near" / "**" / "*.jsonl").count_rows() == 1


# C11: nesting


@pytest.mark.parametrize("depth", [150, 199, 250, 255, 999, 1000, 1023, 1024, 5000, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"), ("[ ", " ]")])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_c11_nesting_of_any_depth_is_a_row_or_one_bad_row(tmp_path: Path, depth: int, opens: str, closes: str, name: str) -> None:
    line = '{"a":' + opens * depth + "1" + closes * depth + "}"
    lines = ['{"a":null}', line, '{"a":null}']
    storage = written(tmp_path, "[" + ",\n".join(lines) + "]" if name.endswith(".json") else "\n".join(lines), name)
    levels = depth * len(opens.replace('"a":', "").strip()) + 1
    assert storage.read().num_rows == (3 if levels <= 200 else 2)
    assert storage.bad_row_count == (0 if levels <= 200 else 1)


# C13: what the operating system and damaged files say


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.csv", "rows.jsonl.gz", "rows.csv.zst", "rows.parquet", "rows.arrow"])
def test_c13_a_disk_without_room_is_explained_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    program = (
        "import sys, os, resource, pyarrow as pa\n"
        "from operators.tables.files import FileStorage, FileAccessError\n"
        "table = pa.table({'a': [os.urandom(500).hex() for _ in range(5000)]})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try:\n    FileStorage(sys.argv[1]).write(table)\nexcept FileAccessError as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], capture_output=True, text=True, check=True).stdout
    assert name in said
    assert "larger than is allowed" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "permission denied"), (errno.EIO, "the disk reports")],
)
def test_c13_each_error_of_the_system_says_what_where_and_what_to_do(tmp_path: Path, number: int, words: str) -> None:
    said = str(access_error(tmp_path / "rows.jsonl", "written", OSError(number, os.strerror(number))))
    assert said.startswith(f"{tmp_path}/rows.jsonl: cannot be written: ")
    assert words in said
    assert said.endswith(".")


def test_c13_folders_names_and_missing_files_are_explained(tmp_path: Path) -> None:
    table = pa.table({"a": ["x"]})
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(FileFormatError, match="is a folder"):
        FileStorage(tmp_path / "folder.jsonl").write(table)
    with pytest.raises(FileAccessError, match="not a folder"):
        FileStorage(tmp_path / "file" / "rows.jsonl").write(table)
    with pytest.raises(FileAccessError, match="too long"):
        FileStorage(tmp_path / ("x" * 300 + ".jsonl")).write(table)
    with pytest.raises(FileFormatError, match="too long"):
        FileStorage(tmp_path / ("x" * 300 + ".jsonl")).read()
    with pytest.raises(MissingFileError):
        FileStorage(tmp_path / "none.jsonl").read()
    FileStorage(tmp_path / ("x" * 249 + ".jsonl")).write(table)  # as long as a name may be


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_c13_a_file_without_permission_is_explained(tmp_path: Path) -> None:
    storage = written(tmp_path, '{"a": 1}\n', "rows.jsonl")
    (tmp_path / "rows.jsonl").chmod(0)
    with pytest.raises(FileAccessError, match="permission denied"):
        storage.read()


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow"])
def test_c13_a_damaged_file_of_columns_is_refused_by_name(tmp_path: Path, name: str) -> None:
    storage = FileStorage(tmp_path / name)
    storage.write(pa.table({"a": [os.urandom(20).hex() for _ in range(500)], "n": range(500)}))
    raw, expected = (tmp_path / name).read_bytes(), storage.read()
    refused = 0
    for place in range(0, len(raw), 97):
        for content in (raw[:place], raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :]):
            (tmp_path / name).write_bytes(content)
            try:
                found = FileStorage(tmp_path / name).read()
            except FileFormatError as error:
                assert name in str(error)  # noqa: PT017 (either outcome is right)
                refused += 1
            else:
                assert found.num_rows == expected.num_rows
    assert refused > len(raw) // 97


def test_c13_a_file_that_is_no_parquet_file_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"text"):
        with pytest.raises(FileFormatError, match=r"rows\.parquet"):
            written(tmp_path, content, "rows.parquet").read()


# C15: wide tables


@pytest.mark.parametrize("name", ["wide.csv", "wide.jsonl", "wide.parquet", "wide.arrow", "wide.json"])
def test_c15_five_thousand_columns_cost_no_more_a_value_than_fifty(tmp_path: Path, name: str) -> None:
    """In calls, not in seconds: the work a value must not grow with the number of columns."""
    calls = {}
    for columns in (50, 5000):
        table = pa.table({f"column_{number}": [str(number)] * (5000 // columns) for number in range(columns)})
        path = tmp_path / f"{columns}-{name}"
        FileStorage(path).write(table)
        count = 0

        def counting(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counting)
        try:
            read = FileStorage(path).read()
        finally:
            sys.setprofile(None)
        assert read.equals(table)
        calls[columns] = count
    assert calls[5000] < 100 * calls[50] + 200_000


@settings(deadline=None, max_examples=60)
@given(
    content=st.binary(max_size=60),
    name=st.sampled_from(["t.jsonl", "t.json", "t.csv", "t.tsv", "t.parquet", "t.arrow", "t.warc", "t.csv.gz", "t.jsonl.zst"]),
)
def test_no_bytes_make_anything_but_rows_bad_rows_or_an_error_of_this_project(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    storage = written(tmp_path_factory.mktemp("any"), content, name)
    try:
        assert storage.read().num_rows == storage.count_rows()
    except FileFormatError as error:
        assert name in str(error)  # noqa: PT017 (either outcome is right)


def test_what_a_killed_writer_left_is_removed_by_the_next_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    path = tmp_path / "rows[1].jsonl"
    with atomic_file(str(path), overwrite=True) as file:
        [living] = tmp_path.glob(".rows*.tmp")
        file.close()
        left, other, young = (tmp_path / f".{name}.77-0123abcd.tmp" for name in ("rows[1].jsonl", "rows1.jsonl", "rows[1].jsonl.9"))
        for old in (left, other, living):
            old.touch()
            os.utime(old, (0, 0))
        young.touch()
        FileStorage(path, overwrite=True).write(pa.table({"a": [1]}))
        assert {item.name for item in tmp_path.iterdir()} == {path.name, living.name, other.name, young.name}
