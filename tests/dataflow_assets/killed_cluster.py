"""A run with its tables in a bucket, its parts on workers and its questions behind the gateway; and kill -9 of one of its processes.

For test_kill_cluster.py and `benchmarks.kill_cluster`. Each moment has a prefix of the bucket and a gateway with a cache of its own, so that what is
found afterwards was caused by its kill alone.
"""

from __future__ import annotations

import json
import os
import random
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
from typing import Any, Literal, TypeAlias

import pytest

from benchmarks.gateway import gateway
from resources.warehouse import Warehouse
from resources.warehouse.objects import layout
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.opening import open_bucket
from resources.warehouse.objects.place import ObjectPlace
from resources.warehouse.objects.records import MANIFEST
from resources.warehouse.objects.session import PINS, Times
from resources.warehouse.objects.table_objects import tables_of
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
TRIES = 4
_DATAFLOW = "import sys; from dataflow_assets.cli import main; raise SystemExit(main(sys.argv[1:]))"

Victim: TypeAlias = Literal["worker", "node", "driver", "gateway", "publisher"]
Put: TypeAlias = Literal["before", "amid", "after"]


class TooEarly(Exception):
    """The run ended before its moment came."""


@dataclass(frozen=True)
class Made:
    """What a run left: the bytes of its result, and of each table a hash of its rows."""

    result: bytes
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What was killed when, and what was found afterwards."""

    victim: Victim
    when: str
    seconds: float
    """From the kill to the end of the run, or of the one that was started again."""
    asked_again: int
    """Questions that the server was asked more than once."""
    in_flight: int
    """Answers that were not yet kept when the gateway was killed; 0 for the others, after whose kill nothing may be asked again."""
    versions: int
    """That were read right after the kill."""
    faults: tuple[str, ...]
    """What should not be: rows that differ, ids that are there twice, versions that cannot be read, what was left behind."""


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
            return [pid for pid in _processes() if _title(pid).startswith("ray::_do")]
        return [pid for pid in descendants(self.driver.pid) if "dataflow_assets.running.worker" in _title(pid)]

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
                _kill(pid)
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


def killed(world: World, name: str, victim: Victim, share: float, draw: random.Random, whole: Run, expected: Made) -> Outcome:
    """Kill at this share (0 to 1) of the time in which `whole`, a run that was not killed, had work for the victim; at half of it where a run ended
    before. `expected` is what `whole` made."""
    for attempt in range(TRIES):
        try:
            return _killed_once(world, f"{name}-{attempt}", victim, share / 2**attempt, draw, whole, expected)
        except TooEarly:
            continue
    raise AssertionError(f"{name}: the run ended {TRIES} times before its {victim} could be killed.")


def _killed_once(world: World, name: str, victim: Victim, share: float, draw: random.Random, whole: Run, expected: Made) -> Outcome:
    run = Run(world, name)
    try:
        run.start_gateway()
        kill = _Kill(run, whole, share, draw)
        kill.prepare(victim)
        run.start()
        when, lost, started = kill.strike(victim)
        struck = time.monotonic()
        versions, faults = 0, []
        if victim in ("driver", "publisher"):
            faults += _left_running(started)
            versions, found = _versions(run.address, expected)
            faults += found
            run.at_put = lambda number, key: "pass"
            run.start()
        elif victim == "gateway":
            versions, faults = _versions(run.address, expected)
        if run.wait():
            when += ", stopped"
        took = time.monotonic() - struck
        faults += _differences(run.made(), expected) + _twice(run.address) + _left_behind(run)
        if run.asked_again() > lost:
            faults.append(f"{run.asked_again()} questions were asked again, and {lost} answers were lost")
        if lost > IN_FLIGHT:
            faults.append(f"{lost} answers were in flight, of {IN_FLIGHT} that may be")
        return Outcome(victim, when, took, run.asked_again(), lost, versions, tuple(faults))
    finally:
        run.close()
        if victim == "node":
            from tests.dataflow_assets.on_ray import add_node

            add_node()


@dataclass
class _Kill:
    """Waits for a moment, and kills."""

    run: Run
    whole: Run
    share: float
    draw: random.Random
    put: int = 0
    how: Put = "amid"
    key: str = ""
    struck: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    started: list[int] = field(default_factory=list)

    def prepare(self, victim: Victim) -> None:
        """What has to be known before the run starts."""
        if victim == "publisher":
            self.put = 1 + int(self.share * len(self.whole.puts))
            self.how = self.draw.choice(("before", "amid", "after"))
            self.run.at_put = self._at_put

    def strike(self, victim: Victim) -> tuple[str, int, list[int]]:
        """When; how many answers were lost; what the victim had started."""
        run, published = self.run, self.whole.published
        if victim == "publisher":
            run.until(self.struck.is_set)
            assert self.done.wait(60)
            return f"{self.how} put {self.put} of {len(self.whole.puts)}, {_shortened(self.key)}", 0, self.started
        if victim == "driver":
            after = self.share * (published[RESULT] - self.whole.began)
            run.until(lambda: run.began > 0 and time.monotonic() >= run.began + after)
            return f"after {after:.1f} s, {self._stage()}", 0, run.kill_driver()
        if victim == "gateway":
            requests = 1 + int(self.share * (ROWS // 100))
            run.until(lambda: run.world.server.counts.requests >= requests)
            return f"after {requests} questions", run.kill_gateway(), []
        after = self.share * (published["some"] - published["clean"])
        run.until(lambda: "clean" in run.published and time.monotonic() >= run.published["clean"] + after and bool(run.busy_workers()))
        when = f"after {after:.1f} s of the stage, {self._stage()}"
        if victim == "node":
            from tests.dataflow_assets.on_ray import raylets

            _kill(raylets()[-1])
        else:
            _kill(self.draw.choice(sorted(run.busy_workers())))
        return when, 0, []

    def _at_put(self, number: int, key: str) -> Deed:
        """In the thread of the proxy that has the request; the others wait meanwhile."""
        if number != self.put:
            return "pass"
        self.key = key
        if self.how == "after":
            threading.Timer(self.draw.uniform(0.005, 0.1), self._kill_publisher).start()
            return "pass"
        self._kill_publisher()
        return "pass" if self.how == "amid" else "500"

    def _kill_publisher(self) -> None:
        self.struck.set()
        self.started = self.run.kill_driver()
        self.done.set()

    def _stage(self) -> str:
        """Which table was being made."""
        return next((table for table in TABLES if table not in self.run.published), "export")


def _versions(address: str, expected: Made) -> tuple[int, list[str]]:
    """How many versions there are, and of which something is wrong."""
    read, faults = 0, []
    with opened(address) as (warehouse, _):
        for name in TABLES:
            table = warehouse.table(PIPELINE, name)
            for version in table.versions():
                try:
                    found = table.at(version)
                    rows, content = found.read().num_rows, found.run_facts()["content_hash"]
                except Exception as error:  # whatever it is, it is told
                    faults.append(f"{name} at {version} cannot be read: {error}")
                    continue
                read += 1
                if content != expected.hashes[name] or rows != found.count_rows():
                    faults.append(f"{name} at {version} has other rows")
    return read, faults


def _differences(made: Made, expected: Made) -> list[str]:
    differing = [f"{table} has other rows" for table in TABLES if made.hashes[table] != expected.hashes[table]]
    return differing + ([] if made.result == expected.result else ["the result has other bytes"])


def _twice(address: str) -> list[str]:
    with opened(address) as (warehouse, _):
        ids: dict[str, list[Any]] = {name: warehouse.table(PIPELINE, name).read(["row_id"]).column(0).to_pylist() for name in TABLES}
    return [f"{name} has {len(found) - len(set(found))} row ids twice" for name, found in ids.items() if len(set(found)) != len(found)]


def _left_running(pids: list[int]) -> list[str]:
    until = time.monotonic() + 20
    while (alive := [pid for pid in pids if _title(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    return [f"{len(alive)} processes go on: {_title(alive[0])[:80]}"] if alive else []


def _left_behind(run: Run) -> list[str]:
    """Files of this machine; and objects that no version needs, after the collection that comes ten minutes after the kill."""
    faults = [f"{path.name} is left" for path in run.world.temporary.glob("dataflow-*")]
    with opened(run.address) as (warehouse, connection):
        bucket = connection.bucket
        for pin in bucket.list(PINS):
            said = bucket.get(pin.key)
            if said is not None and not _title(int(json.loads(said.body)["process"])):
                bucket.delete([pin.key])  # as it counts when it was not renewed for ten minutes
        until = time.monotonic() + 10
        while (left := _needless(connection)) and time.monotonic() < until:
            time.sleep(1.1)  # the dates of a store are whole seconds
            warehouse.collect(keep=1)
    return faults + ([f"{len(left)} objects are left, such as {left[0]}"] if left else [])


def _needless(connection: Connection) -> list[str]:
    needed = set()
    for table in tables_of(connection):
        for entry in table.pointer()[0].entries:
            needed |= {f"{table.folder_key(entry)}/{MANIFEST}", *table.manifest(entry.folder).files()}
    return sorted({listed.key for listed in connection.bucket.list(layout.VERSIONS)} - needed)


def _shortened(key: str) -> str:
    """CURRENT of rate; rows-0.parquet of rate; a pin."""
    parts = key.split("/")
    return f"{parts[-1]} of {parts[2]}" if parts[0] in (layout.CURRENT, layout.VERSIONS) else f"a {parts[0].removesuffix('s')}"


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _title(pid: int) -> str:
    """Its command line; "" where it has ended."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
