"""Run a pipeline when the files that it reads changed, and nobody writes them any more."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import dagster as dg

from sensors.file_states import files_of, state_of, state_when_read


def new_data_sensor(pipeline: str, job: Any, paths: Mapping[dg.AssetKey, str], settle_seconds: float, seconds: int = 30) -> dg.SensorDefinition:
    """A sensor that requests a run of `job` when a file behind `paths` (source -> file, glob, folder) is new, changed or gone.

    It waits until all files were seen twice with the same sizes and times of change, `settle_seconds` apart. Files that a run has read already are
    not new, whoever started it.
    """
    named = ", ".join(paths.values())

    @dg.sensor(
        name=f"{pipeline}_new_data", job=job, minimum_interval_seconds=seconds, description=f"Runs {pipeline} when {named} changed and is complete."
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = {source: state_of(files_of(path)) for source, path in paths.items()}
        if not any(now.values()):
            return dg.SkipReason(f"there is no file at {named}")
        seen = Seen.of(context.cursor)
        state = "-".join(now.values())
        if state == seen.asked_for:
            return dg.SkipReason("nothing changed")
        if all(state_when_read(context.instance, source) == read for source, read in now.items()):
            context.update_cursor(Seen(asked_for=state).text)
            return dg.SkipReason("nothing changed since the files were read")
        if state != seen.state:
            context.update_cursor(Seen(seen.asked_for, state, time.time()).text)
            return dg.SkipReason("files changed; the run starts when they stay the same")
        if time.time() - seen.since < settle_seconds:
            return dg.SkipReason(f"files changed less than {settle_seconds:g} s ago; the run starts when they stay the same")
        context.update_cursor(Seen(asked_for=state).text)
        return dg.RunRequest(run_key=f"{pipeline}:{state}:{seen.since}")  # files may come back to a state that a run was asked for before

    return watch


class Seen:
    """What the sensor remembers: for which state it asked a run, and which other state it has seen since when (seconds since the epoch)."""

    def __init__(self, asked_for: str = "", state: str = "", since: float = 0.0) -> None:
        self.asked_for, self.state, self.since = asked_for, state, since

    @staticmethod
    def of(cursor: str | None) -> Seen:
        """Cursors of earlier versions were the state alone."""
        if not cursor:
            return Seen()
        return Seen(*json.loads(cursor)) if cursor.startswith("[") else Seen(asked_for=cursor)

    @property
    def text(self) -> str:
        return json.dumps([self.asked_for, self.state, self.since])
