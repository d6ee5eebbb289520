"""The fast lanes of CSV and JSON Lines give what reading record by record gives, over generated and damaged files, in blocks of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import operators.tables.files.blocks as blocks
import operators.tables.files.delimited.arrow_lane as arrow_lane
import operators.tables.files.delimited.reader as delimited_reader
import operators.tables.files.delimited.text as delimited_text
import operators.tables.files.json.first_pass as first_pass
import operators.tables.files.scanning as scanning
from operators.tables.files.bad_rows import BadRows
from operators.tables.files.delimited.reader import DelimitedReader
from operators.tables.files.delimited.records import Dialect
from operators.tables.files.errors import FileFormatError
from operators.tables.files.json.reader import JsonReader
from operators.tables.threads import THREADS

Outcome = tuple[Any, ...]


@contextmanager
def blocks_of(size: int, threads: int = 1, kept: int = 0) -> Iterator[None]:
    """Blocks so small that records, quotes and line ends fall on their borders, read by so many threads; `kept` bytes of the first pass are kept."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (blocks, delimited_reader, delimited_text):
            patch.setattr(module, "BLOCK_BYTES", size)
        patch.setattr(delimited_reader, "PART_BYTES", size)
        patch.setattr(scanning, "_CACHED_BYTES", max(1, size // 3))
        patch.setattr(blocks, "ENOUGH_LINES", 0)
        patch.setattr(first_pass, "MOST_BYTES", kept)
        for pieces in ("_PIECE_BYTES", "BYTES_PER_COLUMN"):
            patch.setattr(arrow_lane, pieces, 1)
        patch.setenv(THREADS, str(threads))
        yield


def outcome(reader: JsonReader | DelimitedReader, columns: list[str] | None = None) -> Outcome:
    """Schema, rows and bad rows, or how the reading failed (its words may differ)."""
    bad = BadRows()
    try:
        schema = reader.schema
        wanted = schema.names if columns is None else [name for name in columns if name in schema.names]
        rows = list(reader.batches(wanted, 3, bad))
    except FileFormatError:
        return ("refused",)
    count = sum(batch.num_rows for batch in rows)
    # repr tells -0.0 from 0.0, and a NaN from no NaN
    return (
        repr(schema),
        count,
        repr([row for batch in rows for row in batch.to_pylist()]),
        sorted((row.line, row.error) for row in bad.rows),
        bad.count,
    )


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=6),
    st.sampled_from(["2024-01-01", "001", "", '"', "\u2028", "\ud800", "\x00", "}\n{"]),
)
NESTED = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "X"]), inner, max_size=2), max_leaves=5
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "text", ""]), NESTED, max_size=4)
KINDS = st.sampled_from([st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=3), st.booleans()])
REGULAR = KINDS.flatmap(lambda kind: st.lists(st.fixed_dictionaries({"a": st.none() | kind, "b": st.text(max_size=5)}), min_size=1, max_size=8))
ODD_LINES = st.sampled_from(
    [
        b"",
        b"  ",
        b'{"a":1}{"a":2}',
        b'{"a":',
        b"1}",
        b"[1]",
        b'{"a":-0}',
        b'{"a":-0.0}',
        b'{"a":1e999}',
        b'{"a":12345678901234567890}',
        b'{"a":9007199254740993}',
        b'{"a":0.5}',
        b'{"a":1,"a":2}',
        b'{"te\\u0078t":1,"text":2}',
        b'{"a"  :1,"a":2}',
        b'{"b":{"x":1,"x":2}}',
        b'{"b":"\xff"}',
        b'{"b":"\xed\xa0\x80"}',
        b'{"\\ud800":1}',
        b'{"a":1}\r',
        b'{"a":1}\r{"a":2}',
        b' {"a":1}',
        b'{"a":NaN}',
        b'{"a":[{"x":1},{"x":null}]}',
        b'{"a":[{"x":1},{}]}',
        b'{"a":{"x":1,"y":2}}',
        b'{"a":{"y":1,"x":2}}',
        b'{"a":[]}',
        b'{"a":{}}',
        b"{}",
        b'{"a":1}\0',
        b'{"a":"\0"}',
        b"\xef\xbb\xbf{}",
    ]
)


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    rows = draw(REGULAR | st.lists(OBJECTS, max_size=6))
    lines = [json.dumps(row, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass") for row in rows]
    for line in draw(st.lists(ODD_LINES, max_size=2)):
        lines.insert(draw(st.integers(0, len(lines))), line)
    return damaged(draw, draw(st.sampled_from([b"\n", b"\n", b"\r\n"])).join(lines) + draw(st.sampled_from([b"\n", b""])))


def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Perhaps cut, or with some bytes inserted, deleted or replaced."""
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        place = draw(st.integers(0, len(content)))
        kind = draw(st.sampled_from(["cut", "insert", "delete", "replace"]))
        some = draw(st.sampled_from([b'"', b",", b"\n", b"\r", b"}", b"{", b"[", b"]", b":", b"\\", b"\0", b"\xff", b" ", b"\t"]))
        put = {"cut": b"", "delete": b""}.get(kind, some)
        rest = {"cut": len(content), "insert": place}.get(kind, place + 1)
        content = content[:place] + put + content[rest:]
    return content


DECLARED = st.sampled_from(
    [{}, {}, {"a": pa.string()}, {"a": pa.int64()}, {"a": pa.float64(), "b": pa.string()}, {"text": pa.string()}, {"a": pa.list_(pa.string())}]
)


@settings(deadline=None, max_examples=60)
@given(
    content=json_files(),
    declared=DECLARED,
    size=st.integers(1, 80),
    columns=st.sampled_from([None, ["b"], []]),
    threads=st.sampled_from([1, 3]),
    kept=st.sampled_from([0, 100, 1 << 20]),
)
@example(content=b'{"a":1}{"a":2}\n{"a":\n3}\n', declared={}, size=80, columns=None, threads=1, kept=0)
@example(content=b'{"a":0.5}\n{"a":-0}\n', declared={}, size=80, columns=None, threads=1, kept=1 << 20)
@example(content=b'{"a":12345678901234567890}\n{"a":1}\n', declared={}, size=1, columns=None, threads=3, kept=0)
@example(content=b'{"a":-0}\n{"a":0.5}\n', declared={"a": pa.float64()}, size=80, columns=None, threads=1, kept=1 << 20)
@example(content=b'{"a":"2024-01-01"}\n{"b":1}\n{"b":2,"a":"x"}\n{}\n', declared={}, size=1, columns=None, threads=3, kept=1 << 20)
def test_json_lines_are_read_alike_in_both_lanes(
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    declared: dict[str, pa.DataType],
    size: int,
    columns: list[str] | None,
    threads: int,
    kept: int,
) -> None:
    path = str(tmp_path_factory.mktemp("json") / "rows.jsonl")
    Path(path).write_bytes(content)
    exact = outcome(JsonReader([path], declared, fast=False), columns)
    with blocks_of(size, threads, kept):
        reader = JsonReader([path], declared)
        assert outcome(reader, columns) == exact
        assert outcome(reader, columns) == exact  # by now nothing is left of what the first pass kept


def test_blocks_of_the_latest_first_pass_are_kept_once_and_within_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"a": ["x"]})
    monkeypatch.setattr(first_pass, "MOST_BYTES", table.nbytes)
    before, after = first_pass.ParsedBlocks(), first_pass.ParsedBlocks()
    before.begin()
    before.keep("rows.jsonl", 1, table)
    after.begin()
    after.keep("rows.jsonl", 1, table)
    after.keep("rows.jsonl", 2, table)
    assert before.take("rows.jsonl", 1) is None
    assert [after.take("rows.jsonl", line) for line in (1, 2, 1)] == [table, None, None]


FIELDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(
        ["", "1", "x", '"', '""', '"quoted"', '"a ""b"" c"', '"two\nlines"', '"two\r\nlines"', '"a\rb"', '5" pipe', "\ufeff", '"open', 'x"']
    ),
)


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    columns = draw(st.integers(1, 3))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    header = ",".join("abc"[:columns])
    rows = draw(st.lists(st.lists(FIELDS, min_size=columns, max_size=columns).map(",".join), max_size=8))
    for line in draw(st.lists(st.sampled_from(["", "1", "1,2,3,4", '"', " "]), max_size=1)):
        rows.insert(draw(st.integers(0, len(rows))), line)
    return damaged(draw, (end.join([header, *rows]) + draw(st.sampled_from([end, ""]))).encode())


@settings(deadline=None, max_examples=60)
@given(
    content=csv_files(),
    declared=st.sampled_from([{}, {}, {"a": pa.int64()}]),
    size=st.integers(1, 60),
    columns=st.sampled_from([None, ["a"], []]),
    threads=st.sampled_from([1, 3]),
)
@example(content=b'a,b\n1,"x ""y"" z"\n', declared={}, size=10, columns=None, threads=1)
@example(content=b"a,b\n1,2\r\n\r\n3,4", declared={}, size=60, columns=[], threads=1)
@example(content=b"a\n\xc2\x80\n\xc2", declared={"a": pa.int64()}, size=1, columns=None, threads=3)  # no number, and no text, in one block
@example(content=b"a\n\xc2\x80\n7\n\xc2", declared={"a": pa.int64()}, size=60, columns=[], threads=3)
@example(content=b'a,b\n"x",', declared={}, size=60, columns=None, threads=1)  # nothing is there behind a quoted field, not even a line end
@example(content=b'a,b\r1,"x\ry"\n1\n', declared={}, size=60, columns=None, threads=1)  # the header says that returns alone end lines
@example(  # and so they do behind a line that is none of the rows
    content=b'a,b,c\r,,\r,,\r,,\r,,\r,","two\r\nlines"\r:,,\r', declared={"a": pa.int64()}, size=10, columns=None, threads=1
)
def test_csv_is_read_alike_in_both_lanes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, declared: dict[str, pa.DataType], size: int, columns: list[str] | None, threads: int
) -> None:
    path = str(tmp_path_factory.mktemp("csv") / "rows.csv")
    Path(path).write_bytes(content)
    exact = outcome(DelimitedReader([path], "csv", declared, fast=False), columns)
    with blocks_of(size, threads):
        assert outcome(DelimitedReader([path], "csv", declared), columns) == exact


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text("\r\n", max_size=9),
    st.sampled_from(["", "a\nb", 'an "x"', "\ufeff", "1,2", "é" * 40]),
)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=20), end=st.sampled_from(["\n", "\r\n"]), piece=st.integers(1, 200))
@example(rows=[("a", "b")] * 9, end="\r\n", piece=7)  # the return at the end of one piece, its line feed at the beginning of the next
@example(rows=[("\r\n" * 9, "")] * 9, end="\n", piece=1)  # and both in quotes
@example(rows=[("\r\n" * 9, "")] * 40, end="\n", piece=1)  # wherever a piece may end
def test_well_formed_csv_is_parsed_in_pieces_of_any_size(rows: list[tuple[str, str]], end: str, piece: int) -> None:
    text = "".join(",".join('"' + value.replace('"', '""') + '"' for value in row) + end for row in rows).encode()
    dialect = Dialect(b",")
    with blocks_of(1), pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow_lane, "_PIECE_BYTES", piece)
        extent = arrow_lane.certain_extent(pa.py_buffer(text), True, dialect, 2)
        assert extent is not None
        table = arrow_lane.parse(pa.py_buffer(text), extent, ["a", "b"], ["a", "b"], dialect)
    assert table is not None
    assert table.to_pylist() == [{"a": first, "b": second} for first, second in rows]
