"""A run with its tables in a bucket, its parts on workers and its questions behind the gateway, of which `cluster_kills` kills a process.

Each run has a prefix of the bucket and a gateway with a cache of its own, so that what is found afterwards was caused by its kill alone.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.gateway import gateway
from resources.warehouse import Warehouse
from resources.warehouse.objects import layout
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.opening import open_bucket
from resources.warehouse.objects.place import ObjectPlace
from resources.warehouse.objects.session import Times
from tests.dataflow_assets.killed_dagster import descendants
from tests.resources.llm.fault_server import Counts, Faults, FaultServer, running
from tests.resources.objects.hostile_proxy import Deed, HostileProxy, hostile_proxy
from tests.resources.objects.server import BUCKET, MISSING, environment, free_port, s3_server

ROOT = Path(__file__).parents[2]
PIPELINE, SOURCE, RESULT = "killed", "documents", "once"
TABLES = (SOURCE, "clean", "some", "rate", "good", RESULT)
ROWS = 16_384
"""Eight batches: so many parts at least has a stage that two workers share."""
IN_FLIGHT = 8
LATENCY = 0.15
"""Of an answer, in seconds."""
LONGEST = 240.0
"""Seconds for a run, on a machine of two cores that does other things too."""
_DATAFLOW = "import sys; from dataflow_assets.cli import main; raise SystemExit(main(sys.argv[1:]))"


class TooEarly(Exception):
    """The run ended before its moment came."""


@dataclass(frozen=True)
class Made:
    """What a run left: the bytes of its result, and of each table a hash of its rows."""

    result: bytes
    hashes: Mapping[str, str]


@dataclass
class World:
    """What stays between the moments."""

    folder: Path
    server: FaultServer
    proxy: HostileProxy
    workers: str
    on_ray: bool
    port: int = field(default_factory=free_port)
    """Of the gateway, which is found there again after its kill."""

    @property
    def source(self) -> Path:
        return self.folder / "documents.jsonl"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"


@contextmanager
def world(folder: Path, on_ray: bool) -> Iterator[World]:
    """Skips the test where no S3 server is installed. With Ray there are two nodes, which want a network of their own (see on_ray)."""
    before = dict(os.environ)
    with ExitStack() as stack:
        stack.callback(_restore, before)
        (folder / "s3").mkdir()
        (folder / "tmp").mkdir()
        if on_ray:
            from tests.dataflow_assets.on_ray import nodes, switch_on_loopback

            switch_on_loopback()
        endpoint = stack.enter_context(s3_server(folder / "s3"))
        if endpoint is None:
            pytest.skip(MISSING)
        proxy = stack.enter_context(hostile_proxy(endpoint))
        server = stack.enter_context(running(Faults(latency=LATENCY)))
        os.environ |= {**environment(proxy.endpoint), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])}
        if on_ray:
            stack.enter_context(nodes(2))
        made = World(folder, server, proxy, "ray" if on_ray else "2", on_ray)
        made.source.write_text("".join(json.dumps({"text": f"text  number {number}"}) + "\n" for number in range(ROWS)))
        yield made


def _restore(before: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)


class Run:
    """One run of the pipeline with a gateway, and all that can be killed of it."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.address = world, f"s3://{BUCKET}/{name}"
        self._folder = world.folder / name
        self._folder.mkdir()
        self._answers = self._folder / "answers.sqlite"
        self._gateway = ExitStack()
        self._gateway_process: subprocess.Popen[str] | None = None
        self._gateway_starts: threading.Thread | None = None
        self.driver: subprocess.Popen[bytes] | None = None
        self.published: dict[str, float] = {}
        """Table -> when its pointer was put."""
        self.puts: list[str] = []
        self.began = 0.0
        """When the driver first asked the store."""
        self.at_put: Callable[[int, str], Deed] = lambda number, key: "pass"
        self._seeing = threading.Lock()
        world.server.counts = Counts()
        world.proxy.decide = self._seen

    def _seen(self, method: str, path: str) -> Deed:
        if self.driver is None:
            return "pass"
        with self._seeing:
            self.began = self.began or time.monotonic()
            if method != "PUT":
                return "pass"
            key = path.partition("?")[0].partition(f"/{self.address.rpartition('/')[2]}/")[2]
            self.puts.append(key)
            if key.startswith(f"{layout.CURRENT}/"):
                self.published[key.split("/")[2]] = time.monotonic()
            return self.at_put(len(self.puts), key)

    def start_gateway(self) -> None:
        """Meanwhile the driver, which asks nothing for a while, can start too."""
        self._gateway_starts = threading.Thread(target=self._start_gateway)
        self._gateway_starts.start()

    def _start_gateway(self) -> None:
        _, self._gateway_process = self._gateway.enter_context(gateway(self.world.server.address, self._answers, IN_FLIGHT, self.world.port))

    def _gateway_started(self) -> subprocess.Popen[str]:
        assert self._gateway_starts is not None
        self._gateway_starts.join()
        assert self._gateway_process is not None, "the gateway did not start"
        return self._gateway_process

    def start(self, workers: str | None = None) -> None:
        """The command that a user gives."""
        command = [sys.executable, "-c", _DATAFLOW, "run", f"{ROOT}/tests/dataflow_assets/killed_pipeline.py:Killed"]
        command += ["--input", str(self.world.source), "--output", str(self.result), "--warehouse", self.address]
        model = {"DATAFLOW_LLM_BASE_URL": f"http://127.0.0.1:{self.world.port}", "DATAFLOW_LLM_MODEL": "mock"}
        settings = {**os.environ, **model, "DATAFLOW_LLM_CACHE": str(self._folder / "worker.sqlite")}
        with (self._folder / "driver.log").open("ab") as log:
            command += ["--workers", workers or self.world.workers]
            self.driver = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True)

    @property
    def result(self) -> Path:
        return self._folder / "result.jsonl"

    def until(self, moment: Callable[[], bool]) -> None:
        """Raises TooEarly where the run ended before; AssertionError where it takes too long."""
        assert self.driver is not None
        deadline = time.monotonic() + LONGEST
        while not moment():
            if self.driver.poll() is not None:
                raise TooEarly
            assert time.monotonic() < deadline, f"the run goes on and on: {self._said()}"
            time.sleep(0.002)

    def wait(self) -> bool:
        """Until the run ended well. Whether it had stopped, since the gateway was away for longer than its retries last, and was started again."""
        assert self.driver is not None
        try:
            status = self.driver.wait(LONGEST)
            stopped = status != 0 and "cannot be reached" in " ".join(self._said().split())
            if stopped:
                self.start()
                status = self.driver.wait(LONGEST)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the run goes on and on: {self._said()}") from None
        assert status == 0, f"the run failed: {self._said()}"
        return stopped

    def made(self) -> Made:
        with opened(self.address) as (warehouse, _):
            return Made(self.result.read_bytes(), {table: _hash_of(warehouse, table) for table in TABLES})

    def busy_workers(self) -> list[int]:
        """Processes that do parts now."""
        assert self.driver is not None
        if self.world.on_ray:
            return [pid for pid in processes() if title(pid).startswith("ray::_do")]
        return [pid for pid in descendants(self.driver.pid) if "dataflow_assets.running.worker" in title(pid)]

    def kill_driver(self) -> list[int]:
        """And the processes that it had started."""
        assert self.driver is not None
        started = descendants(self.driver.pid)
        self.driver.kill()
        self.driver.wait(30)
        return started

    def kill_gateway(self) -> int:
        """And start it again. How many answers it had asked for and not yet kept."""
        self._gateway_started().kill()
        self._gateway.close()
        time.sleep(2 * LATENCY)  # what had left the gateway has arrived
        asked = self.world.server.counts.requests
        with closing(sqlite3.connect(self._answers)) as kept:
            lost = asked - int(kept.execute("SELECT count(*) FROM answers").fetchone()[0])
        self.start_gateway()
        return lost

    def asked_again(self) -> int:
        counts = self.world.server.counts
        return counts.requests - len(counts.answered)

    def close(self) -> None:
        self.world.proxy.decide = lambda method, path: "pass"
        if self.driver is not None and self.driver.poll() is None:
            started = self.kill_driver()
            for pid in started:
                kill(pid)
        self._gateway_started()
        self._gateway.close()

    def _said(self) -> str:
        return (self._folder / "driver.log").read_text(errors="replace")[-3000:]


@contextmanager
def opened(address: str) -> Iterator[tuple[Warehouse, Connection]]:
    """A warehouse of this process, without a grace period, and given back at once."""
    warehouse, connection = Warehouse(address), Connection(open_bucket(address), Times(grace=0.0))
    warehouse._place = ObjectPlace(connection)
    try:
        yield warehouse, connection
    finally:
        connection.session.end()


def _hash_of(warehouse: Warehouse, table: str) -> str:
    return str(warehouse.table(PIPELINE, table).run_facts()["content_hash"])


def undisturbed(world: World, name: str, workers: str) -> tuple[Made, Run]:
    run = Run(world, name)
    try:
        run.start_gateway()
        run.start(workers)
        run.wait()
        return run.made(), run
    finally:
        run.close()


def processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def title(pid: int) -> str:
    """Its command line; "" where it has ended."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
