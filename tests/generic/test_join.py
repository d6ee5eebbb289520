"""Branches come together again."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.engine.report import OtherTable
from operators.generic.join import JoinColumns, JoinFilter, JoinRows, Union
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


def test_a_row_that_both_branches_of_a_union_have_goes_on_once_and_is_told() -> None:
    both, rejected = MemoryStorage(), MemoryStorage()
    report = Union().run(table("a", "c"), table("b", "a"), into=both, rejected=rejected)
    assert [row["text"] for row in rows_of(both)] == ["a", "c", "b"]
    assert [(row["text"], row["rejected_reason"]) for row in rows_of(rejected)] == [("a", "the first table has the same row")]
    assert (report.rows_in, report.rows_out, report.other_tables) == (2, 3, {"other": OtherTable(rows=2, used=1)})


def test_equal_rows_of_one_table_are_several_rows_in_a_union() -> None:
    result = Union().run(["a", "a"], ["b", "b", "b"], progress=False)
    assert result.table["text"].to_pylist() == ["a", "a", "b", "b", "b"]
    assert Union().run(["a", "a"], ["a", "a", "a"], progress=False).table["text"].to_pylist() == ["a", "a", "a"]


def test_a_column_of_nulls_makes_no_other_row_and_nan_is_equal_to_itself() -> None:
    first, second = pa.table({"text": ["a"], "n": [float("nan")], "note": pa.nulls(1, pa.string())}), pa.table({"text": ["a"], "n": [float("nan")]})
    assert Union(fill=True).run(first, second, progress=False).table["text"].to_pylist() == ["a"]


def test_a_union_of_branches_that_made_other_rows_of_one_row_is_refused() -> None:
    source = table("a", "b")
    changed = source.read().set_column(1, "text", pa.array(["a", "B"]))
    with pytest.raises(StageFailed, match=r"both tables have the row .*, and its text is not the same in both"):
        Union().run(source, changed, into=MemoryStorage())


def test_a_union_of_different_columns_is_refused_before_it_runs() -> None:
    with pytest.raises(ColumnError, match='the first lacks "other"'):
        Union().run(table("a"), table("a", other=pa.array([1])), into=MemoryStorage())


COUNTRIES = MemoryStorage(pa.table({"row_id": ["f", "g", "x"], "code": ["fr", "de", "xx"], "capital": ["Paris", "Berlin", "nowhere"]}))
CITIES = MemoryStorage(pa.table({"row_id": ["1", "2", "3", "4"], "city": ["Lyon", "Bonn", "Oslo", "Atlantis"], "country": ["fr", "de", "no", None]}))
SALES = MemoryStorage(pa.table({"row_id": ["s1", "s2", "s3"], "city": ["Lyon", "Lyon", "Bonn"], "amount": [1, 2, 3]}))


def test_any_columns_join_and_a_null_meets_nothing() -> None:
    done = JoinColumns(take=("capital",), by={"country": "code"}).run(CITIES, COUNTRIES)
    assert done.table.column("capital").to_pylist() == ["Paris", "Berlin", None, None]
    assert [row["rejected_reason"] for row in done.rejected.to_pylist()] == ["no row of the first table takes it, by country = code"]


@pytest.mark.parametrize(("several", "amounts"), [("first", [1, 3, None, None]), ("last", [2, 3, None, None]), ("list", [[1, 2], [3], [], []])])
def test_of_several_rows_of_a_key_the_rule_decides(several: str, amounts: list[object]) -> None:
    done = JoinColumns(take=("amount",), by="city", several=several).run(CITIES, SALES)
    assert done.table.column("amount").to_pylist() == amounts
    assert done.rejected.num_rows == (0 if several == "list" else 1)


def test_without_a_rule_several_rows_of_a_key_end_the_stage() -> None:
    with pytest.raises(StageFailed, match=r"2 rows of city = Lyon.*several = \"first\""):
        JoinColumns(take=("amount",), by="city").run(CITIES, SALES)


def test_an_inner_and_an_anti_join_keep_and_drop_the_same_rows() -> None:
    matched = JoinFilter(by={"country": "code"}).run(CITIES, COUNTRIES)
    unmatched = JoinFilter(by={"country": "code"}, keep="unmatched").run(CITIES, COUNTRIES)
    assert matched.table.column("city").to_pylist() == ["Lyon", "Bonn"]
    assert unmatched.table.column("city").to_pylist() == ["Oslo", "Atlantis"]
    assert "no row of the other table has country = code = no" in matched.rejected.column("rejected_reason").to_pylist()[0]


def test_a_row_for_each_match_names_both_parents() -> None:
    done = JoinRows(take=("amount",), by="city").run(CITIES, SALES)
    assert [(row["city"], row["amount"], row["parent_ids"]) for row in done.table.to_pylist()] == [
        ("Lyon", 1, ["1", "s1"]),
        ("Lyon", 2, ["1", "s2"]),
        ("Bonn", 3, ["2", "s3"]),
    ]
    assert done.rejected.num_rows == 2


def test_keys_that_are_not_there_or_can_never_be_equal_are_found_before_a_run() -> None:
    numbers = MemoryStorage(pa.table({"row_id": ["a"], "country": [1], "amount": [2]}))
    with pytest.raises(ColumnError, match="are text and integer, and can never be equal"):
        JoinColumns(take=("amount",), by="country").run(CITIES, numbers)
    with pytest.raises(ColumnError, match='did you mean "country"'):
        JoinFilter(by="county").run(CITIES, numbers)


def test_texts_are_joined_whatever_they_are_stored_as() -> None:
    """pandas gives texts of few values as a dictionary of them."""
    names = pa.array(["a", "b"])
    other = pa.table({"id": names, "price": [1, 2]})
    for stored in (names.dictionary_encode(), names.cast(pa.large_string()), names.cast(pa.string_view())):
        joined = JoinColumns(take=("price",), by={"name": "id"}).run(MemoryStorage(pa.table({"name": stored})), other).table
        assert joined["price"].to_pylist() == [1, 2]
