"""Dagster's history in a real PostgreSQL, as docs/dagster.md writes it: what runs tell is there, and a killed run is healed by the next."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import dagster as dg
import pytest

from tests.database_servers import OWNER, Server, postgres
from tests.dataflow_assets.killed_dagster import held
from tests.dataflow_assets.own_project import OwnProject
from tests.resources.llm.fault_server import FaultServer, running
from tests.test_dagster_docs import blocks

pytest.importorskip("dagster_postgres", reason="dagster-postgres is not installed")

PAIRS = 16
SECONDS = 100
"""For one job, on a machine of two cores that does other things too."""
JOB = ("dagster", "job", "execute", "-m", "own_project.definitions", "-j", "sft_filter")


def project_on(database: Server, folder: Path, model: FaultServer, monkeypatch: pytest.MonkeyPatch) -> OwnProject:
    """A project with the shipped pipeline sft_filter, whose dagster.yaml has the storage that the page shows."""
    (shown,) = [block for block in blocks("yaml") if "postgres_db:" in block]
    project = OwnProject(folder)
    configured = (project.home / "dagster.yaml").read_text()
    other = re.sub(r"^storage:\n(?:  .*\n)+", shown.replace("port: 5432", f"port: {database.port}"), configured, flags=re.MULTILINE)
    assert other != configured
    (project.home / "dagster.yaml").write_text(other)
    variables = {"DAGSTER_PG_HOST": "127.0.0.1", "DAGSTER_PG_USER": OWNER, "DAGSTER_PG_PASSWORD": "secret words", "DAGSTER_HOME": str(project.home)}
    for name, value in {**variables, "DATAFLOW_LLM_BASE_URL": model.address, "DATAFLOW_LLM_MODEL": "mock"}.items():
        monkeypatch.setenv(name, value)
    pairs = [{"instruction": f"Which number comes after {number * 7919}?", "output": f"It is {number * 7919 + 1}."} for number in range(PAIRS)]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    project.deploy("pairs", pipeline="sft_filter", source="pairs.jsonl", parameters={"min_score": 0, "share": 1.0, "similarity": 1.0})
    database.run("CREATE DATABASE dagster", database="postgres")
    with dg.DagsterInstance.get() as instance:  # makes the tables, as `dagster instance info` does
        assert not instance.get_runs()
    return project


def killed_while_it_asks(project: OwnProject, model: FaultServer) -> None:
    model.faults.latency = 2.0
    process = project.start(*JOB)
    until = time.monotonic() + SECONDS
    while model.counts.requests < PAIRS // 4:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until, "no question was asked"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    model.faults.latency = 0.0


@pytest.mark.timeout(280)
def test_what_runs_tell_is_in_postgres_and_a_killed_run_is_healed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres() as database, running() as model:
        project = project_on(database, tmp_path, model, monkeypatch)
        killed_while_it_asks(project, model)
        with dg.DagsterInstance.get() as instance:
            [killed] = instance.get_runs()
            assert killed.status == dg.DagsterRunStatus.STARTED
            assert held(instance) == 1

        status, said = project.run(*JOB)
        assert status == 0, said
        with dg.DagsterInstance.get() as instance:
            done, again = instance.get_runs()
            assert (again.run_id, again.status, done.status) == (killed.run_id, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)
            assert held(instance) == 0

        assert max(model.counts.answered.values()) <= 2, "only what was under way is asked again"
        assert len(_rated(project)) == PAIRS
        assert dict(database.run("SELECT run_id, status FROM runs", database="dagster")) == {killed.run_id: "FAILURE", done.run_id: "SUCCESS"}
        stages = {"pairs", "clean", "asked", "answered", "once", "rate", "best_answer", "good", "top"}
        assert _materialized(database, done.run_id) == {f'["sft_filter", "{stage}"]' for stage in stages}
        assert _materialized(database, killed.run_id) == {f'["sft_filter", "{stage}"]' for stage in ("pairs", "clean", "asked", "answered", "once")}
        checks = database.run(
            f"SELECT asset_key, count(*) FILTER (WHERE execution_status = 'SUCCEEDED') FROM asset_check_executions "
            f"WHERE run_id = '{done.run_id}' GROUP BY asset_key HAVING count(*) > 0",
            database="dagster",
        )
        assert {key for key, _ in checks} == {f'["sft_filter", "{stage}"]' for stage in stages}
        assert all(succeeded > 0 for _, succeeded in checks)
    assert not list(project.home.rglob("*.db")), "nothing of the history is in files"


def _rated(project: OwnProject) -> list[object]:
    from resources.warehouse import Warehouse

    return list(Warehouse(project.folder / "warehouse").table("sft_filter", "rate").read(["row_id"]).column(0).to_pylist())


def _materialized(database: Server, run_id: str) -> set[str]:
    """Keys of the assets of which the event log has a materialization by this run."""
    asked = f"SELECT asset_key FROM event_logs WHERE run_id = '{run_id}' AND dagster_event_type = 'ASSET_MATERIALIZATION'"
    return {key for (key,) in database.run(asked, database="dagster")}
