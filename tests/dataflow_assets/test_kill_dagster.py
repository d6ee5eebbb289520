"""kill -9 of a run's process, of the daemon, of the whole tree: started again, with no command, everything ends as if nothing had been.

`python -m benchmarks.kill_runs` does the same at many moments.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import dagster as dg
import pytest

from tests.dataflow_assets.killed_dagster import KilledDagster, Victim, all_done, held
from tests.resources.llm.fault_server import running

ROWS = 24
LATENCY = 4.0
"""Of an answer, in seconds: the run is sure to be under way still when it is killed."""
MOST_SECONDS = 200
"""On a machine of two cores that does other things too. The benchmark shows what it takes on a quiet one."""


@pytest.mark.timeout(420)
@pytest.mark.parametrize("victim", ["tree", "worker"])
def test_a_killed_run_ends_by_itself_as_one_that_was_not(victim: Victim, tmp_path: Path) -> None:
    with running() as server:
        killed = KilledDagster(tmp_path, server.address, rows=ROWS, impatient=True)
        try:
            server.faults.latency = LATENCY
            killed.start()
            if victim == "tree":
                killed.backfill()
            killed.launch()
            killed.wait(lambda _: server.counts.requests >= ROWS // 4, MOST_SECONDS)
            assert killed.kill(victim) > 0
            server.faults.latency = 0.0
            if victim == "tree":
                killed.start()
            killed.wait(all_done, MOST_SECONDS)
            assert [row["text"] for row in killed.result()] == [f"text number {number}" for number in range(ROWS)]
            if victim == "tree":
                assert len(killed.result_of_shards()) == ROWS // 2 * 2
            assert max(server.counts.answered.values()) <= 2, "only what was under way is asked again"
            with killed.instance() as instance:
                assert dg.DagsterRunStatus.FAILURE in {run.status for run in instance.get_runs()}
        finally:
            killed.stop()


@pytest.mark.timeout(300)
def test_a_job_by_hand_ends_what_an_earlier_one_left_and_holds_its_place_in_the_pool(tmp_path: Path) -> None:
    with running() as server:
        killed = KilledDagster(tmp_path, server.address, rows=ROWS)
        try:
            server.faults.latency = LATENCY
            command = ("dagster", "job", "execute", "-m", "own_project.definitions", "-j", "judged")
            process = killed.project.start(*command, **killed.environment)
            killed.wait(lambda _: server.counts.requests >= ROWS // 4, MOST_SECONDS)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
            server.faults.latency = 0.0
            with killed.instance() as instance:
                assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.STARTED]
                assert held(instance) == 1
            status, said = killed.project.run(*command, **killed.environment)
            assert status == 0, said
            with killed.instance() as instance:
                assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
                assert held(instance) == 0
            assert [row["text"] for row in killed.result()] == [f"text number {number}" for number in range(ROWS)]
        finally:
            killed.stop()
