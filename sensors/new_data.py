"""Run a pipeline when the files that it reads change."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg


def new_data_sensor(pipeline: str, job: Any, paths: Sequence[str], seconds: int = 30) -> dg.SensorDefinition:
    """A sensor that requests a run of `job` whenever a file behind `paths` (files, globs, folders) is new, changed or gone."""

    @dg.sensor(
        name=f"{pipeline}_new_data", job=job, minimum_interval_seconds=seconds, description=f"Runs {pipeline} when {', '.join(paths)} changes."
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        state = files_state(paths)
        if state is None:
            return dg.SkipReason(f"there is no file at {', '.join(paths)}")
        if state == context.cursor:
            return dg.SkipReason("nothing changed")
        context.update_cursor(state)
        return dg.RunRequest(run_key=f"{pipeline}:{state}")

    return watch


def files_state(paths: Sequence[str]) -> str | None:
    """A hash of names, sizes and times of change of the files; None when there is none."""
    files = sorted({file for path in paths for file in _expand(path)})
    if not files:
        return None
    described = [f"{file}\0{(stat := Path(file).stat()).st_size}\0{stat.st_mtime_ns}" for file in files]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()[:16]


def _expand(path: str) -> list[str]:
    if Path(path).is_dir():
        return [str(file) for file in Path(path).iterdir() if file.is_file()]
    return [file for file in glob.glob(path) if Path(file).is_file()]  # noqa: PTH207 - the pattern may be absolute
