"""Say what failed, where, and how to go on, in one line of the daemon's log."""

from __future__ import annotations

import dagster as dg


@dg.run_failure_sensor(description="Logs each failed run with its first error and how to go on. Switch it on in the UI.")
def failed_run_sensor(context: dg.RunFailureSensorContext) -> None:
    run = context.dagster_run
    message = (context.failure_event.message or "").splitlines()[0]
    context.log.error(f"{run.job_name} failed (run {run.run_id[:8]}): {message} Run the job again to go on: finished answers are in the cache.")
