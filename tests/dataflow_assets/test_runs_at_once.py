"""Two runs of a pipeline at once: each reads what it made itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from dataflow_assets.resources import goes_on_from
from dataflow_assets.running.stage_inputs import of_run
from operators import Handle, Pipeline
from operators.generic.join import Union
from operators.tables.errors import StageFailed
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse
from resources.warehouse.table_run import TableRun
from sensors.file_states import SOURCE_STATE
from tests.dataflow_assets.sharded_pipelines import definitions, write_shard

BETWEEN: list[Any] = []
"""What happens while the first branch is made."""


class Interrupted(WordCountFilter):
    """Lets another run come in between."""

    def keep(self, text: Any) -> Any:
        if BETWEEN:
            BETWEEN.pop()()
        return super().keep(text)


class Forked(Pipeline):
    """Something happens while the first branch is made; then the second reads the same table."""

    def __init__(self) -> None:
        self.first = WordCountFilter(min_words=1)
        self.long = Interrupted(min_words=3)
        self.short = WordCountFilter(min_words=1, max_words=2)
        self.all = Union()

    def forward(self, documents: Handle) -> Handle:
        first = self.first(documents)
        return self.all(self.long(first), self.short(first))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    BETWEEN.clear()
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


class Runs:
    def __init__(self, folder: Path, instance: dg.DagsterInstance, **attributes: Any) -> None:
        self.source = write_shard(folder, "texts", *(f"text {number}{' more' * (number % 2)}" for number in range(8)))
        self.instance, self.warehouse, self.out = instance, Warehouse(folder / "warehouse"), folder / "out.jsonl"
        given = {"partitions": None, "export": [str(self.out)], **attributes}
        self.defs = definitions(str(self.source), str(folder / "warehouse"), pipeline=Forked, **given)

    def run(self, limit: int | None = None, only: list[str] | None = None, **arguments: Any) -> dg.ExecuteInProcessResult:
        job = self.defs.resolve_job_def("forked")
        selected = [dg.AssetKey(["forked", name]) for name in only] if only else None
        config = {"ops": {"forked__documents": {"config": {"limit": limit}}}} if limit else {}
        return job.execute_in_process(config, instance=self.instance, asset_selection=selected, raise_on_error=False, **arguments)

    def rows(self, stage: str) -> int:
        return self.warehouse.table("forked", stage).count_rows()


def test_a_run_with_fewer_rows_in_between_does_not_change_what_the_other_reads(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    runs = Runs(tmp_path, instance)
    BETWEEN.append(lambda: runs.run(limit=2))
    assert runs.run().success
    assert (runs.rows("long"), runs.rows("short"), runs.rows("all")) == (4, 4, 8)
    assert len(runs.out.read_text().splitlines()) == 8
    assert runs.rows("first") == 2, "what was published last is current"


def test_a_stage_alone_reads_what_is_current(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    runs = Runs(tmp_path, instance)
    assert runs.run().success
    assert runs.run(limit=3, only=["documents"]).success
    assert runs.run(only=["first"]).success
    assert (runs.rows("first"), runs.rows("all")) == (3, 8)


def test_a_run_of_chosen_ops_reads_what_is_current_of_the_others(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    runs = Runs(tmp_path, instance)
    assert runs.run().success
    assert runs.run(limit=3, only=["documents"]).success
    assert runs.run(op_selection=["forked__first", "forked__long"]).success
    assert (runs.rows("first"), runs.rows("long")) == (3, 1)


def test_a_run_without_dagster_reads_what_it_made_too(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    runs = Runs(tmp_path, instance)
    BETWEEN.append(lambda: runs.run(limit=2))
    result = Forked().run(str(runs.source), warehouse=tmp_path / "warehouse")
    assert result.table.num_rows == 8


def test_only_a_run_that_reads_as_defs_yaml_says_has_read_the_files(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    runs = Runs(tmp_path, instance)
    for limit, read in ((3, False), (None, True)):
        result = runs.run(limit=limit, only=["documents"])
        [event] = result.get_asset_materialization_events()
        assert (SOURCE_STATE in event.materialization.metadata) == read


TABLE = ("demo", "rows")


def write(folder: Path, run: TableRun | None, *texts: str) -> str:
    table = Warehouse(folder, run).table(*TABLE)
    table.write(pa.table({"row_id": list(texts), "text": list(texts)}))
    return Warehouse(folder).table(*TABLE).current_version()


def test_a_run_reads_its_own_version_or_that_of_the_run_that_it_goes_on_from(tmp_path: Path) -> None:
    makes = frozenset([TABLE])
    before = write(tmp_path, None, "a")
    assert of_run(Warehouse(tmp_path, TableRun("1", makes)).table(*TABLE)).version == before, "a version of before runs were told"
    own = write(tmp_path, TableRun("1", makes), "a", "b")
    other = write(tmp_path, TableRun("2", makes), "c")
    read_by = {
        TableRun("1", makes): own,
        TableRun("3", makes, ("4", "1")): own,
        TableRun("2", makes): other,
        TableRun("3", frozenset()): other,
        TableRun("1", frozenset({("demo", "others")})): other,
        None: other,
    }
    for run, version in read_by.items():
        assert of_run(Warehouse(tmp_path, run).table(*TABLE)).version == version
    Warehouse(tmp_path).collect(keep=1)
    with pytest.raises(StageFailed, match="another run published it while this one was under way"):
        of_run(Warehouse(tmp_path, TableRun("1", makes)).table(*TABLE))


def test_shards_are_gathered_as_the_run_made_them(tmp_path: Path) -> None:
    run = TableRun("1", frozenset([TABLE]))
    for shard, by in (("a", run), ("b", run), ("a", None)):
        Warehouse(tmp_path, by or TableRun("2", run.makes)).table(*TABLE, shard).write(pa.table({"text": [shard, by.id if by else "2"]}))
    assert Warehouse(tmp_path, run).gathered(*TABLE, ["a", "b"]).read().column("text").to_pylist() == ["a", "1", "b", "1"]
    assert Warehouse(tmp_path).gathered(*TABLE, ["a", "b"]).read().column("text").to_pylist() == ["a", "2", "b", "1"]


def test_the_runs_that_a_run_is_run_again_of(instance: dg.DagsterInstance) -> None:
    job = dg.JobDefinition(name="empty", graph_def=dg.GraphDefinition(name="empty"))
    first = instance.create_run_for_job(job)
    second = instance.create_run_for_job(job, parent_run_id=first.run_id, root_run_id=first.run_id)
    third = instance.create_run_for_job(job, parent_run_id=second.run_id, root_run_id=first.run_id)
    assert list(goes_on_from(third, instance)) == [second.run_id, first.run_id]
    assert list(goes_on_from(first, instance)) == []
