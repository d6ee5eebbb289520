"""Branches come together again."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.engine.report import OtherTable
from operators.generic.join import JoinColumns, Union
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.storage import MemoryStorage
from tests.core.samples import Length, rows_of, table


def test_columns_are_joined_by_row_id_and_dropped_rows_get_nulls() -> None:
    source, measured, short, joined = table("a", "bbb", "cc"), MemoryStorage(), MemoryStorage(), MemoryStorage()
    Length().run(source, into=measured)
    ScoreFilter(max=2).run(measured, into=short, input_score="length")
    JoinColumns(take=("length",)).run(source, short, into=joined)
    assert [(row["text"], row["length"]) for row in rows_of(joined)] == [("a", 1), ("bbb", None), ("cc", 2)]


def test_rows_that_only_the_other_branch_has_are_set_aside_with_the_reason_and_counted() -> None:
    source, measured, short, joined, rejected = table("a", "bbb", "cc"), MemoryStorage(), MemoryStorage(), MemoryStorage(), MemoryStorage()
    Length().run(source, into=measured)
    ScoreFilter(max=2).run(measured, into=short, input_score="length")
    report = JoinColumns(take=("length",)).run(MemoryStorage(short.read(["row_id", "text"])), measured, into=joined, rejected=rejected)
    assert [(row["text"], row["length"]) for row in rows_of(joined)] == [("a", 1), ("cc", 2)]
    assert [(row["text"], row["length"], row["rejected_reason"]) for row in rows_of(rejected)] == [
        ("bbb", 3, "the first table has no row of this id")
    ]
    assert (report.rows_in, report.rows_out, report.rejected.num_rows, report.other_tables) == (2, 2, 1, {"other": OtherTable(rows=3, used=2)})


def test_a_column_that_is_not_there_or_in_both_is_reported() -> None:
    with pytest.raises(ColumnError, match='did you mean "text"'):
        JoinColumns(take=("txt",)).run(table("a"), table("a"), into=MemoryStorage())
    with pytest.raises(ColumnError, match="would overwrite"):
        JoinColumns(take=("text",)).run(table("a"), table("a"), into=MemoryStorage())


def test_a_union_has_the_rows_of_both_with_their_ids() -> None:
    measured, short, long, both = MemoryStorage(), MemoryStorage(), MemoryStorage(), MemoryStorage()
    Length().run(table("a", "bbb", "cc"), into=measured)
    ScoreFilter(max=2).run(measured, into=short, input_score="length")
    ScoreFilter(min=3).run(measured, into=long, input_score="length")
    report = Union().run(short, long, into=both)
    assert {row["row_id"] for row in rows_of(both)} == {row["row_id"] for row in rows_of(measured)}
    assert (report.rows_in, report.rows_out, report.other_tables) == (2, 3, {"other": OtherTable(rows=1, used=1)})


def test_a_union_of_branches_that_share_rows_is_refused() -> None:
    with pytest.raises(StageFailed, match="both tables have the row"):
        Union().run(table("a"), table("a", "b"), into=MemoryStorage())


def test_a_union_of_different_columns_is_refused_before_it_runs() -> None:
    with pytest.raises(ColumnError, match='the first lacks "other"'):
        Union().run(table("a"), table("a", other=pa.array([1])), into=MemoryStorage())
