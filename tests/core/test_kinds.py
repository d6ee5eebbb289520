"""What the base classes do for an operator: batches, nulls, failing rows, reasons, ids."""

from __future__ import annotations

from typing import Any

import pytest

from operators.core.kinds import Evaluate, Filter
from operators.engine.batch import Batch, Processed
from operators.engine.runner import run_operator
from operators.tables.columns import Input, Output
from operators.tables.errors import ColumnError, PromiseBroken, StageFailed
from operators.tables.storage import MemoryStorage
from tests.core.samples import FirstOfEach, Length, LengthOfBatch, Pairs, ShortOnly, Upper, Words, rows_of, table


def run(operator: Any, storage: MemoryStorage, **columns: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Any]:
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = operator.run(storage, into=kept, rejected=rejected, **columns)
    return rows_of(kept), rows_of(rejected), report


@pytest.mark.parametrize("operator", [Length(max_failed=1), LengthOfBatch(max_failed=1)], ids=["of a row", "of a batch"])
def test_evaluate_adds_a_column_gives_null_for_null_and_sets_failing_rows_aside(operator: Evaluate) -> None:
    kept, rejected, report = run(operator, table("one", None, "bad", "", "three"))
    assert [(row["text"], row["length"]) for row in kept] == [("one", 3), (None, None), ("", 0), ("three", 5)]
    assert [(row["text"], row["rejected_as"], row["rejected_by"]) for row in rejected] == [("bad", "failed", operator.name)]
    assert "a bad text" in rejected[0]["rejected_reason"]
    assert (report.rows_in, report.rows_out, report.failed) == (5, 4, 1)


def test_a_filter_rejects_with_a_reason_and_rejects_nulls_as_such() -> None:
    kept, rejected, report = run(ShortOnly(max_failed=1), table("one", None, "three", "bad"))
    assert [row["text"] for row in kept] == ["one"]
    assert {(row["text"], row["rejected_as"], row["rejected_reason"]) for row in rejected} == {
        (None, "filtered", "text is null"),
        ("three", "filtered", "5 characters"),
        ("bad", "failed", "ValueError: a bad text"),
    }
    assert (report.filtered, report.failed) == (2, 1)


def test_refine_rewrites_one_column_and_leaves_nulls() -> None:
    kept, rejected, _ = run(Upper(max_failed=1), table("one", None, "bad", number=[1, 2, 3]))
    assert [(row["text"], row["number"]) for row in kept] == [("ONE", 1), (None, 2)]
    assert [row["text"] for row in rejected] == ["bad"]


def test_generated_rows_have_parents_and_ids_that_are_the_same_on_every_run() -> None:
    source = table("a b", "c", "", None, "a b")
    kept, rejected, report = run(Words(), source)
    again, _, _ = run(Words(), source)
    parents = {row["row_id"]: row["text"] for row in rows_of(source)}
    assert [row["word"] for row in kept] == ["a", "b", "c", "a", "b"]
    assert all(parents[row["parent_ids"][0]] == row["text"] for row in kept)
    assert len({row["row_id"] for row in kept}) == 5
    assert kept == again
    assert (report.rows_in, report.rows_out) == (5, 5)
    assert [(row["text"], row["rejected_reason"]) for row in rejected] == [("", "no row was made from it"), (None, "text is null")]


def test_a_whole_table_filter_sees_all_rows_and_nulls_are_rejected_for_it() -> None:
    kept, rejected, _ = run(FirstOfEach(), table("a", None, "b", "a"))
    assert [row["text"] for row in kept] == ["a", "b"]
    assert [(row["text"], row["rejected_reason"]) for row in rejected] == [(None, "text is null"), ("a", "FirstOfEach()")]


@pytest.mark.parametrize("operator", [Length(), LengthOfBatch(), ShortOnly(), Upper(), Words(), FirstOfEach()], ids=lambda operator: operator.name)
def test_an_empty_table_gives_an_empty_table_with_the_right_columns(operator: Any) -> None:
    source = table()
    kept = MemoryStorage()
    report = operator.run(source, into=kept)
    assert kept.schema == operator.schema_out(source.schema)
    assert (report.rows_in, report.rows_out, kept.count_rows()) == (0, 0, 0)


