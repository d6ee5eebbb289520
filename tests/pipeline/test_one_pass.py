"""Stages that keep no table: what is made is what was made with it, and what has to keep its table is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_assets.component import PipelineComponent
from dataflow_assets.running.stages import load_source, run_stage
from dataflow_assets.running.workers import Workers
from dataflow_assets.showing.descriptions import stage_description
from operators.core import registry
from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.result import PipelineResult
from operators.tables.errors import CompileError, ParameterError
from operators.tables.storage import DEFAULT_BATCH_ROWS, MemoryStorage
from operators.tables.types import ROW_ID
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.evaluator import StatisticsEvaluator
from operators.text.rules.whole_text import CharacterCountFilter, UniqueWordsFilter, WordCountFilter
from resources.warehouse import Warehouse
from tests.dataflow_assets.small_pipelines import Rated, documents

STAGES = ("rules", "tidy", "measure", "few")


class Kinds(Pipeline):
    """Operators of all kinds that go row by row, one after the other: a refiner between filters that share what they count."""

    def __init__(self, **without_table: Any) -> None:
        self.rules = Sequential(WordCountFilter(min_words=1), CharacterCountFilter(min_characters=2), max_failed=0.2)
        self.tidy = NormalizeSpaces()
        self.measure = StatisticsEvaluator(statistics=("words",))
        self.few = ScoreFilter(max=4)
        self.last = UniqueWordsFilter(min_share=0.5)
        self.unique = ExactDedup()
        self.configure({stage: {"checkpoint": False} for stage in without_table})

    def forward(self, documents: Handle) -> Handle:
        measured = self.measure(self.tidy(self.rules(documents)))
        return self.unique(self.last(self.few(measured, input_score="words")))


class Sharded(Kinds):
    """The same, of which every shard is read together at the end, or before."""

    def __init__(self, gather_after: str = "last", **without_table: Any) -> None:
        super().__init__(**without_table)
        self.gather_after = gather_after

    def forward(self, documents: Handle) -> Handle:
        tidy = self.tidy(self.rules(documents))
        measured = self.measure(tidy.gathered() if self.gather_after == "tidy" else tidy)
        return self.unique(self.last(self.few(measured, input_score="words")).gathered())


def set_aside(result: PipelineResult) -> Counter[tuple[str, str | None, str, str]]:
    """(row, its text, operator, reason) of all rows set aside, wherever."""
    return Counter((row[ROW_ID], row["text"], row["rejected_by"], row["rejected_reason"]) for row in result.rejected.to_pylist())


TEXTS = st.lists(st.text(st.sampled_from("ab  \n\u3000é."), max_size=12) | st.none(), max_size=12)


@given(texts=TEXTS, without_table=st.sets(st.sampled_from(STAGES), min_size=1))
def test_what_is_made_and_set_aside_is_the_same_whichever_stages_keep_no_table(texts: list[str | None], without_table: set[str]) -> None:
    rows = pa.table({"text": pa.array(texts, pa.string())})
    all_kept, some_kept = (pipeline.run(rows, progress=False) for pipeline in (Kinds(), Kinds(**dict.fromkeys(without_table))))
    assert some_kept.table.equals(all_kept.table)
    assert set_aside(some_kept) == set_aside(all_kept)
    assert {stage.name for stage in some_kept.plan.stages} == {"unique", "last", *STAGES} - without_table


def test_the_stage_that_reads_it_says_what_both_did() -> None:
    plan = Kinds(rules=0, tidy=0, few=0).compile()
    measure, last, _unique = plan.stages
    assert (measure.name, measure.inputs, measure.operator.kind) == ("measure", ("documents",), "filter")
    assert [part.name for part in measure.operator.parts] == ["WordCountFilter", "CharacterCountFilter", "NormalizeSpaces", "StatisticsEvaluator"]  # type: ignore[attr-defined]
    assert measure.operator.max_failed == 0.2, "of the stages that are done together, what the most tolerant allows"
    assert last.schemas_in[0].names == measure.schema_out.names == [ROW_ID, "text", "words"]
    assert stage_description(measure).startswith("Drops rows, then rewrites texts, then adds columns by 4 operators in one scan")
    assert registry.build(measure.operator.as_dict()) == measure.operator
    assert measure.fingerprint != Kinds().compile()["measure"].fingerprint
    assert Kinds(tidy=0).tidy.fingerprint() == Kinds().tidy.fingerprint(), "whether a table is kept changes no row"


@pytest.mark.parametrize(
    ("pipeline", "why"),
    [
        (Kinds(unique=0), "kinds.unique: checkpoint is false, but its table is what forward returns"),
        (Kinds(rules=0).configure({"unique": {"checkpoint": False}}), "its table is what forward returns"),
        (Rated().configure({"rate": {"checkpoint": False}}), "rated.rate: checkpoint is false, but its table is read by good and bad"),
        (
            Rated().configure({"good": {"checkpoint": False}}),
            "rated.good: checkpoint is false, but all, which reads its table, works on whole tables",
        ),
        (Rated().configure({"long_enough": {"checkpoint": False}}), "rated.long_enough: checkpoint is false, but rate, which .* waits for answers"),
    ],
)
def test_a_stage_that_has_to_keep_its_table_is_told(pipeline: Pipeline, why: str) -> None:
    with pytest.raises(CompileError, match=why):
        pipeline.compile()


def test_a_stage_of_which_all_shards_are_read_keeps_its_tables() -> None:
    assert [stage.name for stage in Sharded(tidy=0).compile(sharded="documents").stages] == ["rules", "measure", "few", "last", "unique"]
    with pytest.raises(CompileError, match=r"sharded\.tidy: checkpoint is false, but measure reads the tables of all its shards"):
        Sharded("tidy", tidy=0).compile(sharded="documents")


def test_a_part_has_no_table_to_leave_out() -> None:
    with pytest.raises(ParameterError, match="give checkpoint to the Sequential, not to NormalizeSpaces"):
        Sequential(NormalizeSpaces(checkpoint=False), WordCountFilter())
    with pytest.raises(ParameterError, match="RandomSample works on whole tables"):
        Sequential(NormalizeSpaces(), RandomSample(rows=1))
    with pytest.raises(ParameterError, match="Union works on whole tables"):
        Sequential(Union())


def test_workers_make_the_same_table(tmp_path: Path) -> None:
    texts = [f"text  {number} " + "word " * (number % 7) for number in range(3 * DEFAULT_BATCH_ROWS)]
    plan = Kinds(rules=0, tidy=0, measure=0, few=0).compile()
    hashes = []
    with Workers(2) as workers:
        for used, place in ((None, "one"), (workers, "several")):
            warehouse = Warehouse(tmp_path / place)
            load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": texts})))
            result = run_stage(warehouse, plan, "last", {}, workers=used)
            hashes.append((result.content_hash, result.report.rejected_by, result.report.changed_by))
    assert hashes[0] == hashes[1]
    assert 0 < result.report.rows_out < len(texts)


def test_defs_yaml_leaves_out_tables_and_every_row_is_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    source = documents(tmp_path / "documents.jsonl", "one  two", "a", "one  two", "one two three four five", "x x x x")
    stages = {stage: {"checkpoint": False} for stage in ("rules", "tidy", "measure", "few")}
    component = PipelineComponent(pipeline=f"{__name__}:Kinds", source=source, stages=stages)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        from dataflow_assets.resources import WarehouseResource

        defs = dg.Definitions.merge(component.definitions(), dg.Definitions(resources={"warehouse": WarehouseResource(root=str(tmp_path / "w"))}))
        result = defs.resolve_job_def("kinds").execute_in_process(instance=instance)
        made = {event.asset_key.path[-1]: event.materialization.metadata for event in result.get_asset_materialization_events() if event.asset_key}
    assert set(made) == {"documents", "last", "unique"}
    assert "before_and_after" in made["last"], "rows that were rewritten are shown beside what they were, though others were dropped"
    last = Warehouse(tmp_path / "w").table("kinds", "last")
    facts = last.current().run_facts()
    assert (facts["rows_in"], facts["rows_out"]) == (5, 2)
    assert facts["rejected_by"] == {"CharacterCountFilter": 1, "ScoreFilter": 1, "UniqueWordsFilter": 1}
    assert facts["changed_by"] == {"NormalizeSpaces": 2}
    assert facts["lineage"]["words"] == [["documents", "text"]]
