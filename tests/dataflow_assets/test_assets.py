"""A deployed pipeline in Dagster: assets, checks, metadata, staleness, and what a re-run costs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from operators.tables.errors import CompileError
from resources.warehouse import Warehouse
from tests.dataflow_assets.small_pipelines import Rated, definitions, documents
from tests.resources.llm.fault_server import FaultServer, running

TEXTS = ["one  two three", "four five six", "seven eight", "short", "nine ten eleven twelve"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def run(
    tmp_path: Path, instance: dg.DagsterInstance, *texts: str, selection: list[str] | None = None, **attributes: Any
) -> dg.ExecuteInProcessResult:
    source = documents(tmp_path / "documents.jsonl", *(texts or TEXTS))
    defs = definitions(source, str(tmp_path / "warehouse"), **attributes)
    job = defs.resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey(["rated", name]) for name in selection] if selection else None
    return job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)


def metadata_of(result: dg.ExecuteInProcessResult, stage: str) -> dict[str, Any]:
    for event in result.get_asset_materialization_events():
        if event.asset_key == dg.AssetKey(["rated", stage]):
            return {name: value.value for name, value in event.materialization.metadata.items()}
    raise AssertionError(f"{stage} was not materialized")


def test_defs_yaml_says_how_large_a_share_of_the_source_may_be_unreadable(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_text('{"text": "one two"}\n{"text": "cut o')
    versions = {}
    for max_unreadable, works in ((0.4, False), (0.5, True)):
        defs = definitions({"path": str(path), "max_unreadable": max_unreadable}, str(tmp_path / "warehouse"))
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["rated", "documents"])], raise_on_error=False)
        assert result.success == works
        versions[max_unreadable] = defs.resolve_asset_graph().get(dg.AssetKey(["rated", "documents"])).code_version
    assert len(set(versions.values())) == 1, "a tolerance is no reason to read everything again"


def test_what_a_run_paid_is_counted_under_its_id_so_that_its_processes_share_a_budget(
    tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer
) -> None:
    result = run(tmp_path, instance, selection=["documents", "clean", "long_enough", "rate"])
    assert result.success
    with closing(sqlite3.connect(tmp_path / "warehouse" / ".llm" / "answers.sqlite")) as ledger:
        assert ledger.execute("SELECT run, model, tokens FROM runs").fetchall() == [(result.run_id, "mock", 4 * 30)]


def test_every_stage_is_an_asset_that_shows_what_it_did(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    result = run(tmp_path, instance, export=[str(tmp_path / "out.parquet"), str(tmp_path / "out.jsonl")], keep_rate={"long_enough": [0.5, 1.0]})
    assert result.success
    made = {event.asset_key.path[1] for event in result.get_asset_materialization_events()}
    assert made == {"documents", "clean", "long_enough", "rate", "good", "bad", "all", "export"}
    long_enough = metadata_of(result, "long_enough")
    assert (long_enough["dagster/row_count"], long_enough["rows_in"], long_enough["rows_rejected"]) == (4, 5, 1)
    assert long_enough["dagster/table_name"] == "rated.long_enough"
    assert "WordCountFilter" in long_enough["rejected_by"]
    assert "| kept | rejected, and why |" in long_enough["preview"]
    assert "words = 1, below" in long_enough["preview"]
    rate = metadata_of(result, "rate")
    assert (rate["llm_calls"], rate["llm_cached"], rate["llm_prompt_tokens"]) == (4, 0, 80)
    assert "histogram of educational_value" in rate
    assert [column.name for column in rate["dagster/column_schema"].columns] == ["row_id", "text", "educational_value", "educational_reason"]
    origins = rate["dagster/column_lineage"].deps_by_column["educational_value"]
    assert [(list(dep.asset_key.path), dep.column_name) for dep in origins] == [(["rated", "long_enough"], "text")]
    checks = {(evaluation.asset_key.path[1], evaluation.check_name) for evaluation in result.get_asset_check_evaluations() if evaluation.passed}
    assert {("documents", "contract"), ("rate", "contract")} <= checks
    assert ("long_enough", "keep_rate") in checks
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 4
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 4


def test_a_rerun_is_free_and_a_changed_row_costs_one_call(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    run(tmp_path, instance)
    assert server.counts.requests == 4
    before = Warehouse(tmp_path / "warehouse").table("rated", "all").run_facts()["content_hash"]
    again = run(tmp_path, instance)
    assert server.counts.requests == 4
    assert (metadata_of(again, "rate")["llm_calls"], metadata_of(again, "rate")["llm_cached"]) == (0, 4)
    assert Warehouse(tmp_path / "warehouse").table("rated", "all").run_facts()["content_hash"] == before
    run(tmp_path, instance, *TEXTS[:-1], "something else")
    assert server.counts.requests == 5


def test_changing_a_prompt_makes_exactly_its_stage_and_those_below_stale(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    run(tmp_path, instance)
    source, stages = str(tmp_path / "documents.jsonl"), ["documents", "clean", "long_enough", "rate", "good", "bad", "all"]

    def stale(system: str) -> set[str]:
        defs = definitions(source, str(tmp_path / "warehouse"), parameters={"system": system})
        resolver = CachingStaleStatusResolver(instance, defs.resolve_asset_graph(), LoadingContextForTest(instance))
        return {name for name in stages if resolver.get_status(dg.AssetKey(["rated", name])) != StaleStatus.FRESH}

    assert stale("You are a judge.") == set()
    assert stale("You are strict.") == {"rate"}
    rerun = run(tmp_path, instance, selection=["rate"], parameters={"system": "You are strict."})
    assert rerun.success
    assert server.counts.requests == 8
    assert stale("You are strict.") == {"good", "bad"}


def test_an_empty_stage_stops_what_is_below_it(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    result = run(tmp_path, instance, "short", "shorter")
    made = {event.asset_key.path[1] for event in result.get_asset_materialization_events()}
    failed = {(evaluation.asset_key.path[1], evaluation.check_name) for evaluation in result.get_asset_check_evaluations() if not evaluation.passed}
    assert "rate" not in made
    assert ("long_enough", "contract") in failed
    assert server.counts.requests == 0


def test_a_branch_may_come_to_nothing_where_another_goes_on(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    """One text is good or bad, never both."""
    result = run(tmp_path, instance, "a text of some words")
    assert result.success
    assert sorted(metadata_of(result, branch)["dagster/row_count"] for branch in ("good", "bad")) == [0, 1]
    assert metadata_of(result, "all")["dagster/row_count"] == 1
    plan = Rated().compile()
    tolerated = {stage.name for stage in plan.stages if plan.may_be_empty(stage.name)}
    assert tolerated == {"good", "bad"}, "what both branches need has rows, and so has the result"


def test_a_keep_rate_outside_its_bounds_stops_what_is_below_it(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    result = run(tmp_path, instance, keep_rate={"long_enough": [0.0, 0.5]})
    assert not {"long_enough", "rate"} & {event.asset_key.path[1] for event in result.get_asset_materialization_events()}
    assert not result.success
    assert not Warehouse(tmp_path / "warehouse").table("rated", "long_enough").exists()
    [check] = [one for one in result.get_asset_check_evaluations() if one.check_name == "keep_rate"]
    assert not check.passed
    error = next(event for event in result.all_events if event.is_step_failure).step_failure_data.error
    assert re.search(r"80\.0% of 5 rows were kept; defs\.yaml allows 0\.0% to 50\.0%.*`keep_rate` in defs\.yaml", str(error))


def test_a_table_that_fails_a_check_does_not_replace_the_one_before(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    assert run(tmp_path, instance, keep_rate={"long_enough": [0.5, 1.0]}).success
    table = Warehouse(tmp_path / "warehouse").table("rated", "long_enough")
    before = table.current_version()
    assert not run(tmp_path, instance, *TEXTS, "x", "y", "z", keep_rate={"long_enough": [0.9, 1.0]}).success
    long_texts = {"long_enough": [{"operator": "WordCountFilter", "min_words": 3, "columns": {"input_text": "text"}}]}
    assert not run(tmp_path, instance, checks=long_texts).success
    assert not run(tmp_path, instance, "x", "y").success, "no row is left"
    assert table.current_version() == before


def test_failing_rows_are_set_aside_and_shown_and_too_many_fail_the_stage(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    server.faults.always_status, server.faults.always_message = 400, "this text is too long for me"
    emptied = run(tmp_path, instance, stages={"rate": {"max_failed": 1.0}})
    told = str(next(event for event in emptied.all_events if event.is_step_failure).step_failure_data.error)
    assert "no row is left of 4" in told
    assert re.search(r"4 failed: .*this text is too long for me", told), "the rows are not kept, but why they failed is said"
    failed = run(tmp_path, instance)
    error = next(event for event in failed.all_events if event.is_step_failure).step_failure_data.error
    assert error is not None
    assert re.search(r"4 of 4 rows failed|\d of 4 rows failed, more than max_failed=0.05", str(error))
    assert "raise max_failed" in str(error)


def test_a_bad_deployment_does_not_load_and_says_everything_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match=r"(?s)no parameter \"mim_words\".*did you mean \"min_words\".*there is no such stage"):
        definitions("installed_documentation", str(tmp_path), stages={"long_enough": {"mim_words": 3}, "rat": {}})


def test_a_source_with_other_columns_fails_before_anything_is_paid(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    (tmp_path / "other.jsonl").write_text('{"txt": "a b c"}\n')
    defs = definitions(str(tmp_path / "other.jsonl"), str(tmp_path / "warehouse"))
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, raise_on_error=False)
    error = next(event for event in result.all_events if event.is_step_failure).step_failure_data.error
    assert 'column "text" does not exist in the source "documents"' in str(error)
    assert server.counts.requests == 0


def test_a_language_model_of_its_own_is_configured_by_name(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    with running() as judge:
        result = run(tmp_path, instance, llms={"judge": {"base_url": judge.address, "model": "mock"}}, stages={"rate": {"llm": "judge"}})
        assert result.success
        assert (judge.counts.requests, server.counts.requests) == (4, 0)
        assert metadata_of(result, "rate")["judge_calls"] == 4


def test_peoples_own_assets_take_a_stage_as_they_like(tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer) -> None:
    run(tmp_path, instance)
    seen: dict[str, Any] = {}
    key = {"rated": dg.AssetIn(key=["rated", "all"])}

    def frame(rated: pd.DataFrame) -> pd.DataFrame:
        seen["frame"] = rated
        return rated[["text"]]

    def table(rated: pa.Table) -> None:
        seen["table"] = rated

    assets = [dg.asset(ins=key, name="frame")(frame), dg.asset(ins=key, name="table")(table)]
    defs = dg.Definitions.merge(definitions(str(tmp_path / "documents.jsonl"), str(tmp_path / "warehouse")), dg.Definitions(assets=assets))
    job = defs.resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("frame"), dg.AssetKey("table")]).success
    assert len(seen["frame"]) == seen["table"].num_rows == 4
    assert Warehouse(tmp_path / "warehouse").table("assets", "frame").schema.names == ["text"]
