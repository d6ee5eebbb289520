"""A cluster of Ray nodes on this machine, in a network of its own, and what is done on it. Run by test_ray.py:

    unshare -n -u -p -f --mount-proc python -m tests.dataflow_assets.on_ray equal|killed|warehouse

Ray listens on all interfaces without a password. In a network that has nothing but the loopback, it can be reached by nobody else.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from dataflow_assets.running.ray_processes import ADDRESS
from dataflow_assets.running.stages import load_source, run_stage
from dataflow_assets.running.workers import Workers
from operators.core import registry
from operators.core.operator import Operator
from operators.engine.parts import Part
from operators.engine.runner import run_operator
from operators.tables.storage import MemoryStorage, Storage
from operators.testing import sample_inputs
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse
from tests.dataflow_assets.worker_operators import KillsItsProcess, ProcessOf, known_here

with known_here():
    """Imported, and unknown again until they are needed."""

PORT = 6399
START_SECONDS = 180
"""For a node, on a machine that does other things too."""
RAY = str(Path(sys.executable).with_name("ray"))
STARTED = ["--node-ip-address=127.0.0.1", "--num-cpus=1", f"--object-store-memory={100 << 20}", "--disable-usage-stats"]


def switch_on_loopback() -> None:
    """A new network has nothing else, and has it switched off."""
    socket.sethostname("localhost")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        fcntl.ioctl(opened, 0x8914, struct.pack("16sh", b"lo", 0x49))  # SIOCSIFFLAGS: up and running


@contextmanager
def nodes(count: int) -> Iterator[None]:
    """So many nodes of one core each, in this network."""
    switch_on_loopback()
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_NODE_IP_ADDRESS": "127.0.0.1", ADDRESS: f"127.0.0.1:{PORT}"}
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        _start("--head", f"--port={PORT}", "--include-dashboard=false", f"--temp-dir={folder}")
        try:
            for _ in range(count - 1):
                add_node()
            yield
        finally:
            subprocess.run([RAY, "stop", "--force"], capture_output=True, timeout=60, check=False)


def add_node() -> None:
    """To those that run."""
    _start(f"--address=127.0.0.1:{PORT}")


def _start(*arguments: str) -> None:
    subprocess.run([RAY, "start", *arguments, *STARTED], check=True, capture_output=True, timeout=START_SECONDS)


class InParts:
    """Parts of two rows, on the cluster."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._stage = workers.at(folder)
        self.folder, self.takes, self.modules_of = folder, self._stage.takes, self._stage.modules_of
        self.run: Any = self._stage.run

    def cut(self, storage: Storage) -> list[Part]:
        rows = storage.count_rows()
        return [Part(first, min(2, rows - first)) for first in range(0, rows, 2)]


def outcome(operator: Operator, inputs: list[MemoryStorage], executor: InParts | None) -> list[Any]:
    kept, aside = MemoryStorage(), MemoryStorage()
    schemas = [storage.schema for storage in inputs]
    with kept.writer(operator.schema_out(*schemas)) as rows, aside.writer(operator.schema_aside(*schemas)) as rejected:
        report = run_operator(operator, inputs, rows, rejected, resources={}, executor=executor)
    return [repr(kept.read().to_pylist()), repr(aside.read().to_pylist()), repr({**report.as_dict(), "seconds": None})]


def equal() -> dict[str, Any]:
    """Every registered operator that workers take, on tables without rows, of ordinary, odd and missing values: what one process makes of them."""
    done, differing = 0, []
    with nodes(2), Workers("ray") as workers, tempfile.TemporaryDirectory() as folder:
        executor = InParts(workers, Path(folder))
        for operator in registry.examples():
            changed = operator.changed(max_failed=1.0)
            if operator.package_problems() or not workers.take(changed, []):
                continue
            for what, inputs in sample_inputs(changed).items():
                cut = [MemoryStorage(_in_twos(storage.read())) for storage in inputs]
                if outcome(changed, cut, None) != outcome(changed, cut, executor):
                    differing.append(f"{operator.name}: {what}")
            done += 1
        left = len(list(Path(folder).iterdir()))
        cores = workers.count
    return {"operators": done, "differing": differing, "cores": cores, "files_left": left}


