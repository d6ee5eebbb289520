"""Many processes at once, and processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.warehouse import Warehouse
from tests.resources.warehouse_processes import seed_of, write

PROCESSES = [sys.executable, "-m", "tests.resources.warehouse_processes"]
REPOSITORY = Path(__file__).parents[2]
KILLS = 50


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([*PROCESSES, *arguments], cwd=REPOSITORY, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        yield process
        process.communicate(timeout=60)


def test_eight_processes_write_read_and_collect_the_same_tables_without_an_error_or_a_mixed_version(tmp_path: Path) -> None:
    ran = subprocess.run([*PROCESSES, "both", str(tmp_path), "8", "5"], cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    counts = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    assert len(counts) == 8
    assert all(read >= 5 for read, _ in counts)
    assert sum(different for _, different in counts) > 16
    warehouse = Warehouse(tmp_path)
    warehouse.collect(keep=1)
    for table in warehouse.tables():
        assert len(table.versions()) == 1
        assert table.run_facts()["seed"] == seed_of(table.read())


def test_fifty_kills_at_random_moments_leave_the_old_version_or_the_new(tmp_path: Path) -> None:
    table = Warehouse(tmp_path).table("killed", "table")
    write(table, 0)
    current, finished = 0, 0
    moments = random.Random(7)
    with started("serve", str(tmp_path)) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        longest = 0.2
        for seed in range(1, KILLS + 1):
            began = time.monotonic()
            server.stdin.write(f"{seed}\n")
            server.stdin.flush()
            child = int(server.stdout.readline())
            # now and then a child is let live, which tells how long a write takes here and now
            if seed % 10:
                time.sleep(moments.uniform(0, longest * 1.1))
                os.kill(child, signal.SIGKILL)
            server.stdin.write("\n")
            server.stdin.flush()
            status = int(server.stdout.readline())
            if not seed % 10:
                assert status == 0
                longest = time.monotonic() - began
            found = seed_of(table.read())
            assert found in (current, seed)
            assert found == seed or status != 0
            finished += found == seed
            current = found
    assert 5 <= finished < KILLS
    assert Warehouse(tmp_path).collect(keep=1).abandoned_writes <= 1, "each writer removes what killed ones left"
    assert sorted(path.name for path in (tmp_path / "killed" / "table").iterdir() if path.name != "CURRENT.tmp") == [".lock", "CURRENT", "versions"]


def test_a_reader_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    table = Warehouse(tmp_path).table("killed", "table")
    write(table, 1)
    hold = f"""
import sys, time
from resources.warehouse import Warehouse
held = Warehouse({str(tmp_path)!r}).table("killed", "table").current()
print("held", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", hold], cwd=REPOSITORY, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        write(table, 2)
        assert len(Warehouse(tmp_path).collect(keep=1).in_use) == 1
        reader.kill()
        reader.wait()
    assert len(Warehouse(tmp_path).collect(keep=1).removed) == 1
