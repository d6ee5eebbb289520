"""Stages on a Ray cluster of two nodes: the tables of one process, also where a worker or a node is killed."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.running.ray_processes import knock
from dataflow_assets.running.workers import Workers, read_setting
from operators.tables.errors import ParameterError

ROOT = Path(__file__).parents[2]
INSIDE = ["unshare", "-n", "-u", "-p", "-f", "--mount-proc"]


def on_cluster(what: str) -> dict[str, Any]:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed (the extra [ray])")
    if subprocess.run([*INSIDE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may make no network of its own, and Ray would listen on all interfaces")
    command = [*INSIDE, sys.executable, "-m", "tests.dataflow_assets.on_ray", what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=580, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(600)
def test_every_operator_makes_on_two_nodes_what_it_makes_here() -> None:
    found = on_cluster("equal")
    assert found["differing"] == []
    assert found["operators"] > 150
    assert (found["cores"], found["files_left"]) == (2, 0)


@pytest.mark.timeout(600)
def test_killed_workers_and_nodes_lose_no_row_and_double_none() -> None:
    found = on_cluster("killed")
    assert found["worker"], "a worker was killed"
    assert not found["kills_left"], "it was killed twice"
    assert found["node"], "a node was killed"


@pytest.mark.timeout(600)
def test_stages_of_a_run_are_done_by_the_cluster_and_their_tables_are_the_same() -> None:
    found = on_cluster("warehouse")
    assert found["equal"]
    assert not found["here"], "no row was seen by the process that asks"
    assert found["processes"] >= 2


def test_workers_of_ray_without_ray_or_a_cluster_are_told_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_setting("Ray") == "ray"
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    said = r"no Ray cluster at 127\.0\.0\.1:1: .*refused" if importlib.util.find_spec("ray") else r"dataflow-dagster\[ray\]"
    with Workers("ray") as workers, pytest.raises(ParameterError, match=said):
        workers.count  # noqa: B018


@pytest.mark.parametrize("address", ["auto", "ray://head:10001", "local"])
def test_what_is_no_host_and_port_is_for_ray_to_judge(address: str) -> None:
    knock(address)


def test_nobody_listens_there() -> None:
    with pytest.raises(OSError, match="refused"):
        knock("127.0.0.1:1")