def _in_twos(rows: pa.Table) -> pa.Table:
    """The same rows in batches of two, as the parts cut them."""
    return pa.concat_tables([rows.slice(0, 0), *(rows.slice(first, 2) for first in range(0, rows.num_rows, 2))])


def killed() -> dict[str, Any]:
    """A worker ends in the middle of a part, and then a whole node: the table is whole, and no row in it twice."""
    with known_here(), nodes(2), Workers("ray") as workers, tempfile.TemporaryDirectory() as folder:
        kills = Path(folder) / "kills"
        kills.write_text("once\ntwice")
        of_tasks = Path(folder) / "tasks"
        of_tasks.mkdir()
        rows = MemoryStorage(
            pa.table({"row_id": [str(row) for row in range(20)], "text": ["kill" if row == 9 else f"text {row}" for row in range(20)]})
        )
        executor = InParts(workers, of_tasks)
        by_worker = outcome(KillsItsProcess(kills=str(kills)), [MemoryStorage(_in_twos(rows.read()))], executor)
        left = kills.read_text()
        kills.write_text("")
        expected = outcome(KillsItsProcess(kills=str(kills)), [MemoryStorage(_in_twos(rows.read()))], None)
        by_node = _with_a_node_killed(workers, of_tasks)
    return {"worker": by_worker == expected, "kills_left": left, "node": by_node}


def _with_a_node_killed(workers: Workers, folder: Path) -> bool:
    """Whether a run during which the second node is killed gives what one process gives."""
    ray: Any = importlib.import_module("ray")
    long = MemoryStorage(pa.table({"row_id": [str(row) for row in range(400)], "text": [f"text {row} " * 50 for row in range(400)]}))
    cut, operator = [MemoryStorage(_in_twos(long.read()))], WordCountFilter(min_words=3)
    (second,) = raylets()[1:]
    executor = InParts(workers, folder)
    run = executor.run

    def interrupted(*given: Any) -> Iterator[Any]:
        for number, done in enumerate(run(*given)):
            if number == 20:
                os.kill(second, signal.SIGKILL)
            yield done

    executor.run = interrupted
    found = outcome(operator, cut, executor)
    until = time.monotonic() + 60
    while len([node for node in ray.nodes() if node["Alive"]]) > 1 and time.monotonic() < until:
        time.sleep(0.2)
    assert len([node for node in ray.nodes() if node["Alive"]]) == 1, "a node was killed"
    return found == outcome(operator, cut, None)


def raylets() -> list[int]:
    """Processes of the nodes, in the order in which they were started."""
    found = subprocess.run(["pgrep", "-x", "raylet"], capture_output=True, text=True, check=False)
    return sorted(int(line) for line in found.stdout.split())


def warehouse() -> dict[str, Any]:
    """Stages of a run, with tables of the warehouse, equal to those without a cluster; and which processes did them."""
    from tests.dataflow_assets.test_workers import OneStage, texts

    hashes: dict[str, list[str]] = {"ray": [], "here": []}
    processes = set()
    with known_here(), nodes(2), Workers("ray") as workers, tempfile.TemporaryDirectory() as folder:
        for name, helping in (("ray", workers), ("here", None)):
            tables = Warehouse(Path(folder) / name)
            for operator in (WordCountFilter(min_words=5), MinHashDedup(), ProcessOf()):
                plan = OneStage(operator).compile({"documents": pa.schema([("text", pa.string())])})
                load_source(tables, plan.name, "documents", MemoryStorage(pa.table({"text": texts()})))
                result = run_stage(tables, plan, "done", {}, workers=helping)
                if isinstance(operator, ProcessOf):
                    processes |= set(result.table.read(["process"]).column(0).to_pylist()) if helping else set()
                else:
                    hashes[name].append(result.content_hash)
    return {"equal": hashes["ray"] == hashes["here"], "here": os.getpid() in processes, "processes": len(processes)}


if __name__ == "__main__":
    began = time.monotonic()
    found = {"equal": equal, "killed": killed, "warehouse": warehouse}[sys.argv[1]]()
    print(json.dumps({**found, "seconds": round(time.monotonic() - began, 1)}))
