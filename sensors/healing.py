"""The sensor that ends runs whose process is gone, so that starting Dagster again is all that has to be done after a kill."""

from __future__ import annotations

import dagster as dg

from sensors.abandoned_runs import heal

SECONDS = 15


@dg.sensor(
    name="abandoned_runs",
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks runs as failed whose process is gone, and gives free what they hold. Dagster then runs them again. Starts nothing itself.",
)
def abandoned_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    healed = heal(context.instance)
    if not healed:
        return dg.SkipReason("every run that is under way has a process")
    named = ", ".join(f"{run.job} ({run.run_id[:8]})" for run in healed)
    context.log.warning(f"marked as failed, for their processes are gone: {named}")
    return dg.SkipReason(f"marked as failed: {named}")
