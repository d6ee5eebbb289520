"""Dagster's daemon with its code server and its runs as real processes, killed and started again, for the kill tests and `benchmarks.kill_runs`.

What is started again is the daemon alone, as `dagster dev` starts it: no command mends anything.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

import dagster as dg
from dagster._core.execution.backfill import BulkActionStatus

from resources.warehouse import Warehouse
from tests.dataflow_assets.own_project import OwnProject

PIPELINE = '''
from operators import Handle, Pipeline, Sequential
from operators.generic.selection.score import ScoreFilter
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.raters.educational_value import EducationalValueEvaluator


class Judged(Pipeline):
    """Clean texts, rate them by a language model and keep the good ones."""

    def __init__(self) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.rate = EducationalValueEvaluator()
        self.good = ScoreFilter(min=0)

    def forward(self, documents: Handle) -> Handle:
        return self.good(self.rate(self.clean(documents)), input_score="educational_value")
'''

Victim: TypeAlias = Literal["worker", "daemon", "tree"]

SHARDS = ("a", "b")


class KilledDagster:
    """A project with a job `judged` and a partitioned job `shards`, one place in the pool of the model, and a daemon."""

    def __init__(self, folder: Path, address: str, rows: int = 24, impatient: bool = False) -> None:
        """`impatient`: looked for what is left every second or two, and not every ten as shipped."""
        self.project = OwnProject(folder)
        (self.project.package / "judged.py").write_text(PIPELINE)
        self.project.write_rows("documents", *(f"text number  {number}" for number in range(rows)))
        for shard in SHARDS:
            self.project.write_rows(f"shards_{shard}", *(f"text {shard} {number}" for number in range(rows // 2)))
        pipeline = "own_project.judged:Judged"
        self.project.deploy("judged", pipeline=pipeline, source="documents.jsonl", export=["judged.jsonl"])
        self.project.deploy("shards", pipeline=pipeline, source="shards_*.jsonl", name="shards", partitions={"source": "documents", "by": "file"})
        configured = (self.project.home / "dagster.yaml").read_text()
        configured = re.sub(r"default_limit: \d+", "default_limit: 1", configured)
        self.environment = {"DATAFLOW_LLM_BASE_URL": address, "DATAFLOW_LLM_MODEL": "mock"}
        if impatient:
            configured = re.sub(r"(poll_interval_seconds|free_slots_after_run_end_seconds): \d+", r"\1: 1", configured)
            self.environment["DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS"] = "1"
            definitions = self.project.package / "definitions.py"
            definitions.write_text(f"import sensors.healing\n\nsensors.healing.SECONDS = 2\n{definitions.read_text()}")
        (self.project.home / "dagster.yaml").write_text(configured)
        self._daemon: subprocess.Popen[bytes] | None = None
        self._home_before = os.environ.get("DAGSTER_HOME")
        os.environ["DAGSTER_HOME"] = str(self.project.home)  # for this process as for those of the project
        with self.instance() as instance:  # makes the tables, which two processes at once cannot
            instance.get_runs_count()

    def start(self) -> None:
        """The daemon, which starts a code server, which starts the processes of runs."""
        with (self.project.folder / "daemon.log").open("ab") as log:
            command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-m", "own_project.definitions"]
            environment = {**self.project.environment, **self.environment}
            self._daemon = subprocess.Popen(command, cwd=self.project.folder, env=environment, stdout=log, stderr=log, start_new_session=True)

    def launch(self) -> str:
        """Ask for a run of `judged`; the daemon starts it."""
        status, said = self.project.run("dagster", "job", "launch", "-m", "own_project.definitions", "-j", "judged", **self.environment)
        assert status == 0, said
        return said

    def backfill(self) -> None:
        """Ask for both partitions of `shards`."""
        with self.instance() as instance:
            instance.add_dynamic_partitions("shards_documents", [f"shards_{shard}" for shard in SHARDS])
        asked = ("dagster", "job", "backfill", "-m", "own_project.definitions", "-j", "shards", "--all", "yes", "--noprompt")
        status, said = self.project.run(*asked, **self.environment)
        assert status == 0, said

    def instance(self) -> dg.DagsterInstance:
        return dg.DagsterInstance.get()

    def kill(self, victim: Victim) -> int:
        """kill -9. How many processes that were."""
        assert self._daemon is not None
        tree = descendants(self._daemon.pid)
        # the process of a run is a child of the code server, and may have children
        chosen = {"tree": [self._daemon.pid, *tree], "daemon": [self._daemon.pid], "worker": self._workers()}[victim]
        for pid in chosen:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if victim != "worker":
            self._daemon.wait(30)
        return len(chosen)

    def stop(self) -> None:
        if self._home_before is None:
            os.environ.pop("DAGSTER_HOME", None)
        else:
            os.environ["DAGSTER_HOME"] = self._home_before
        if self._daemon is not None:
            for pid in [self._daemon.pid, *descendants(self._daemon.pid)]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._daemon.wait(30)

    def wait(self, until: Callable[[dg.DagsterInstance], bool], seconds: float) -> float:
        """Seconds that it took. Raises AssertionError with what Dagster shows when it takes longer."""
        began = time.monotonic()
        with self.instance() as instance:
            while not until(instance):
                took = time.monotonic() - began
                assert took < seconds, f"after {took:.0f} s: {shown(instance)}\n{(self.project.folder / 'daemon.log').read_text()[-3000:]}"
                time.sleep(0.25)
        return time.monotonic() - began

    def result(self) -> list[dict[str, object]]:
        return list(Warehouse(self.project.folder / "warehouse").table("judged", "good").read().to_pylist())

    def result_of_shards(self) -> list[dict[str, object]]:
        names = [f"shards_{shard}" for shard in SHARDS]
        return list(Warehouse(self.project.folder / "warehouse").gathered("shards", "good", names).read().to_pylist())

    def _workers(self) -> list[int]:
        """The processes of runs that are under way, as their events name them."""
        with self.instance() as instance:
            runs = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]))
            events = [entry.dagster_event for run in runs for entry in instance.all_logs(run.run_id)]
        return list({event.pid for event in events if event is not None and event.pid is not None})


def all_done(instance: dg.DagsterInstance) -> bool:
    """Every job and partition that was asked for has a run that succeeded; nothing is under way; no place in a pool is held."""
    runs = instance.get_runs()
    if not runs or any(not run.is_finished for run in runs):
        return False
    good = {_wanted(run) for run in runs if run.status == dg.DagsterRunStatus.SUCCESS}
    busy = [one for one in instance.get_backfills() if one.status in (BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING)]
    return {_wanted(run) for run in runs} == good and not busy and held(instance) == 0


def _wanted(run: dg.DagsterRun) -> tuple[str, str]:
    return run.job_name, run.tags.get("dagster/partition", "")


def held(instance: dg.DagsterInstance) -> int:
    """Places in pools that runs hold or wait for."""
    storage = instance.event_log_storage
    pools = [storage.get_concurrency_info(name) for name in storage.get_concurrency_keys()]
    return sum(pool.active_slot_count + pool.pending_step_count for pool in pools)


def shown(instance: dg.DagsterInstance) -> str:
    runs = [f"{run.run_id[:8]} {run.job_name} {run.status.value} {run.tags.get('dagster/will_retry', '')}" for run in instance.get_runs()]
    return f"runs {runs}, backfills {[one.status.value for one in instance.get_backfills()]}, places held {held(instance)}"


def descendants(pid: int) -> list[int]:
    """The children of a process, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found
