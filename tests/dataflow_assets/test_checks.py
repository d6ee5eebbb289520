"""The promise check finds what an operator of each kind may not have done."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dataflow_assets.checks import broken_promise
from operators.engine.batch import rejected_schema
from operators.generic.join import JoinColumns, Union
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from tests.core.samples import Words, table

SOURCE = table("a", "b", "c", score=[1, 2, 3]).read()
NOTHING = rejected_schema(SOURCE.schema).empty_table()


def aside(rows: pa.Table) -> MemoryStorage:
    return MemoryStorage(rows.append_column("rejected_as", pa.array(["filtered"] * rows.num_rows, pa.string())))


@pytest.mark.parametrize(
    ("kept", "rejected", "said"),
    [
        (SOURCE, NOTHING, ""),
        (SOURCE.slice(1), SOURCE.slice(0, 1), ""),
        (SOURCE.slice(0, 0), SOURCE, ""),
        (SOURCE.slice(1), NOTHING, "3 rows came in; 2 went on and 0 were set aside"),
        (SOURCE, SOURCE.slice(0, 1), "3 rows came in; 3 went on and 1 were set aside"),
        (pa.concat_tables([SOURCE.slice(0, 2), SOURCE.slice(0, 1)]), NOTHING, "3 rows came in"),
        (SOURCE.take([2, 1, 0]), NOTHING, "the rows are in another order"),
        (SOURCE.take([2, 0]), SOURCE.slice(1, 1), "the rows are in another order"),
        (table("x", "y", "z", score=[1, 2, 3]).read(), NOTHING, "3 rows came in"),
    ],
)
def test_lost_added_repeated_strange_and_reordered_rows_are_found(kept: pa.Table, rejected: pa.Table, said: str) -> None:
    assert broken_promise(ScoreFilter(min=0), MemoryStorage(kept), aside(rejected), [MemoryStorage(SOURCE)]).startswith(said)
    assert bool(broken_promise(ScoreFilter(min=0), MemoryStorage(kept), aside(rejected), [MemoryStorage(SOURCE)])) == bool(said)


def test_new_rows_must_name_parents_that_came_in() -> None:
    made = MemoryStorage()
    Words().run(table("a b", "c"), into=made)
    assert broken_promise(Words(), made, aside(NOTHING), [table("a b", "c")]) == ""
    assert "not among" in broken_promise(Words(), made, aside(NOTHING), [table("other", "rows")])
    orphans = made.read().set_column(made.schema.names.index("parent_ids"), "parent_ids", pa.array([[], [], []], pa.list_(pa.string())))
    assert broken_promise(Words(), MemoryStorage(orphans), aside(NOTHING), [table("a b", "c")]) == "3 new rows name no parent"


def test_rows_of_two_branches_need_no_parents() -> None:
    both = MemoryStorage()
    Union().run(table("a"), table("b"), into=both)
    assert broken_promise(Union(), both, aside(NOTHING), [table("a"), table("b")]) == ""
    said = broken_promise(Union(), both, aside(NOTHING), [table("a"), table("b", "lost")])
    assert said.startswith("1 rows came in of which nothing is said")


def test_a_join_may_set_aside_rows_of_its_other_table_and_no_strangers() -> None:
    rows, other, joined, rejected = table("a"), table("a", "b", score=[1, 2]), MemoryStorage(), MemoryStorage()
    join = JoinColumns(take=("score",))
    join.run(rows, other, into=joined, rejected=rejected)
    assert rejected.count_rows()
    assert broken_promise(join, joined, rejected, [rows, other]) == ""
    assert broken_promise(join, joined, rejected, [rows, table("a", "c", score=[1, 2])]) == "rows were set aside that did not come in"
