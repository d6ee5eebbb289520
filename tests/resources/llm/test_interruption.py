"""Dagster's terminate, and Ctrl-C in `dagster job execute`: calls under way stop, the run is marked, what came back is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from operators.asking.requests import Request
from tests.dataflow_assets.small_pipelines import documents
from tests.dataflow_assets.test_kill import IN_FLIGHT, ROWS, start
from tests.resources.llm.conftest import MakeServing, StartServer


class Terminated(BaseException):
    """What Dagster's signal handler raises is no Exception either."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_foreign_handler_that_raises_ends_the_session_wherever_the_loop_is(
    number: signal.Signals, start_server: StartServer, make_serving: MakeServing
) -> None:
    server = start_server(latency=0.02)
    serving = make_serving(server.address, max_in_flight=8)

    def terminate(*_: object) -> None:
        raise Terminated

    def signal_in_the_middle() -> None:
        while server.counts.requests < 60:
            time.sleep(0.002)
        os.kill(os.getpid(), number)

    async def ask() -> None:
        async with serving.session() as session:
            threading.Thread(target=signal_in_the_middle, daemon=True).start()
            async for _ in session.stream(Request.of(f"question {index}") for index in range(3000)):
                pass

    previous = signal.signal(number, terminate)
    try:
        with pytest.raises(Terminated):
            asyncio.run(ask())
        assert signal.getsignal(number) is terminate
    finally:
        signal.signal(number, previous)
    asked = server.counts.requests
    assert 60 <= asked < 1000
    answered = sum(server.counts.answered.values())
    serving.generate_from_input([f"question {index}" for index in range(answered - 8)])
    assert server.counts.requests - asked <= 8


def test_a_terminated_job_stops_and_keeps_what_came_back(start_server: StartServer, tmp_path: Path) -> None:
    source = documents(tmp_path / "documents.jsonl", *(f"text number {index}" for index in range(ROWS)))
    server = start_server(latency=0.1)
    job = start(source, server.address, tmp_path)
    while server.counts.requests < ROWS // 3 and job.poll() is None:
        time.sleep(0.005)
    job.send_signal(signal.SIGTERM)
    assert job.wait(120) != 0
    assert ROWS // 3 <= server.counts.requests < ROWS
    with closing(sqlite3.connect(tmp_path / "warehouse" / ".llm" / "answers.sqlite")) as connection:
        [(kept,)] = connection.execute("SELECT count(*) FROM answers").fetchall()
        assert kept >= server.counts.requests - IN_FLIGHT
        assert connection.execute("SELECT sum(calls) FROM usage").fetchall() == [(kept,)]
