"""kill -9 of the run of one shard: the others are as they were, and its next run pays for nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg

from resources.warehouse import Warehouse
from tests.dataflow_assets.sharded_pipelines import write_shard
from tests.resources.llm.fault_server import running

ROOT = Path(__file__).parents[2]
ROWS = 60
IN_FLIGHT = 4


def start(home: Path, address: str, shard: str) -> subprocess.Popen[bytes]:
    """The run of one shard, as a user starts it."""
    environment = {
        **os.environ,
        "SHARDS_FOLDER": str(home / "shards"),
        "DATAFLOW_WAREHOUSE": str(home / "warehouse"),
        "DATAFLOW_LLM_BASE_URL": address,
        "DATAFLOW_LLM_MODEL": "mock",
        "DAGSTER_HOME": str(home / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "job", "execute", "-m", "tests.dataflow_assets.sharded_pipelines", "-j", "sharded_text"]
    command += ["--tags", f'{{"dagster/partition": "{shard}"}}']
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def test_a_killed_shard_leaves_the_others_and_goes_on_where_it_was(tmp_path: Path) -> None:
    write_shard(tmp_path / "shards", "a", *(f"text of a, number {number}" for number in range(ROWS)))
    write_shard(tmp_path / "shards", "b", "text of b")
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        instance.add_dynamic_partitions("sharded_text_documents", ["a", "b"])
    warehouse = Warehouse(tmp_path / "warehouse")
    with running() as server:
        server.faults.latency = 0.2
        killed, beside = start(tmp_path, server.address, "a"), start(tmp_path, server.address, "b")
        deadline = time.monotonic() + 120
        while server.counts.requests < ROWS // 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert ROWS // 3 <= server.counts.requests < ROWS
        assert beside.wait(120) == 0  # two shards ran at once, in the same tables
        assert not warehouse.table("sharded_text", "rate", "a").exists()
        assert warehouse.table("sharded_text", "rate", "b").count_rows() == 1

        assert start(tmp_path, server.address, "a").wait(120) == 0
        assert server.counts.requests <= ROWS + 1 + IN_FLIGHT
        assert max(server.counts.answered.values()) <= 2
    assert warehouse.gathered("sharded_text", "rate", ["a", "b"]).count_rows() == ROWS + 1
    assert len(warehouse.table("sharded_text", "rate", "b").versions()) == 1
