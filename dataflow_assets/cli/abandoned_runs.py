"""Runs that Dagster still shows as started although their process is gone: a kill -9 or a power cut leaves them so for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

CLOCK_TOLERANCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AbandonedRun:
    """A run in progress whose processes (`pids`) do not exist any more on this machine."""

    run_id: str
    job: str
    started: float
    """Seconds since the epoch."""
    pids: tuple[int, ...]


def keeps_runs_on_this_machine(instance: DagsterInstance) -> bool:
    """Whether the processes of its runs can be looked up here: true for SQLite files, false for a shared database."""
    return type(instance.run_storage).__name__ == "SqliteRunStorage"


def find(instance: DagsterInstance) -> list[AbandonedRun]:
    """Runs marked as in progress of which no process is left."""
    from dagster import DagsterRunStatus, RunsFilter

    in_progress = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]))
    return [abandoned for run in in_progress if (abandoned := _if_abandoned(instance, run)) is not None]


def mark_as_failed(instance: DagsterInstance, runs: Iterable[AbandonedRun]) -> None:
    for abandoned in runs:
        run = instance.get_run_by_id(abandoned.run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(
                run, f"Its process ({', '.join(map(str, abandoned.pids))}) is gone: marked as failed by dataflow doctor --fix."
            )


def _if_abandoned(instance: DagsterInstance, run: DagsterRun) -> AbandonedRun | None:
    events = [entry for entry in instance.all_logs(run.run_id) if entry.dagster_event is not None]
    last_seen: dict[int, float] = {}
    for entry in events:
        pid = entry.dagster_event.pid if entry.dagster_event else None
        if pid is not None:
            last_seen[pid] = entry.timestamp
    if not last_seen or any(_is_running(pid, at) for pid, at in last_seen.items()):
        return None  # without a process to look for, nothing is known
    return AbandonedRun(run.run_id, run.job_name, min(entry.timestamp for entry in events), tuple(last_seen))


def _is_running(pid: int, at: float) -> bool:
    """Whether the process that had this number at that time still runs; one that started later only got its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    started = _start_time(pid)
    return started is None or started <= at + CLOCK_TOLERANCE_SECONDS


def _start_time(pid: int) -> float | None:
    """Seconds since the epoch; None where the system has no /proc."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        up_seconds = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])
    except OSError:
        return None
    if after_name[0] == "Z":  # dead, but its parent has not asked how it ended
        return float("inf")
    return time.time() - up_seconds + int(after_name[19]) / os.sysconf("SC_CLK_TCK")
