"""What Dagster is told when a stage fails, what is tried again, and which pool a stage waits in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from dataflow_assets import deployment as deployment_module
from resources.warehouse import Warehouse
from tests.dataflow_assets.sharded_pipelines import EachText, write_shard
from tests.dataflow_assets.sharded_pipelines import definitions as sharded
from tests.dataflow_assets.small_pipelines import definitions, documents
from tests.resources.llm.fault_server import FaultServer, running

STAGES = ("documents", "clean", "long_enough", "rate")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setattr(deployment_module, "RETRY_SECONDS", 0.01)
    documents(tmp_path / "documents.jsonl", *(f"text number {number}" for number in range(20)))
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def deployed(home: Path, llm: dict[str, Any] | None = None, **attributes: Any) -> dg.Definitions:
    return definitions(str(home / "documents.jsonl"), str(home / "warehouse"), llm, **attributes)


def run(defs: dg.Definitions, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    keys = [dg.AssetKey(["rated", name]) for name in STAGES]
    return defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)


def failure_of(result: dg.ExecuteInProcessResult) -> tuple[str, dict[str, Any]]:
    told = next(event for event in result.all_events if event.is_step_failure).step_failure_data.user_failure_data
    assert told is not None
    return str(told.description), {name: value.value for name, value in told.metadata.items()}


def test_a_failed_stage_says_why_first_then_how_far_it_came_and_what_to_do_in_dagster(
    tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer
) -> None:
    server.faults.failing_text, server.faults.failing_message = "number 1", "this text is too long for me"
    message, metadata = failure_of(run(deployed(tmp_path), instance))
    assert "rows failed, more than max_failed=0.05 allows" in message.split("\n")[0]
    assert "this text is too long for me" in message
    assert metadata["asset"] == "rated/rate"
    assert metadata["rows in"] == 20
    assert metadata["rows failed"] >= 2
    assert "this text is too long for me" in metadata["errors"]
    assert "`ops: {rated__rate: {config: {max_failed: ...}}}`" in metadata["remedy"]
    assert "`stages: {rate: {max_failed: ...}}`" in metadata["remedy"]


def test_an_unreadable_source_names_the_field_of_its_own_config(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    (tmp_path / "documents.jsonl").write_text('{"text": "one two"}\n{"text": "cut o')
    message, metadata = failure_of(run(deployed(tmp_path), instance))
    assert "documents.jsonl:2" in message
    assert "`ops: {rated__documents: {config: {max_unreadable: ...}}}`" in metadata["remedy"]
    assert "`source: {path: ..., max_unreadable: ...}`" in metadata["remedy"]


def test_a_file_that_is_not_there_or_says_nothing_is_told_at_once(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    (tmp_path / "documents.jsonl").write_text("")
    assert "rated.documents: the source has no row" in failure_of(run(deployed(tmp_path), instance))[0]
    (tmp_path / "documents.jsonl").unlink()
    missing = run(deployed(tmp_path), instance)
    assert "documents.jsonl: no such file" in failure_of(missing)[0]
    assert not any(event.event_type_value == "STEP_UP_FOR_RETRY" for event in missing.all_events)


def small(folder: Path, instance: dg.DagsterInstance, *names: str, **attributes: Any) -> dg.ExecuteInProcessResult:
    """A pipeline that asks no model."""
    source = str(write_shard(folder, "texts", "one  two", "three four"))
    job = sharded(source, str(folder / "warehouse"), EachText, partitions=None, **attributes).resolve_job_def("each_text")
    keys = [dg.AssetKey(["each_text", name]) for name in names] or None
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)


def test_a_report_without_the_result_is_refused(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    report = str(tmp_path / "report")
    assert 'no tables of a pipeline "each_text"' in failure_of(small(tmp_path, instance, "report", report=report))[0]
    assert small(tmp_path, instance, "documents").success
    assert "each_text.clean: the table was never written" in failure_of(small(tmp_path, instance, "report", report=report))[0]
    assert not Path(report).exists()
    assert small(tmp_path, instance, "clean", "report", report=report).success


def test_stages_that_a_pipeline_has_no_more_are_in_no_report_and_no_card(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    report, data = str(tmp_path / "report"), str(tmp_path / "data")
    export = [{"format": "hugging_face", "path": data}]
    assert small(tmp_path, instance, report=report, export=export).success
    before = [Path(folder, "README.md").read_text() for folder in (report, data)]
    left = Warehouse(tmp_path / "warehouse").table("each_text", "gone")
    with left.writer_version(pa.schema({"row_id": pa.string()}), pa.schema({"row_id": pa.string()})) as version:
        version.write(pa.record_batch({"row_id": ["a"]}))
        version.run.update(inputs={"clean": "a version"}, fingerprint="of a stage that was")
    assert small(tmp_path, instance, report=report, export=export).success
    assert [Path(folder, "README.md").read_text() for folder in (report, data)] == before
    assert "gone" not in Path(report, "report.html").read_text()


def test_a_folder_in_the_place_of_an_export_is_told_as_such(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    (tmp_path / "out.jsonl").mkdir()
    assert "out.jsonl: is a folder" in failure_of(small(tmp_path, instance, export=[str(tmp_path / "out.jsonl")]))[0]


def test_a_damaged_version_is_replaced_as_its_message_says(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    assert small(tmp_path, instance).success
    for file in (tmp_path / "warehouse" / "each_text" / "clean" / "versions").glob("*.duckdb"):
        file.write_bytes(b"cut")
    assert "Materialize the table again" in failure_of(small(tmp_path, instance, "report", report=str(tmp_path / "report")))[0]
    again = small(tmp_path, instance, "clean")
    assert again.success
    (made,) = again.get_asset_materialization_events()
    assert str(made.materialization.metadata["changed_since_last"].value).startswith("the version before cannot be read: ")


def test_what_can_pass_is_tried_again_and_what_a_user_has_to_mend_is_not(
    tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def retries(result: dg.ExecuteInProcessResult) -> int:
        return sum(event.event_type_value == "STEP_UP_FOR_RETRY" for event in result.all_events)

    server.faults.always_status, server.faults.always_message = 400, "no"
    refused = run(deployed(tmp_path), instance)
    assert (refused.success, retries(refused)) == (False, 0)
    gone = {"base_url": "http://127.0.0.1:9/v1", "model": "gone", "retries": 0}
    unreachable = run(deployed(tmp_path, gone, retries=2), instance)
    assert (unreachable.success, retries(unreachable)) == (False, 2)
    assert "127.0.0.1:9" in failure_of(unreachable)[0]
    assert retries(run(deployed(tmp_path, gone, retries=0), instance)) == 0


def test_stages_that_ask_a_model_wait_in_its_pool_and_no_other_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents(tmp_path / "documents.jsonl", "one two")
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "gpt-4.1-mini")

    def pools(**attributes: Any) -> dict[str, set[str]]:
        assets = [asset for asset in deployed(tmp_path, **attributes).assets or () if isinstance(asset, dg.AssetsDefinition)]
        return {asset.key.path[1]: asset.op.pools for asset in assets if asset.op.pools}  # type: ignore[attr-defined]

    assert pools() == {"rate": {"model/gpt_4_1_mini"}}
    judged = {"llms": {"judge": {"model": "big judge"}}, "stages": {"rate": {"llm": "judge"}}}
    assert pools(**judged) == {"rate": {"model/big_judge"}}
    assert pools(llms={"judge": {"base_url": "http://b"}}, stages={"rate": {"llm": "judge"}}) == {"rate": {"model/gpt_4_1_mini"}}, (
        "one model, one pool"
    )


def test_a_run_can_be_given_another_model_of_the_deployment(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    with running() as judge:
        defs = deployed(tmp_path, llms={"judge": {"base_url": judge.address, "model": "mock"}})
        keys = [dg.AssetKey(["rated", name]) for name in STAGES]
        config = {"ops": {"rated__rate": {"config": {"llm": "judge"}}}}
        job = defs.resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(instance=instance, asset_selection=keys, run_config=config).success
        assert (judge.counts.requests, server.counts.requests) == (20, 0)
