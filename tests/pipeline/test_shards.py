"""Pipelines whose source comes in shards: what runs on each, what on all, and what cannot."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.generic.join import JoinColumns
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import CompileError
from operators.tables.row_ids import with_row_ids
from tests.core.samples import Length, Upper


class Gathering(Pipeline):
    """Each shard, then all."""

    def __init__(self, share: float | None = None) -> None:
        self.upper = Upper()
        self.measure = Length()
        self.sample = RandomSample(share=share) if share else RandomSample(rows=3)
        self.short = ScoreFilter(max=3)

    def forward(self, documents: Handle) -> Handle:
        measured = self.measure(self.upper(documents))
        sampled = self.sample(measured if self.sample.share else measured.gathered())
        return self.short(sampled, input_score="length")


class NotGathering(Pipeline):
    """A sample of each shard would be another sample."""

    def __init__(self) -> None:
        self.sample = RandomSample(rows=3)
        self.measure = Length()

    def forward(self, documents: Handle) -> Handle:
        return self.measure(self.sample(documents))


class Beside(Pipeline):
    """Two sources, of which one may come in shards."""

    expects = {"documents": {"text": str}, "scores": {"score": int}}

    def __init__(self) -> None:
        self.upper = Upper()
        self.joined = JoinColumns(take=("score",))

    def forward(self, documents: Handle, scores: Handle) -> Handle:
        return self.joined(self.upper(documents).gathered(), scores)


def test_stages_run_on_each_shard_up_to_where_they_are_gathered() -> None:
    plan = Gathering().compile(sharded="documents")
    assert {stage.name: stage.sharded for stage in plan.stages} == {"upper": True, "measure": True, "sample": False, "short": False}
    assert {stage.name: stage.gathers for stage in plan.stages if stage.gathers} == {"sample": ("measure",)}
    assert [name for name in ("documents", "upper", "measure", "sample") if plan.is_sharded(name)] == ["documents", "upper", "measure"]
    assert "measure -->|all shards| sample" in plan.mermaid()


def test_without_shards_gathering_changes_nothing() -> None:
    whole, sharded = Gathering().compile(), Gathering().compile(sharded="documents")
    assert not any(stage.sharded or stage.gathers for stage in whole.stages)
    assert "shards" not in whole.mermaid()
    assert [stage.fingerprint for stage in whole.stages] == [stage.fingerprint for stage in sharded.stages]


def test_a_whole_table_operator_on_shards_is_a_mistake_that_names_stage_operator_and_remedy() -> None:
    with pytest.raises(CompileError) as error:
        NotGathering().compile(sharded="documents")
    (problem,) = error.value.problems
    assert str(problem).startswith('not_gathering.sample: RandomSample needs the whole table, but "documents" comes in shards')
    assert 'stage "sample", pipeline/test_shards.py' in str(problem)
    assert problem.suggestion == 'read all shards from here on: call gathered() on what "documents" gave'


def test_a_share_of_the_rows_is_drawn_from_each_shard_as_from_all() -> None:
    assert all(stage.sharded for stage in Gathering(share=0.5).compile(sharded="documents").stages)


def test_a_source_beside_the_one_in_shards_is_read_whole() -> None:
    plan = Beside().compile(sharded="documents")
    assert (plan["joined"].sharded, plan["joined"].gathers) == (False, ("upper",))


def test_the_source_in_shards_has_to_be_one_of_the_sources() -> None:
    with pytest.raises(CompileError, match=r'there is no source "document"(?s:.*)did you mean "documents"'):
        Gathering().compile(sharded="document")


def test_the_shard_is_part_of_the_ids_that_rows_are_given() -> None:
    rows = pa.RecordBatch.from_pylist([{"text": "a"}, {"text": "a"}, {"text": "b"}])

    def ids(shard: str) -> set[str]:
        return {row_id for batch in with_row_ids([rows], shard) for row_id in batch.column("row_id").to_pylist()}

    assert len(ids("") | ids("x") | ids("y")) == 9
    assert ids("x") == ids("x")
