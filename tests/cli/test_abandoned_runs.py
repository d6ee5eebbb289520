"""Runs that a kill left started are found by their process, and only those are touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from sensors import abandoned_runs
from tests.cli.conftest import Dataflow

START = """
import sys, os, signal, dagster as dg
from dagster._core.events import EngineEventData

@dg.job
def greet(): ...

with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    run = instance.create_run_for_job(greet, status=dg.DagsterRunStatus.STARTED)
    event = dg.DagsterEvent("ENGINE_EVENT", run.job_name, message="Executing steps", pid=os.getpid(), event_specific_data=EngineEventData())
    instance.report_dagster_event(event, run.run_id)
    print(run.run_id, flush=True)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def started(home: Path, then: str) -> tuple[str, subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", START, str(home), then], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process.stdout.readline().strip(), process


def test_a_killed_run_is_found_and_marked_as_failed_while_a_living_one_goes_on(home: Path, instance: dg.DagsterInstance) -> None:
    dead, killed = started(home, "die")
    killed.wait(30)
    alive, living = started(home, "wait")
    try:
        found = abandoned_runs.find(instance)
        assert [run.run_id for run in found] == [dead]
        abandoned_runs.mark_as_failed(instance, found)
        assert abandoned_runs.find(instance) == []
        statuses = {run.run_id: run.status for run in instance.get_runs()}
        assert statuses == {dead: dg.DagsterRunStatus.FAILURE, alive: dg.DagsterRunStatus.STARTED}
    finally:
        living.kill()
        living.wait(30)


def test_doctor_only_tells_of_killed_runs_and_marks_them_when_asked_to(home: Path, instance: dg.DagsterInstance, dataflow: Dataflow) -> None:
    dead, killed = started(home, "die")
    killed.wait(30)

    def runs(*arguments: str) -> list[dict[str, str]]:
        return [item for item in dataflow("doctor", "--json", *arguments).json if item["subject"] == "runs"]

    [told] = runs()
    assert told["state"] == "warning"
    assert dead[:8] in told["says"]
    assert told["remedy"] == "dataflow doctor --fix"
    [mended] = runs("--fix")
    assert "marked as failed" in mended["says"]
    assert [item["says"] for item in runs()] == ["none left started by a kill"]
    run = instance.get_run_by_id(dead)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.FAILURE


def test_a_number_that_now_belongs_to_a_younger_process_does_not_count_as_alive() -> None:
    with subprocess.Popen(["sleep", "30"]) as process:
        assert abandoned_runs._is_running(process.pid, at=4e9)
        assert not abandoned_runs._is_running(process.pid, at=1e9)
        process.kill()


def test_json_of_the_doctor_is_a_list_of_findings(home: Path, dataflow: Dataflow) -> None:
    said = dataflow("doctor", "--json")
    assert {"state", "subject", "says", "remedy"} == set(json.loads(said.output)[0])
