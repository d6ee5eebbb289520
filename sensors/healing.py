"""The sensor that ends runs whose process is gone and has them run again: after a kill, Dagster only has to be started again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, PARTITION_NAME_TAG, WILL_RETRY_TAG
from dagster._daemon.auto_run_reexecution.event_log_consumer import _create_cursor_key

from sensors.abandoned_runs import heal

SECONDS = 10
LONGEST = timedelta(days=1)
"""Runs that ended longer ago are left as they are."""

ASKED_TAG = ".dataflow/run_again"
"""Tag of a run that this sensor asked for again."""

_KEPT_TAGS = (PARTITION_NAME_TAG, "dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


def healing_sensor(jobs: Sequence[Any]) -> dg.SensorDefinition:
    """`jobs` are those of all deployments: the ones that may have to run again."""

    @dg.sensor(
        name="abandoned_runs",
        jobs=list(jobs) or None,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process is gone, gives free what they hold, and has them run again.",
    )
    def abandoned_runs(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        healed = heal(context.instance)
        if healed:
            context.log.warning(f"marked as failed, for their processes are gone: {', '.join(f'{run.job} ({run.run_id[:8]})' for run in healed)}")
        again = [run for run in left_alone(context.instance) if run.job_name in {job.name for job in jobs}]
        for run in again:
            context.instance.add_run_tags(run.run_id, {ASKED_TAG: "true"})
        requests = [
            dg.RunRequest(
                run_key=f"again:{run.run_id}",
                job_name=run.job_name,
                run_config=run.run_config,
                tags={name: run.tags[name] for name in _KEPT_TAGS if name in run.tags},
            )
            for run in again
        ]
        return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("every run that is under way has a process")

    return abandoned_runs


def left_alone(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs that Dagster said it would run again and does not.

    Its daemon reads of each failure once. It passes over a run that is not yet marked as failed in that moment, for the mark comes a little after the
    event; and over one of a backfill that has ended, as one of a job does when its runs are asked for. A run that somebody executed by hand is not
    among them: Dagster never starts it again, and it may cost money.
    """
    since = datetime.now(UTC) - LONGEST
    failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags={WILL_RETRY_TAG: "true"}, updated_after=since))
    waiting = [run for run in failed if run.remote_job_origin and not {AUTO_RETRY_RUN_ID_TAG, ASKED_TAG} & set(run.tags)]
    unread = _unread_failures(instance) if waiting else None
    return [] if unread is None else [run for run in waiting if run.run_id not in unread]


def _unread_failures(instance: dg.DagsterInstance) -> set[str] | None:
    """The runs of whose failure the daemon has not read yet; None where none reads."""
    key = _create_cursor_key(dg.DagsterEventType.RUN_FAILURE)
    cursor = instance.daemon_cursor_storage.get_cursor_values({key}).get(key)
    if cursor is None:
        return None
    told = instance.event_log_storage.get_logs_for_all_runs_by_log_id(int(cursor), dagster_event_type={dg.DagsterEventType.RUN_FAILURE})
    return {event.run_id for event in told.values()}
