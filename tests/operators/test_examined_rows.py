"""Rows that their sketches leave in doubt are looked at once more: in one process, and by whoever does the parts of a table."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.engine.rows_reader import RowsReader
from operators.tables.storage import MemoryStorage
from operators.tables.types import ROW_ID
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup, MinHashDedupAgainst
from tests.engine.in_process import InProcess
from tests.operators.test_parts import counted, cut_like, exactly, outcome

WORDS = 60


def texts_in_doubt() -> st.SearchStrategy[str | None]:
    """Texts of sixty words, of which a few are exchanged: near the threshold of 0.8 or far from it; and none."""
    changed = st.lists(st.integers(0, WORDS - 1), max_size=3)
    return st.none() | st.tuples(st.integers(0, 2), changed).map(lambda drawn: _text(*drawn))


def _text(family: int, changed: list[int]) -> str:
    words = [f"word{family}x{place}" for place in range(WORDS)]
    for place in changed:
        words[place] = f"other{place}"
    return " ".join(words)


def table_of(texts: list[str | None], name: str) -> MemoryStorage:
    ids = pa.array([f"{name}{row}" for row in range(len(texts))], pa.string())
    return MemoryStorage(pa.table({ROW_ID: ids, "text": pa.array(texts, pa.string())}))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(texts_in_doubt(), max_size=30),
    known=st.none() | st.lists(texts_in_doubt(), max_size=20),
    cuts=st.lists(st.integers(0, 1000), max_size=4),
)
def test_parts_decide_as_the_whole_table(rows: list[str | None], known: list[str | None] | None, cuts: list[int]) -> None:
    operator = MinHashDedup(max_failed=1) if known is None else MinHashDedupAgainst(max_failed=1)
    inputs = [table_of(rows, "row")] + ([] if known is None else [table_of(known, "known")])
    with tempfile.TemporaryDirectory() as folder:
        executor = InProcess(Path(folder), cuts)
        inputs = [cut_like(table, executor) for table in inputs]
        kept_of_parts, aside_of_parts, report_of_parts = outcome(operator, inputs, executor)
        assert not list(Path(folder).iterdir()), "files on their way were left"
    kept, aside, report = outcome(operator, inputs, None)
    assert exactly(kept_of_parts) == exactly(kept)
    assert exactly(aside_of_parts) == exactly(aside)
    assert counted(report_of_parts) == counted(report)


def test_doubtful_rows_are_examined_where_the_parts_are_done(tmp_path: Path) -> None:
    rows = [_text(0, []), None, _text(0, [20]), _text(0, [5, 50]), _text(1, [])]  # 0.84 and 0.70 like the first, near the threshold of 0.8
    executor = InProcess(tmp_path, [500])
    kept, aside, _ = outcome(MinHashDedup(max_failed=1), [cut_like(table_of(rows, "row"), executor)], executor)
    assert executor.done == ["sketch", "sketch", "examine", "examine", "apply", "apply"]
    assert kept.column(ROW_ID).to_pylist() == ["row0", "row3", "row4"]
    assert aside.column(ROW_ID).to_pylist() == ["row1", "row2"]


def test_without_a_doubt_nothing_is_examined(tmp_path: Path) -> None:
    executor = InProcess(tmp_path, [500])
    outcome(MinHashDedup(), [cut_like(table_of([_text(0, []), _text(0, []), _text(1, [])], "row"), executor)], executor)
    assert executor.done == ["sketch", "sketch", "apply", "apply"]


class _Unreadable(MemoryStorage):
    """A table that is not to be read."""

    def batches(self, columns: object = None, size: int = 0) -> object:  # type: ignore[override]
        raise AssertionError("nothing was asked for")


@given(texts=st.lists(st.none() | st.text(max_size=5), max_size=12), data=st.data())
def test_a_reader_examines_the_rows_at_these_places_among_those_that_are_no_null(texts: list[str | None], data: st.DataObject) -> None:
    present = [text for text in texts if text is not None]
    places = data.draw(st.lists(st.integers(0, len(present) - 1), unique=True).map(sorted)) if present else []
    reader = RowsReader(_Lengths(), table_of(texts, "row"))
    found = [length for batch in reader.examined(np.array(places, np.int64)) for length in batch.column("length").to_pylist()]
    assert found == [len(present[place]) for place in places]


class _Lengths(MinHashDedup, abstract=True):
    def examine(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_pydict({"length": pa.array([len(text) for text in rows.column("text").to_pylist()], pa.int64())})


def test_no_rows_are_examined_without_reading() -> None:
    unread = _Unreadable(pa.table({ROW_ID: ["a"], "text": ["b"]}))
    assert list(RowsReader(MinHashDedup(), unread).examined(np.array([], np.int64))) == []


def test_an_operator_that_examines_nothing_says_so() -> None:
    reader = RowsReader(ExactDedup(), table_of(["a"], "row"))
    with pytest.raises(TypeError, match="its sketches say all"):
        list(reader.examined(np.array([0])))
