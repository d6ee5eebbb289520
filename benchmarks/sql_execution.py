"""Executions a second on four engines beside a plain loop, the time limit while 16 others run, and what 1,000 timeouts leave behind.

python -m benchmarks.sql_execution
python -m benchmarks.sql_execution --engines sqlite,duckdb --queries 500 --timeouts 100
python -m benchmarks.sql_execution --queries 0 --timeouts 1000              # only the limits; it fails where one is not kept or something is left
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import sqlglot

from operators.databases.execution import NotExecuted, Rows, Statement
from operators.text2sql.sampling.sampler import sample_queries
from resources.databases import DatabaseSettings, open_databases
from resources.databases.serving import Databases
from resources.databases.target import Target, read_address
from tests import database_servers
from tests.database_copies import copy_into_duckdb, copy_onto
from tests.database_servers import Server

ENDLESS = "SELECT count(*) FROM track AS a, track AS b, track AS c, track AS d"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="sqlite,duckdb,postgres,mysql")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--timeouts", type=int, default=1000)
    options = parser.parse_args()
    settings = DatabaseSettings(path="dataset:chinook", parallel=4)
    with ExitStack() as stack:
        chinook = stack.enter_context(open_databases(settings))
        queries = [one.sql for one in sample_queries(chinook, "chinook", options.queries)]
        schema, source = chinook.schema("chinook"), Path(settings.targets()["chinook"].path)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = True
        for engine in options.engines.split(","):
            server: Server | None = None
            if engine == "sqlite":
                target = read_address("chinook", str(source))
            elif engine == "duckdb":
                copy_into_duckdb(schema, source, folder / "chinook.duckdb")
                target = read_address("chinook", str(folder / "chinook.duckdb"))
            else:
                server = stack.enter_context(database_servers.postgres() if engine == "postgres" else database_servers.mariadb())
                copy_onto(server, schema, source, "chinook")
                target = read_address("chinook", server.url(database="chinook"), "secret words")
            texts = [sqlglot.transpile(sql, read="sqlite", write=target.engine, identify=engine != "sqlite")[0] for sql in queries]
            print(f"{engine} (load of the machine {os.getloadavg()[0]:.1f})", flush=True)
            if texts:
                speed(texts, target, server)
            kept = limit(target) and kept
            kept = left(target, server, options.timeouts) and kept
    print("limits are kept and nothing is left" if kept else "NOT all limits are kept, or something is left")
    return 0 if kept else 1


def speed(texts: list[str], target: Target, server: Server | None) -> None:
    with plain_loop(target, server) as run:
        began = time.perf_counter()
        for text in texts:
            run(text)
        plain = len(texts) / (time.perf_counter() - began)
    print(f"  plain loop, no limits, no check    {plain:8,.0f} executions/s")
    for parallel in (1, 4):
        with Databases({"x": target}, DatabaseSettings(parallel=parallel, seconds=30)) as databases:
            list(databases.execute_all([Statement("x", "SELECT 1")] * parallel * 2))
            began = time.perf_counter()
            answers = list(databases.execute_all([Statement("x", text) for text in texts]))
            seconds = time.perf_counter() - began
        ran = sum(isinstance(answer, Rows) for answer in answers)
        who = f"{parallel} worker{'s' if parallel > 1 else ''}, checked and limited"
        print(f"  {who:<34} {len(texts) / seconds:8,.0f} executions/s, {ran} of {len(texts)} ran")


@contextlib.contextmanager
def plain_loop(target: Target, server: Server | None) -> Iterator[Callable[[str], Any]]:
    """One connection of the driver, as a script would use it."""
    if target.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(target.path)) as lite:
            yield lambda text: lite.execute(text).fetchall()
    elif target.engine == "duckdb":
        with duckdb.connect(target.path, read_only=True) as duck:
            yield lambda text: duck.execute(text).fetchall()
    else:
        assert server is not None
        with contextlib.closing(server.connection("chinook", "reader")) as connection, connection.cursor() as cursor:

            def run(text: str) -> Any:
                cursor.execute(text)
                return cursor.fetchall()

            yield run


def limit(target: Target) -> bool:
    """One query under 2 s, beside 16 others that are as endless: whether each ends within 2.5 s, for that reason."""
    with Databases({"x": target}, DatabaseSettings(parallel=17, seconds=2)) as databases:
        threads = [threading.Thread(target=databases.execute, args=("x", "SELECT 1")) for _ in range(17)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        began = time.perf_counter()
        answers = list(databases.execute_all([Statement("x", ENDLESS)] * 17))
        seconds = time.perf_counter() - began
        causes = Counter(answer.cause for answer in answers if isinstance(answer, NotExecuted))
        slowest = max(answer.seconds for answer in answers)
        print(f"  17 endless ones under 2 s: all ended after {seconds:.2f} s, the slowest took {slowest:.2f} s; {dict(causes)}", flush=True)
    return slowest <= 2.5 and causes == {"time limit": 17}


def left(target: Target, server: Server | None, count: int) -> bool:
    """Whether so many timeouts leave no process, thread, open file or session at the server."""
    before, threads, files, sessions = children(), threading.active_count(), open_files(), sessions_of(server)
    with Databases({"x": target}, DatabaseSettings(parallel=4, seconds=0.05)) as databases:
        began = time.perf_counter()
        answers = list(databases.execute_all([Statement("x", ENDLESS)] * count))
        causes = Counter(getattr(answer, "cause", "an answer") for answer in answers)
        seconds = time.perf_counter() - began
        under_way = children() - before, sessions_of(server) - sessions
    time.sleep(1)
    after = children() - before, threading.active_count() - threads, open_files() - files, sessions_of(server) - sessions
    print(f"  {count} timeouts of 0.05 s in {seconds:.1f} s: {dict(causes)}; then {under_way[0]} processes and {under_way[1]} sessions,")
    print(f"  and after closing {after[0]} processes, {after[1]} threads, {after[2]} open files, {after[3]} sessions at the server", flush=True)
    for other in [answer for answer in answers if getattr(answer, "cause", "") != "time limit"][:3]:
        print(f"  not ended by the time limit: {other}")
    return not any(after) and causes == {"time limit": count}


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def children() -> int:
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True).stdout
    return sum("databases.workers.child" in line for line in listed.splitlines())


def sessions_of(server: Server | None) -> int:
    if server is None:
        return 0
    asked = "FROM pg_stat_activity WHERE usename" if server.engine == "postgres" else "FROM information_schema.processlist WHERE user"
    return int(server.run(f"SELECT count(*) {asked} = 'reader'")[0][0])


if __name__ == "__main__":
    sys.exit(main())
