"""A pipeline over a folder of shards in Dagster: a partition a file, gathered where every row is needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from operators.tables.errors import CompileError, ParameterError
from resources.warehouse import Warehouse
from sensors.new_shards import PartitionChanges, apply_requests
from tests.dataflow_assets.sharded_pipelines import EachText, definitions, write_shard
from tests.dataflow_assets.small_pipelines import Rated
from tests.resources.llm.fault_server import FaultServer, running

SHARDS = {"a": ["one  two", "three four", "short"], "b": ["one two", "five six"], "2024/c": ["seven eight", "seven eight"]}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


class Deployed:
    """The pipeline over the folder `shards`, in an instance of its own."""

    def __init__(self, home: Path, instance: dg.DagsterInstance, **attributes: Any) -> None:
        self.folder, self.instance = home / "shards", instance
        self.defs = definitions(str(self.folder), str(home / "warehouse"), **attributes)
        self.warehouse = Warehouse(home / "warehouse")
        self.cursor = ""

    def run(self, job: str, shard: str | None = None) -> dg.ExecuteInProcessResult:
        return self.defs.resolve_job_def(job).execute_in_process(instance=self.instance, partition_key=shard, raise_on_error=False)

    def keep_partitions(self) -> PartitionChanges:
        """What the daemon does with the sensor that is always on."""
        (name,) = [sensor.name for sensor in self.defs.sensors or () if sensor.name.endswith("_partitions")]
        return apply_requests(self.defs.resolve_sensor_def(name), self.instance)

    def watch(self) -> list[str]:
        """The shards for which the sensor that runs what is new asks a run, once it has seen the files twice."""
        asked: list[str] = []
        for _ in range(2):
            with dg.build_sensor_context(self.instance, cursor=self.cursor, definitions=self.defs) as context:
                result = self.defs.resolve_sensor_def("sharded_text_new_data")(context)
            self.cursor = (result.cursor if isinstance(result, dg.SensorResult) else context.cursor) or ""
            asked += [str(run.partition_key) for run in (result.run_requests or ())] if isinstance(result, dg.SensorResult) else []
        self.keep_partitions()
        return sorted(asked)

    def texts(self, stage: str) -> list[tuple[str, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(f"SELECT * EXCLUDE (row_id) FROM sharded_text.{stage}").fetchall()


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    for name, texts in SHARDS.items():
        write_shard((tmp_path / "shards" / name).parent, Path(name).name, *texts)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        bounds, files = {"long_enough": [0.5, 1.0]}, [str(tmp_path / "out.jsonl")]
        yield Deployed(tmp_path, instance, keep_rate=bounds, watch=True, settle_seconds=0.0, export=files)


def test_the_sensor_makes_a_partition_of_each_file_and_takes_it_away_with_the_file(deployed: Deployed) -> None:
    assert deployed.keep_partitions() == PartitionChanges(["2024/c", "a", "b"], ["2024/c", "a", "b"], [])
    assert deployed.keep_partitions() == PartitionChanges(["2024/c", "a", "b"], [], [])
    (deployed.folder / "b.jsonl").unlink()
    write_shard(deployed.folder, "d", "nine ten")
    assert deployed.keep_partitions() == PartitionChanges(["2024/c", "a", "d"], ["d"], ["b"])
    shutil.rmtree(deployed.folder)  # no file at all is a disk that is not there, not a wish
    assert deployed.keep_partitions().known == ["2024/c", "a", "d"]


def test_each_shard_is_materialized_alone_and_gathering_reads_all(deployed: Deployed, server: FaultServer) -> None:
    deployed.keep_partitions()
    for shard in SHARDS:
        result = deployed.run("sharded_text", shard)
        assert result.success
        made = {(event.asset_key.path[1], event.partition) for event in result.get_asset_materialization_events()}
        assert made == {(stage, shard) for stage in ("documents", "clean", "long_enough", "rate")}
        passed = {(item.asset_key.path[1], item.check_name) for item in result.get_asset_check_evaluations() if item.passed}
        assert {("clean", "contract"), ("long_enough", "keep_rate")} <= passed
    assert not deployed.warehouse.table("sharded_text", "exact").exists()
    gathered = deployed.run("sharded_text_gathered")
    assert gathered.success
    assert sorted(row[0] for row in deployed.texts("exact")) == ["five six", "one two", "seven eight", "three four"]
    facts = deployed.warehouse.table("sharded_text", "exact").run_facts()
    assert (facts["rows_in"], sorted(facts["inputs"]["rate"])) == (6, ["2024/c", "a", "b"])
    assert {row[-1] for row in deployed.texts("rate")} == {"2024/c", "a", "b"}


def test_equal_rows_of_two_shards_have_ids_of_their_own_and_the_same_on_every_run(tmp_path: Path, deployed: Deployed) -> None:
    each = Deployed(tmp_path, deployed.instance, pipeline=EachText)
    write_shard(each.folder, "b", *SHARDS["a"])
    each.keep_partitions()
    ids = []
    for _ in range(2):
        for shard in ("a", "b"):
            assert each.run("each_text", shard).success
        ids.append(each.warehouse.gathered("each_text", "clean", ["a", "b"]).read(["row_id"]).column("row_id").to_pylist())
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2 * len(SHARDS["a"])


def test_a_shard_that_was_read_anew_makes_stale_what_is_below_it_and_no_other_shard(tmp_path: Path, deployed: Deployed) -> None:
    each = Deployed(tmp_path, deployed.instance, pipeline=EachText)
    each.keep_partitions()
    for shard in ("a", "b"):
        each.run("each_text", shard)
    write_shard(each.folder, "b", "another text")
    job = each.defs.resolve_job_def("each_text")
    job.execute_in_process(instance=each.instance, partition_key="b", asset_selection=[dg.AssetKey(["each_text", "documents"])])
    resolver = CachingStaleStatusResolver(each.instance, each.defs.resolve_asset_graph(), LoadingContextForTest(each.instance))
    statuses = {shard: resolver.get_status(dg.AssetKey(["each_text", "clean"]), shard) for shard in ("a", "b", "2024/c")}
    assert statuses == {"a": StaleStatus.FRESH, "b": StaleStatus.STALE, "2024/c": StaleStatus.MISSING}


def test_gathering_waits_for_shards_that_were_never_made(deployed: Deployed, server: FaultServer) -> None:
    deployed.keep_partitions()
    deployed.run("sharded_text", "a")
    result = deployed.run("sharded_text_gathered")
    error = next(event for event in result.all_events if event.is_step_failure).step_failure_data.error
    assert "sharded_text.rate: 2 of 3 shards were never written: 2024/c, b. Materialize them first." in str(error)


def test_a_changed_or_new_file_runs_its_own_shard_and_pays_for_no_other(deployed: Deployed, server: FaultServer) -> None:
    (deployed.folder / "2024" / "c.jsonl").unlink()
    assert deployed.watch() == ["a", "b"]
    for shard in ("a", "b"):
        deployed.run("sharded_text", shard)
    paid, before = server.counts.requests, deployed.warehouse.table("sharded_text", "rate", "a").versions()
    assert deployed.watch() == []

    write_shard(deployed.folder, "b", "one two", "five six", "changed row")
    write_shard(deployed.folder, "d", "brand new")
    asked = deployed.watch()
    assert asked == ["b", "d"]
    for shard in asked:
        assert deployed.run("sharded_text", shard).success
    assert server.counts.requests == paid + 2
    assert deployed.warehouse.table("sharded_text", "rate", "a").versions() == before
    assert deployed.run("sharded_text_gathered").success
    assert {"changed row", "brand new"} <= {row[0] for row in deployed.texts("exact")}


def test_a_shard_that_fails_leaves_the_others_and_runs_again_alone(tmp_path: Path, deployed: Deployed) -> None:
    each = Deployed(tmp_path, deployed.instance, pipeline=EachText, export=[str(tmp_path / "out.jsonl")])
    each.keep_partitions()
    (each.folder / "b.jsonl").write_text("{\n{\n")
    assert [each.run("each_text", shard).success for shard in SHARDS] == [True, False, True]
    assert not each.run("each_text_gathered").success
    write_shard(each.folder, "b", *SHARDS["b"])
    assert each.run("each_text", "b").success
    assert each.run("each_text_gathered").success


def test_a_shard_of_which_nothing_is_left_or_whose_file_is_empty_does_not_keep_the_others_from_being_gathered(
    deployed: Deployed, server: FaultServer
) -> None:
    write_shard(deployed.folder, "b")
    write_shard(deployed.folder / "2024", "c", "x", "y z")
    deployed.keep_partitions()
    assert [deployed.run("sharded_text", shard).success for shard in SHARDS] == [True, True, True]
    assert deployed.run("sharded_text_gathered").success
    assert sorted(row[0] for row in deployed.texts("exact")) == ["one two", "three four", "y z"]


def test_ids_that_files_bring_along_have_to_differ_between_them(deployed: Deployed, server: FaultServer) -> None:
    for shard in ("a", "b", "2024/c"):
        (deployed.folder / f"{shard}.jsonl").write_text('{"row_id": "1", "text": "one two"}\n')
    deployed.keep_partitions()
    for shard in SHARDS:
        assert deployed.run("sharded_text", shard).success
    result = deployed.run("sharded_text_gathered")
    error = next(event for event in result.all_events if event.is_step_failure).step_failure_data.error
    assert 'the shards 2024/c and a both have the row "1"' in str(error)


def test_a_schedule_asks_for_every_shard(tmp_path: Path, deployed: Deployed) -> None:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        scheduled = Deployed(tmp_path, instance, schedule="0 3 * * *")
        scheduled.keep_partitions()
        schedule = scheduled.defs.resolve_schedule_def("sharded_text_schedule")
        requests = schedule.evaluate_tick(
            dg.build_schedule_context(instance, repository_def=scheduled.defs.get_repository_def(), scheduled_execution_time=datetime(2026, 1, 1))
        ).run_requests
    assert [request.partition_key for request in requests or ()] == ["2024/c", "a", "b"]


def test_a_result_in_shards_is_exported_as_one_file_or_as_one_each(tmp_path: Path, deployed: Deployed) -> None:
    each = Deployed(tmp_path, deployed.instance, pipeline=EachText, export=[str(tmp_path / "out" / "{shard}.jsonl")])
    each.keep_partitions()
    for shard in SHARDS:
        assert each.run("each_text", shard).success
    assert len((tmp_path / "out" / "2024" / "c.jsonl").read_text().splitlines()) == 2
    one = Deployed(tmp_path, deployed.instance, pipeline=EachText, export=[str(tmp_path / "out.jsonl")])
    assert one.run("each_text_gathered").success
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 7
    with pytest.raises(ParameterError, match=r"one table, not in shards"):
        Deployed(tmp_path, deployed.instance, export=["{shard}.jsonl"])


def test_whole_table_operators_on_shards_are_refused_when_the_pipeline_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(
        CompileError,
        match=r'(?s)rated\.all: Union needs the whole table, but "good" comes in shards.*call gathered\(\) on what "good" and "bad" gave',
    ):
        definitions(str(tmp_path), str(tmp_path), pipeline=Rated)


def test_what_cannot_be_partitioned_is_refused_when_the_pipeline_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="only files come in shards"):
        definitions("installed_documentation", str(tmp_path))


def test_peoples_own_assets_take_a_shard_or_all_and_keep_shards_of_their_own(tmp_path: Path, deployed: Deployed) -> None:
    each = Deployed(tmp_path, deployed.instance, pipeline=EachText)
    each.keep_partitions()
    for shard in SHARDS:
        each.run("each_text", shard)
    clean = {"clean": dg.AssetIn(key=["each_text", "clean"])}
    seen: dict[str, int] = {}

    def lengths(clean: pd.DataFrame) -> pd.DataFrame:
        return clean[["text"]]

    def whole(clean: pa.Table) -> None:
        seen["rows"] = clean.num_rows

    partitions = dg.DynamicPartitionsDefinition(name="each_text_documents")
    assets = [dg.asset(ins=clean, partitions_def=partitions)(lengths), dg.asset(ins=clean)(whole)]
    defs = dg.Definitions.merge(each.defs, dg.Definitions(assets=assets))
    for name, shard in (("lengths", "a"), ("lengths", "b"), ("whole", None)):
        job = defs.resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(instance=each.instance, partition_key=shard, asset_selection=[dg.AssetKey(name)]).success
    assert seen["rows"] == 7
    assert each.warehouse.gathered("assets", "lengths", ["a", "b"]).count_rows() == 5
