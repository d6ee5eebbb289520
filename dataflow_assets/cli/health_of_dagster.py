"""What `dataflow doctor` sees of the Dagster instance: its folder, and runs that a kill left started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow_assets.cli.health import Finding
from sensors import abandoned_runs

if TYPE_CHECKING:
    from dagster import DagsterInstance

PROJECT_INSTANCE = Path(".dagster")
"""Where `make` keeps run history when DAGSTER_HOME is not set."""


def dagster_home(*, fix: bool) -> Iterator[Finding]:
    """The folder of the instance, and with `fix` its abandoned runs marked as failed."""
    given = os.environ.get("DAGSTER_HOME", "")
    home = Path(given).expanduser() if given else PROJECT_INSTANCE.resolve()
    if not home.is_absolute():
        says = f"{home} is relative, and Dagster takes an absolute path only"
        yield Finding("broken", "DAGSTER_HOME", says, f"export DAGSTER_HOME={home.resolve()}")
        return
    if not home.is_dir():
        if given:
            yield Finding("broken", "DAGSTER_HOME", f"{home} is not a folder", f"mkdir -p {home}")
        else:
            yield Finding(
                "note", "DAGSTER_HOME", "not set, and no .dagster folder here: runs started by hand leave no history", "export DAGSTER_HOME=FOLDER"
            )
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield Finding("broken", "DAGSTER_HOME", f"{home} cannot be written", "let this user write there, or set DAGSTER_HOME to another folder")
        return
    if not (home / "dagster.yaml").exists():
        says = f"{home} has no dagster.yaml: Dagster's defaults apply, telemetry among them"
        yield Finding("warning", "DAGSTER_HOME", says, f"cp dagster.yaml {home}/")
    elif given:
        yield Finding("ok", "DAGSTER_HOME", str(home))
    else:
        yield Finding("note", "DAGSTER_HOME", f"not set; make uses {home}", f"export DAGSTER_HOME={home}")
    yield from _runs(home, fix=fix)


def _runs(home: Path, *, fix: bool) -> Iterator[Finding]:
    from dagster import DagsterInstance

    with _home_is(home), DagsterInstance.from_config(str(home)) as instance:
        if not abandoned_runs.keeps_runs_on_this_machine(instance):
            yield Finding("note", "runs", "kept in a shared database: whether a run's process is gone cannot be known here")
            return
        yield from _abandoned(instance, fix=fix)


@contextmanager
def _home_is(home: Path) -> Iterator[None]:
    """The history is in DAGSTER_HOME, whatever folder the configuration is read from."""
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def _abandoned(instance: DagsterInstance, *, fix: bool) -> Iterator[Finding]:
    found = abandoned_runs.find(instance)
    if not found:
        yield Finding("ok", "runs", "none left started by a kill")
        return
    if fix:
        abandoned_runs.mark_as_failed(instance, found)
    for run in found:
        gone = f"{run.job} {run.run_id[:8]}: process {', '.join(map(str, run.pids)) or 'never came to run'} is gone"
        if fix:
            yield Finding("ok", "runs", f"{gone}; marked as failed")
        else:
            yield Finding("warning", "runs", f"{gone}, but Dagster shows it as started", "dataflow doctor --fix")
