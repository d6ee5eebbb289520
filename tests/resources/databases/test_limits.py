"""Time limits under load, and that nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from operators.databases.execution import NotExecuted, Rows, Statement
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import Target
from tests.resources.databases import hostile


def children() -> set[int]:
    """Processes that this one started and that are still there."""
    listed = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if "databases.workers.child" in line}


def server_sessions(target: Target, request: pytest.FixtureRequest) -> int:
    """Connections of the reader at the server."""
    if target.engine == "postgres":
        return int(request.getfixturevalue("postgres_server").run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'")[0][0])
    if target.engine == "mysql":
        return int(request.getfixturevalue("mysql_server").run("SELECT count(*) FROM information_schema.processlist WHERE user = 'reader'")[0][0])
    return 0


def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes to that within a minute: a busy machine takes its time."""
    for _ in range(1200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_limit_is_kept_while_sixteen_others_run(target: Target) -> None:
    """How well is measured by benchmarks/sql_execution.py."""
    settings = DatabaseSettings(seconds=1, parallel=17)
    with Databases({"shop": target}, settings) as databases:
        answers = list(databases.execute_all([Statement("shop", hostile.CROSS)] * 17))
    assert all(isinstance(answer, NotExecuted) and answer.cause == "time limit" for answer in answers), answers
    assert all(answer.seconds >= 0.9 for answer in answers)


def test_timeouts_leave_nothing_behind(target: Target, request: pytest.FixtureRequest) -> None:
    """40 here, 1,000 in the benchmark."""
    before, threads = children(), threading.active_count()
    sessions = server_sessions(target, request)
    settings = DatabaseSettings(seconds=0.05, parallel=4)
    with Databases({"shop": target}, settings) as databases:
        answers = list(databases.execute_all([Statement("shop", hostile.CROSS)] * 40))
        assert {answer.cause for answer in answers if isinstance(answer, NotExecuted)} == {"time limit"}
        assert len(children() - before) <= 4
        assert server_sessions(target, request) - sessions <= 8
    assert until(lambda: children() <= before)
    assert until(lambda: server_sessions(target, request) <= sessions)
    assert until(lambda: threading.active_count() <= threads)


def test_a_connection_that_the_server_ended_is_opened_again(target: Target, request: pytest.FixtureRequest) -> None:
    """As after a restart, or where nobody asked for longer than the server waits."""
    if target.path:
        pytest.skip("no server stands behind it")
    server = request.getfixturevalue(f"{target.engine}_server")
    with Databases({"shop": target}, DatabaseSettings(parallel=1)) as databases:
        assert isinstance(databases.execute("shop", "SELECT 1 AS a"), Rows)
        if target.engine == "postgres":
            server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
        else:
            for (number,) in server.run("SELECT id FROM information_schema.processlist WHERE user = 'reader'"):
                server.run(f"KILL {number}")
        answer = databases.execute("shop", "SELECT 2 AS a")
    assert isinstance(answer, Rows), answer
    assert answer.rows == ((2,),)


def test_a_worker_that_dies_takes_nothing_along(target: Target) -> None:
    before = children()
    with Databases({"shop": target}, DatabaseSettings(parallel=1)) as databases:
        assert isinstance(databases.execute("shop", "SELECT 1"), Rows)
        (worker,) = children() - before
        os.kill(worker, 9)
        again = [databases.execute("shop", "SELECT 1") for _ in range(2)]
    assert isinstance(again[-1], Rows)


def test_workers_end_with_the_process_that_asked(files: Path) -> None:
    code = (
        "import os, sys, subprocess\n"
        "from resources.databases import DatabaseSettings, open_databases\n"
        f"databases = open_databases(DatabaseSettings(path={str(files)!r}))\n"
        "assert databases.execute('shop', 'SELECT 1').rows == ((1,),)\n"
        "print(subprocess.run(['ps', '-o', 'pid=', '--ppid', str(os.getpid())], capture_output=True, text=True).stdout.split()[0], flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    import sys

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    worker = int(result.stdout)
    assert until(lambda: not Path(f"/proc/{worker}").exists())


def test_secrets_of_the_environment_do_not_reach_a_worker(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hush")
    before = children()
    settings = DatabaseSettings(path=str(files), parallel=1)
    with Databases(settings.targets(), settings) as databases:
        assert isinstance(databases.execute("shop", "SELECT 1"), Rows)
        (worker,) = children() - before
        assert b"hush" not in Path(f"/proc/{worker}/environ").read_bytes()
