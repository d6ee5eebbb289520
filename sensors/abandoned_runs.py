"""Runs that Dagster still shows as under way although their process is gone: a kill -9 or a power cut would leave them so for ever.

They heal by themselves: `heal` is what the sensor `abandoned_runs` does every few seconds in `dagster dev`, and every run of a pipeline before its
first stage. A run that is marked as failed here is run again by Dagster's daemon, from where it was, where dagster.yaml has `run_retries`.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

CLOCK_TOLERANCE_SECONDS = 5.0
LAUNCH_SECONDS = 30.0
"""A run that is starting for longer, and of which no code server knows, was not launched."""

HOST_TAG = ".dataflow/host"
"""Tag of a run: the name of the machine on which its process is. Needed only where machines share a database; hidden in the UI."""
SERVER_TAG = ".dagster/grpc_info"
"""Tag of a run, by Dagster: the code server that was asked to start its process."""


_TELLING = ("PIPELINE_ENQUEUED", "PIPELINE_STARTING", "PIPELINE_START", "ENGINE_EVENT", "STEP_START")
"""Kinds of events that tell when a run was launched and which processes it has: few, also of a long run."""


@dataclass(frozen=True, slots=True)
class AbandonedRun:
    """A run in progress whose processes (`pids`) do not exist any more on this machine; none where it had not come so far."""

    run_id: str
    job: str
    started: float
    """Seconds since the epoch."""
    pids: tuple[int, ...]


def keeps_runs_on_this_machine(instance: DagsterInstance) -> bool:
    """Whether the processes of all its runs can be looked up here: true for SQLite files, false for a shared database."""
    from dagster._core.storage.runs import SqliteRunStorage

    return isinstance(instance.run_storage, SqliteRunStorage)


def tell_host(instance: DagsterInstance, run: DagsterRun) -> None:
    """Note on which machine a run is, where machines share the database."""
    if not keeps_runs_on_this_machine(instance):
        instance.add_run_tags(run.run_id, {HOST_TAG: platform.node()})


def heal(instance: DagsterInstance) -> list[AbandonedRun]:
    """Mark runs as failed whose process is gone, and give free what they hold. The runs that were."""
    found = find(instance)
    mark_as_failed(instance, found)
    return found


def find(instance: DagsterInstance) -> list[AbandonedRun]:
    """Runs marked as in progress of which no process is left."""
    from dagster import DagsterRunStatus, RunsFilter

    statuses = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    here = keeps_runs_on_this_machine(instance)
    in_progress = [run for run in instance.get_runs(RunsFilter(statuses=statuses)) if here or run.tags.get(HOST_TAG) == platform.node()]
    return [abandoned for run in in_progress if (abandoned := _if_abandoned(instance, run)) is not None]


def mark_as_failed(instance: DagsterInstance, runs: Iterable[AbandonedRun]) -> None:
    """Runs that have ended meanwhile stay as they are. Places in pools of concurrency are given free."""
    for abandoned in runs:
        run = instance.get_run_by_id(abandoned.run_id)
        if run is None or run.is_finished:
            continue
        gone = f"Its process ({', '.join(map(str, abandoned.pids))}) is gone" if abandoned.pids else "Its process never came to run"
        instance.report_run_failed(run, f"{gone}, after a kill or a power cut. Nothing half-made was published; paid answers are kept.")
        if instance.event_log_storage.supports_global_concurrency_limits:
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _if_abandoned(instance: DagsterInstance, run: DagsterRun) -> AbandonedRun | None:
    from dagster import DagsterEventType

    telling = {DagsterEventType(name) for name in _TELLING}
    events = [entry for entry in instance.all_logs(run.run_id, of_type=telling) if entry.dagster_event is not None]
    last_seen: dict[int, float] = {}
    for entry in events:
        for pid in _pids_of(entry.dagster_event):
            last_seen[pid] = entry.timestamp
    if any(_is_running(pid, at) for pid, at in last_seen.items()):
        return None
    if not last_seen and not _was_never_launched(run.tags, events[-1].timestamp if events else None):
        return None
    started = min((entry.timestamp for entry in events), default=0.0)
    return AbandonedRun(run.run_id, run.job_name, started, tuple(last_seen))


def _pids_of(event: Any) -> Iterator[int]:
    """The process of the run that wrote an event. Events of the daemon and the webserver name none."""
    if event.pid is not None:
        yield event.pid
    data = event.event_specific_data
    told = getattr(data, "metadata", {}).get("pid") if event.event_type_value == "ENGINE_EVENT" else None
    if told is not None and str(told.value).isdecimal():
        yield int(str(told.value))


def _was_never_launched(tags: Mapping[str, str], last_event: float | None) -> bool:
    """Of a run without a process: whether the code server that should start it is gone, or none was asked for a while."""
    if SERVER_TAG in tags:
        return not _listens(json.loads(tags[SERVER_TAG]))
    return last_event is not None and time.time() - last_event > LAUNCH_SECONDS


def _listens(server: Mapping[str, Any]) -> bool:
    family, address = (socket.AF_UNIX, server["socket"]) if server.get("socket") else (socket.AF_INET, (server["host"], server["port"]))
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(2.0)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


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
