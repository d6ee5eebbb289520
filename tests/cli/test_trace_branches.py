"""dataflow trace, of rows that went through branches, a join and a union."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Dataflow

PIPELINE = """
from operators.tables.columns import Input, Output
from operators.core.kinds import Evaluate, Filter
from operators.pipeline.pipeline import Pipeline
from operators.generic.selection.score import ScoreFilter
from operators.generic.join import JoinColumns, Union


class BranchLength(Evaluate):
    '''Count characters.'''

    input_text = Input(str)
    output_length = Output(int, "length")

    def evaluate(self, text: str) -> int:
        return len(text)


class BranchLettersFilter(Filter):
    '''Keep texts of letters.'''

    input_text = Input(str)

    def keep(self, text: str) -> tuple[bool, str]:
        return text.isalpha(), "not only letters"


class Branches(Pipeline):
    '''Two branches of measured texts and one of letters come together.'''

    expects = {"text": str}

    def __init__(self) -> None:
        self.measure = BranchLength()
        self.letters = BranchLettersFilter()
        self.joined = JoinColumns(take=("length",))
        self.short = ScoreFilter(max=3)
        self.long = ScoreFilter(min=4)
        self.all = Union()

    def forward(self, texts):
        joined = self.joined(self.letters(texts), self.measure(texts))
        return self.all(self.short(joined, input_score="length"), self.long(joined, input_score="length"))
"""


@pytest.fixture
def ids(dataflow: Dataflow, tmp_path: Path) -> dict[str, str]:
    """Text -> row_id, after a run whose tables are kept."""
    (tmp_path / "branches.py").write_text(PIPELINE)
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in ("abc", "abcdef", "12")))
    said = dataflow("run", "branches.py:Branches", "-i", "texts.jsonl", "-o", "out.jsonl", "--warehouse", "tables", "--json")
    assert said.status == 0, said.messages
    joined = next(stage for stage in said.json if stage["stage"] == "joined")
    assert (joined["rows_in"], joined["rows_out"], joined["rows_filtered"]) == (2, 2, 1)
    assert joined["other_tables"] == {"other": {"rows": 3, "used": 2}}
    rows = dataflow("sql", "select text, row_id from branches.texts", "--warehouse", "tables", "--json")
    return {row["text"]: row["row_id"] for row in rows.json}


def test_a_row_is_followed_through_both_branches_the_join_and_the_union(ids: dict[str, str], dataflow: Dataflow) -> None:
    (story,) = dataflow("trace", ids["abcdef"], "--warehouse", "tables", "--json").json
    steps = {step["stage"]: step for step in story["steps"]}
    assert steps["joined"]["from"] == ["letters", "measure"]
    assert steps["joined"]["taken"] == {"length": "measure"}
    assert (steps["short"]["event"], steps["long"]["event"], steps["all"]["event"], steps["all"]["from"]) == ("dropped", "kept", "kept", ["long"])
    shown = dataflow("trace", ids["abcdef"], "--warehouse", "tables").output
    assert "length: 6  (from measure)" in shown
    assert "from long" in shown


def test_the_rows_of_both_tables_are_shown_where_branches_meet(ids: dict[str, str], dataflow: Dataflow) -> None:
    shown = dataflow("report", "branches", "--warehouse", "tables").output
    assert "2 + 3" in shown, "the join: the rows of the first table, and of the other"
    assert "1 + 1" in shown, "the union"


def test_the_story_of_a_row_without_a_partner_ends_at_the_join_with_the_reason(ids: dict[str, str], dataflow: Dataflow) -> None:
    (story,) = dataflow("trace", ids["12"], "--warehouse", "tables", "--json").json
    assert [(step["stage"], step["event"]) for step in story["steps"]][-1] == ("joined", "dropped")
    assert story["steps"][-1]["reason"] == "the first table has no row of this id"
