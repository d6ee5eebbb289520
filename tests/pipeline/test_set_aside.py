"""The rows that all stages set aside, in one table: whatever the columns of the rows are called, and whatever becomes of their types."""

from __future__ import annotations

from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from operators import Handle, MemoryStorage, Pipeline
from operators.pipeline.set_aside import SetAside
from operators.pipeline.source_rows import BAD_ROWS_SCHEMA
from operators.text.rules.whole_text import WordCountFilter

SHORT = {"text": "one"}


class Long(Pipeline):
    """Texts of two words."""

    def __init__(self) -> None:
        self.long = WordCountFilter(min_words=2)

    def forward(self, rows: Handle) -> Handle:
        return self.long(rows)


@pytest.mark.parametrize("value", ["a", 7, 1.5, True, ["x"], {"y": 1}], ids=str)
@pytest.mark.parametrize("name", ["file", "line", "excerpt", "stage", "rejected_as", "rejected_by", "rejected_reason", "row_stage"])
def test_a_column_of_the_rows_keeps_its_values_whatever_it_is_called(tmp_path: Path, name: str, value: object) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"\n".join([*([orjson.dumps({**SHORT, name: value})] * 30), b"not json"]))
    bad, *good = Long().run(source).rejected.to_pylist()
    column = f"row_{name}" if name not in BAD_ROWS_SCHEMA.names[:3] else name
    assert [row[column] for row in good] == [value] * 30
    assert {(row["stage"], row["rejected_by"]) for row in good} == {("long", "WordCountFilter")}
    line, file = ("unreadable_line" if name == "line" else "line"), ("unreadable_file" if name == "file" else "file")
    assert (bad[line], bad[file], bad["stage"], bad["rejected_by"]) == (31, str(source), "rows", "source")


def test_what_was_set_aside_can_be_read_and_set_aside_again(tmp_path: Path) -> None:
    first = WordCountFilter(min_words=2).run([{**SHORT, "line": 3}], progress=False).rejected
    again = WordCountFilter(min_words=2).run(MemoryStorage(first), progress=False).rejected.to_pylist()
    assert [row["row_rejected_reason"] for row in again] == first["rejected_reason"].to_pylist()
    assert [row["line"] for row in again] == [3]


def test_a_column_that_a_stage_made_anew_in_another_type_is_told_as_text() -> None:
    told = {"rejected_as": "filtered", "rejected_by": "x", "rejected_reason": "y"}
    numbers = MemoryStorage(pa.Table.from_pylist([{"found": 12, **told}]))
    lists = MemoryStorage(pa.Table.from_pylist([{"found": ["a", "b"], **told}]))
    bad = MemoryStorage(BAD_ROWS_SCHEMA.empty_table())
    assert SetAside({"documents": bad, "first": numbers, "second": lists}).read()["found"].to_pylist() == ["12", '["a","b"]']