def test_too_many_failing_rows_fail_the_stage_and_publish_nothing() -> None:
    kept = MemoryStorage(table("before").read())
    with pytest.raises(StageFailed, match=r"2 of 4 rows failed.*max_failed=0.05.*a bad text \(2x\).*raise max_failed"):
        Length().run(table("bad", "bad", "x", "y"), into=kept)
    assert [row["text"] for row in rows_of(kept)] == ["before"]


def test_columns_are_bound_by_name_and_checked_before_anything_runs() -> None:
    storage = MemoryStorage(table(body=[]).read().select(["row_id", "body"]))
    with pytest.raises(ColumnError, match='column "text" does not exist'):
        Length().run(storage)
    kept, _, _ = run(Length(), table("one", body=["longer"]), input_text="body", output_length="n")
    assert kept[0]["n"] == 6


def test_a_table_without_ids_is_given_them() -> None:
    source = MemoryStorage(table("one").read().drop_columns(["row_id"]))
    kept, _, _ = run(Length(), source)
    assert set(kept[0]) == {"row_id", "text", "length"}


def test_a_value_of_the_wrong_type_fails_its_row_only() -> None:
    class Wrong(Evaluate, abstract=True):
        input_text = Input(str)
        output_length = Output(int)

        def evaluate(self, text: str) -> Any:
            return "many" if text == "x" else 1

    kept, rejected, _ = run(Wrong(max_failed=1), table("x", "y"))
    assert [row["length"] for row in kept] == [1]
    assert "'many'" in rejected[0]["rejected_reason"]


def test_an_operator_that_breaks_its_promise_is_found_out() -> None:
    class Cheat(Filter, abstract=True):
        input_text = Input(str)

        def keep(self, text: str) -> bool:
            return True

        def process(self, batch: Batch, resources: Any) -> Processed:
            rows = batch.rows.set_column(batch.rows.schema.get_field_index("text"), "text", batch.column("row_id"))
            return Processed(Batch(rows))

    with pytest.raises(PromiseBroken, match='Cheat, which is of kind filter, changed, reordered or lost "text"'):
        Cheat().run(table("one"), into=MemoryStorage())


def test_rows_of_both_tables_from_which_a_join_makes_nothing_are_set_aside_and_counted() -> None:
    left, right = table("a", "only left", None), table("a", "only right", "b", extra=[1, 2, 3])
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = Pairs().run(left, right, into=kept, rejected=rejected)
    parents = [left.read().column("row_id")[0].as_py(), right.read().column("row_id")[0].as_py()]
    assert [(row["pair"], row["parent_ids"]) for row in rows_of(kept)] == [("a", parents)]
    assert [(row["text"], row["extra"], row["rejected_as"], row["rejected_reason"]) for row in rows_of(rejected)] == [
        ("only left", None, "filtered", "no row was made from it"),
        (None, None, "filtered", "text is null"),
        ("only right", 2, "filtered", "no row was made from it"),
        ("b", 3, "filtered", "no row was made from it"),
    ]
    assert (report.rows_in, report.rows_out, report.filtered) == (3, 1, 4)
    assert report.as_dict()["other_tables"] == {"other": {"rows": 3, "used": 1}}


def test_the_arguments_of_a_function_must_be_the_inputs() -> None:
    with pytest.raises(TypeError, match=r"Mistaken.evaluate takes \(txt\); its inputs and needs are \(text\)"):

        class Mistaken(Evaluate):
            input_text = Input(str)
            output_length = Output(int)

            def evaluate(self, txt: str) -> int:
                return 0


def test_progress_is_told_up_to_the_last_row() -> None:
    told: list[tuple[int, int]] = []
    source = table(*(f"text {index}" for index in range(5000)))
    with MemoryStorage().writer(Length().schema_out(source.schema)) as kept:
        run_operator(Length(), [source], kept, kept, resources={}, progress=lambda done, total, report: told.append((done, total)))
    assert told[-1] == (5000, 5000)
