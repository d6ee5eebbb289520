"""Whatever ends a run, nothing of its sandboxes is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operators.sandboxes import Limits, Program
from resources.sandbox import SandboxSettings, open_sandbox
from resources.sandbox.pool import Launchers
from tests.resources.sandbox.conftest import command_of, descendants, environment_of_child

BUSY = "import os\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\nwhile True: pass\n"
SCRIPT = f"""
from operators.sandboxes import Limits, Program
from resources.sandbox import SandboxSettings, open_sandbox
print("started", flush=True)
open_sandbox(SandboxSettings(programs_at_once=2)).run([Program({BUSY!r}, limits=Limits(seconds=60))] * 4)
"""


def still_there(processes: dict[int, str]) -> list[int]:
    left = []
    for process, start in processes.items():
        try:
            words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[19] == start and words[0] not in "ZX":
            left.append(process)
    return left


def all_gone(processes: dict[int, str]) -> bool:
    """Whether they are within a minute: a busy machine takes its time."""
    for _ in range(1200):
        if not still_there(processes):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_run_leaves_no_process_and_no_file(how: signal.Signals, tmp_path: Path) -> None:
    environment = environment_of_child(TMPDIR=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"started\n"
        for _ in range(2400):
            started = descendants(run.pid)
            if len(started) >= 14:  # two of bubblewrap's, two launchers, and in each the four of a program with its parents
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"only {len(started)} processes were started")
        run.send_signal(how)
        run.wait(60)
    assert all_gone(started), still_there(started)
    assert list(tmp_path.iterdir()) == []


def test_at_the_end_of_a_session_nothing_runs() -> None:
    before = descendants(os.getpid())

    async def run() -> None:
        async with open_sandbox(SandboxSettings(programs_at_once=2)).session() as session:
            verdicts = await asyncio.gather(*(session.run(Program(f"print({n})")) for n in range(6)))
            assert [verdict.stdout for verdict in verdicts] == [f"{n}\n" for n in range(6)]

    asyncio.run(run())
    assert all_gone({process: start for process, start in descendants(os.getpid()).items() if process not in before})


def test_a_program_that_nobody_waits_for_any_more_is_killed() -> None:
    async def run() -> float:
        async with open_sandbox(SandboxSettings(programs_at_once=1)).session() as session:
            waiting = asyncio.create_task(session.run(Program(BUSY, limits=Limits(seconds=300))))
            queued = asyncio.create_task(session.run(Program(BUSY, limits=Limits(seconds=300))))
            await asyncio.sleep(1)
            for task in (waiting, queued):
                task.cancel()
            results = await asyncio.gather(waiting, queued, return_exceptions=True)
            assert all(isinstance(result, asyncio.CancelledError) for result in results)
            return (await session.run(Program("print(1)"))).seconds

    asyncio.run(asyncio.wait_for(run(), 60))


def test_programs_that_wait_their_turn_hold_no_descriptors() -> None:
    async def run() -> None:
        async with open_sandbox(SandboxSettings(programs_at_once=1)).session() as session:
            before = len(list(Path("/proc/self/fd").iterdir()))
            tasks = [asyncio.create_task(session.run(Program("import time\ntime.sleep(.2)"))) for _ in range(500)]
            await asyncio.sleep(0.5)
            assert len(list(Path("/proc/self/fd").iterdir())) < before + 20
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())


def test_a_killed_launcher_is_started_again() -> None:
    with Launchers(SandboxSettings(programs_at_once=1)) as launchers:
        assert launchers.map([Program("print(1)")])[0].passed
        for process in descendants(os.getpid()):
            if b"bwrap" in command_of(process):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        first, second = (launchers.map([Program("print(1)")])[0] for _ in range(2))
        assert first.kind in ("passed", "killed")
        assert second.passed


def test_more_programs_than_places_take_turns() -> None:
    programs = [Program(f"print({n})") for n in range(30)]
    with Launchers(SandboxSettings(programs_at_once=3)) as launchers:
        verdicts = launchers.map(programs)
        running = [p for p in descendants(os.getpid()) if b"inside/start.py" in command_of(p)]
        assert len(running) <= 3 * 3
    assert [verdict.stdout for verdict in verdicts] == [f"{n}\n" for n in range(30)]
