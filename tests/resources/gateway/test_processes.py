"""Real workers and a real gateway, killed at work: what was answered is never asked again, and the end is the same."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.resources.llm.fault_server import Faults, FaultServer, running

ROOT = Path(__file__).parents[3]
IN_FLIGHT = 16
KILLS = int(os.environ.get("DATAFLOW_TEST_KILLS", "1"))
"""Of the gateway, in a row. DATAFLOW_TEST_KILLS=30 is the long form of this test."""
GATEWAY = "import sys; from dataflow_assets.cli import main; raise SystemExit(main(['serve', *sys.argv[1:]]))"
WORKER = """
import json, sys
from pathlib import Path
from operators.asking.usage_label import usage_label
from resources.llm import LLMSettings, open_serving
address, cache, stage, first, last = sys.argv[1:]
settings = LLMSettings(base_url=address, model="mock", cache_path=Path(cache), run="nightly", retries=10_000, retry_seconds_most=0.5)
with usage_label("demo", stage):
    answers = open_serving(settings).generate_from_input([f"question {i}" for i in range(int(first), int(last))])
print(json.dumps([answer.text for answer in answers]))
"""

Process: TypeAlias = "subprocess.Popen[str]"
Start: TypeAlias = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program; whatever is left of it at the end is ended."""
    with ExitStack() as stack:

        def started(code: str, *arguments: str, **environment: str) -> Process:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield started


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running(Faults(latency=0.05)) as server:
        yield server


def serve(start: Start, server: FaultServer, cache: Path, port: int, *options: str) -> tuple[Process, str]:
    """A gateway that is ready, and its address."""
    process = start(
        GATEWAY, "--port", str(port), "--max-in-flight", str(IN_FLIGHT), *options, DATAFLOW_LLM_BASE_URL=server.address, DATAFLOW_LLM_CACHE=str(cache)
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "answers for mock" in line
    return process, line.split()[0]


def wait_for(server: FaultServer, requests: int, *alive: Process) -> None:
    while server.counts.requests < requests and all(process.poll() is None for process in alive):
        time.sleep(0.002)
    assert all(process.poll() is None for process in alive)


def kill(process: Process) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def texts(process: Process) -> list[str]:
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    found: list[str] = json.loads(said)
    return found


def test_two_workers_pay_for_no_question_twice_even_if_one_is_killed(start: Start, server: FaultServer, tmp_path: Path) -> None:
    gateway, address = serve(start, server, tmp_path / "answers.sqlite", 0)

    def work(name: str, first: int, last: int) -> Process:
        return start(WORKER, address, str(tmp_path / f"{name}.sqlite"), name, str(first), str(last))

    one, two = work("one", 0, 200), work("two", 100, 300)
    wait_for(server, 60, one, two)
    kill(one)
    again = work("one", 0, 200)
    behind = texts(again), texts(two)
    assert set(server.counts.answered.values()) == {1}
    assert len(server.counts.answered) == server.counts.requests == 300
    assert behind[0][100:] == behind[1][:100]

    os.kill(gateway.pid, signal.SIGTERM)
    assert gateway.wait(30) == 0
    with closing(sqlite3.connect(tmp_path / "answers.sqlite")) as ledger:
        paid = dict(ledger.execute("SELECT stage, calls FROM usage WHERE pipeline = 'demo' AND model = 'mock'").fetchall())
        assert set(paid) == {"one", "two"}
        assert sum(paid.values()) == 300
        assert ledger.execute("SELECT run, tokens FROM runs").fetchall() == [("nightly", 300 * 30)]


def test_a_killed_gateway_costs_what_it_had_in_flight_and_its_budget_goes_on_where_it_was(start: Start, server: FaultServer, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    questions, draw = 100 + 100 * KILLS, random.Random(0)
    cache, budget = tmp_path / "answers.sqlite", ("--budget-tokens", str((questions + 60) * 30), "--budget-per", "ever")
    gateway, address = serve(start, server, cache, port, *budget)
    worker = start(WORKER, address, str(tmp_path / "worker.sqlite"), "one", "0", str(questions))
    for _ in range(KILLS):
        wait_for(server, server.counts.requests + draw.randrange(20, 90), worker, gateway)
        kill(gateway)
        gateway, _ = serve(start, server, cache, port, *budget)
    assert len(texts(worker)) == questions
    assert len(server.counts.answered) == questions
    assert server.counts.requests <= questions + KILLS * IN_FLIGHT

    over = start(WORKER, address, str(tmp_path / "worker.sqlite"), "two", str(questions), str(questions + 200))
    over.communicate(timeout=120)
    assert over.returncode != 0
    with closing(sqlite3.connect(cache)) as ledger:
        [(paid,)] = ledger.execute("SELECT sum(calls) FROM usage").fetchall()
    assert questions + 60 <= paid <= questions + 60 + IN_FLIGHT
