"""kill -9 of `dagster job execute` in the language model stage: the next run pays for nothing twice and ends the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from resources.warehouse import Warehouse
from tests.dataflow_assets.small_pipelines import documents
from tests.resources.llm.fault_server import running

ROOT = Path(__file__).parents[2]
ROWS = 120
IN_FLIGHT = 8


def start(source: str, address: str, home: Path) -> subprocess.Popen[bytes]:
    """The job, as a user runs it, with a warehouse and a cache of its own under `home`."""
    (home / "dagster").mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "RATED_SOURCE": source,
        "DATAFLOW_WAREHOUSE": str(home / "warehouse"),
        "DATAFLOW_LLM_BASE_URL": address,
        "DATAFLOW_LLM_MODEL": "mock",
        "DAGSTER_HOME": str(home / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    command = [str(Path(sys.executable).with_name("dagster")), "job", "execute", "-m", "tests.dataflow_assets.small_pipelines", "-j", "rated"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def result(home: Path) -> list[dict[str, object]]:
    return list(Warehouse(home / "warehouse").table("rated", "all").read().to_pylist())


def test_a_killed_job_goes_on_where_it_was(tmp_path: Path) -> None:
    source = documents(tmp_path / "documents.jsonl", *(f"text number {number}" for number in range(ROWS)))
    with running() as server:
        server.faults.latency = 0.1
        killed = start(source, server.address, tmp_path / "killed")
        deadline = time.monotonic() + 120
        while server.counts.requests < ROWS // 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert ROWS // 3 <= server.counts.requests < ROWS
        assert not Warehouse(tmp_path / "killed" / "warehouse").table("rated", "rate").exists()

        assert start(source, server.address, tmp_path / "killed").wait(120) == 0
        assert server.counts.requests <= ROWS + IN_FLIGHT
        assert max(server.counts.answered.values()) <= 2

        server.faults.latency = 0.0
        assert start(source, server.address, tmp_path / "whole").wait(120) == 0
    assert result(tmp_path / "killed") == result(tmp_path / "whole")
    assert len(result(tmp_path / "killed")) == ROWS
