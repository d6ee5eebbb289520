"""The story that dataflow trace tells, from the tables of the stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from operators.pipeline.row_story import Row, Step, tell_story


@dataclass
class Tables:
    """A stage held in memory."""

    name: str
    inputs: Sequence[str] = ()
    operator: str = "SomeOperator"
    rows: dict[str, Row] = field(default_factory=dict)
    rejected: dict[str, Row] = field(default_factory=dict)

    def find(self, row_id: str) -> Row | None:
        return self.rows.get(row_id)

    def find_rejected(self, row_id: str) -> Row | None:
        return self.rejected.get(row_id)

    def children(self, row_id: str) -> list[str]:
        return [name for name, row in self.rows.items() if row_id in row.get("parent_ids", ())]


SOURCE = Tables("documents", operator="", rows={"a": {"row_id": "a", "text": " x "}, "b": {"row_id": "b", "text": "y"}})


def steps(row_id: str, *tables: Tables) -> list[tuple[str, str]]:
    story = tell_story("p", tables, row_id)
    assert story is not None
    return [(step.stage, step.event) for step in story.steps]


def test_a_row_is_read_changed_and_kept() -> None:
    clean = Tables("clean", ["documents"], rows={"a": {"row_id": "a", "text": "x"}})
    keep = Tables("keep", ["clean"], rows={"a": {"row_id": "a", "text": "x"}})
    story = tell_story("p", [SOURCE, clean, keep], "a")
    assert story is not None
    assert [(step.event, step.changes) for step in story.steps] == [
        ("read", (("text", None, " x "),)),
        ("changed", (("text", " x ", "x"),)),
        ("kept", ()),
    ]


def test_the_story_ends_where_the_row_was_dropped_with_the_rule_and_the_reason() -> None:
    reason = {"row_id": "b", "rejected_as": "filtered", "rejected_by": "WordCountFilter", "rejected_reason": "1 word"}
    quality = Tables("quality", ["documents"], rejected={"b": reason})
    after = Tables("after", ["quality"])
    story = tell_story("p", [SOURCE, quality, after], "b")
    assert story is not None
    assert story.steps[1:] == [Step("quality", "WordCountFilter", "dropped", "1 word")]


def test_a_row_that_failed_is_told_apart_from_one_that_was_filtered_out() -> None:
    rate = Tables("rate", ["documents"], rejected={"a": {"rejected_as": "failed", "rejected_by": "Rater", "rejected_reason": "timeout"}})
    assert steps("a", SOURCE, rate) == [("documents", "read"), ("rate", "failed")]


def test_in_a_branch_the_row_goes_on_where_it_was_kept() -> None:
    left = Tables("left", ["documents"], rejected={"a": {"rejected_as": "filtered", "rejected_by": "F", "rejected_reason": "r"}})
    right = Tables("right", ["documents"], rows={"a": {"row_id": "a", "text": " x "}})
    joined = Tables("joined", ["left", "right"], rows={"a": {"row_id": "a", "text": " x "}})
    assert steps("a", SOURCE, left, right, joined) == [("documents", "read"), ("left", "dropped"), ("right", "kept"), ("joined", "kept")]


def test_where_branches_meet_the_story_names_those_that_had_the_row_and_what_came_from_which() -> None:
    rated = Tables("rated", ["documents"], rows={"a": {"row_id": "a", "text": " x ", "score": 3}, "b": {"row_id": "b", "text": "y", "score": 1}})
    clean = Tables("clean", ["documents"], rows={"a": {"row_id": "a", "text": "x"}})
    lost = {"b": {"row_id": "b", "rejected_as": "filtered", "rejected_by": "JoinColumns", "rejected_reason": "the first table has no row of this id"}}
    joined = Tables("joined", ["clean", "rated"], rows={"a": {"row_id": "a", "text": "x", "score": 3}}, rejected=lost)
    both, one = tell_story("p", [SOURCE, rated, clean, joined], "a"), tell_story("p", [SOURCE, rated, joined], "b")
    assert both is not None
    assert one is not None
    assert both.steps[-1] == Step(
        "joined", "SomeOperator", "changed", changes=(("score", None, 3),), sources=("clean", "rated"), taken=(("score", "rated"),)
    )
    assert one.steps[-1] == Step("joined", "JoinColumns", "dropped", "the first table has no row of this id", sources=("rated",))
    assert both.as_dict()["steps"][-1]["from"] == ["clean", "rated"]


def test_a_row_made_of_rows_of_two_tables_has_both_as_parents_and_each_of_them_names_it() -> None:
    other = Tables("questions", operator="", rows={"q": {"row_id": "q", "question": "?"}})
    pairs = Tables("pairs", ["documents", "questions"], rows={"c": {"row_id": "c", "pair": "y?", "parent_ids": ["b", "q"]}})
    stories = {row_id: tell_story("p", [SOURCE, other, pairs], row_id) for row_id in "bqc"}
    assert stories["c"] is not None
    assert stories["c"].parents == ("b", "q")
    for parent, table in (("b", "documents"), ("q", "questions")):
        story = stories[parent]
        assert story is not None
        assert (story.steps[-1].event, story.steps[-1].children, story.steps[-1].sources) == ("made", ("c",), (table,))


def test_a_row_that_made_others_names_them_and_they_name_it() -> None:
    made = Tables(
        "made",
        ["documents"],
        rows={"c": {"row_id": "c", "question": "?", "parent_ids": ["a"]}, "d": {"row_id": "d", "question": "!", "parent_ids": ["a"]}},
    )
    parent, child = tell_story("p", [SOURCE, made], "a"), tell_story("p", [SOURCE, made], "c")
    assert parent is not None
    assert child is not None
    assert parent.steps[-1].children == ("c", "d")
    assert child.parents == ("a",)
    assert child.steps == [Step("made", "SomeOperator", "made", changes=(("question", None, "?"),))]


def test_a_stage_that_is_older_than_the_row_says_so() -> None:
    old = Tables("old", ["documents"])
    assert steps("a", SOURCE, old) == [("documents", "read"), ("old", "not there")]


def test_a_row_that_no_stage_had_has_no_story() -> None:
    assert tell_story("p", [SOURCE], "z") is None
