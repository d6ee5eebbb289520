"""The jobs, schedule and sensors of a deployed pipeline, beside its assets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from dataflow_assets.assets import build_assets
from dataflow_assets.deployment import Deployment
from dataflow_assets.partitions import FilePartitions, Partitions, TimePartitions
from dataflow_assets.refreshing import ScheduleSettings
from sensors.new_data import new_data_sensor
from sensors.new_shards import new_shards_sensor, partitions_sensor


def deployed_definitions(
    deployment: Deployment, *, schedule: ScheduleSettings | None, settle_seconds: float | None, resources: Mapping[str, Any]
) -> dg.Definitions:
    """Everything that a defs.yaml asks for. `settle_seconds` is None where the source's files are not watched."""
    assets = build_assets(deployment)
    build = _of_a_whole if deployment.partitions is None else _of_partitions
    own = build(deployment, assets, schedule, settle_seconds)
    return dg.Definitions.merge(own, dg.Definitions(assets=assets, sensors=_automation(deployment, assets), resources=dict(resources)))


def _of_a_whole(
    deployment: Deployment, assets: list[dg.AssetsDefinition], schedule: ScheduleSettings | None, settle_seconds: float | None
) -> dg.Definitions:
    """One job: PIPELINE. It selects its assets by their keys, so that groups and tags may be changed by post_processing."""
    name = deployment.plan.name
    keys = [key for asset in assets for key in asset.keys]
    job = dg.define_asset_job(name, dg.AssetSelection.assets(*keys), tags={"pipeline": name}, description=deployment.plan.description)
    schedules = []
    if schedule is not None:
        schedules.append(
            dg.ScheduleDefinition(
                name=f"{name}_schedule",
                job=job,
                cron_schedule=schedule.cron,
                execution_timezone=schedule.timezone,
                default_status=schedule.status,
                description=f"Runs {name}.",
            )
        )
    watched = {deployment.key(source): settings.path for source, settings in deployment.sources.items() if settings.path}
    sensors = [new_data_sensor(name, job, watched, settle_seconds)] if settle_seconds is not None and watched else []
    return dg.Definitions(jobs=[job], schedules=schedules, sensors=sensors)


def _of_partitions(
    deployment: Deployment, assets: list[dg.AssetsDefinition], schedule: ScheduleSettings | None, settle_seconds: float | None
) -> dg.Definitions:
    """Two jobs: PIPELINE takes one shard up to where shards are gathered, PIPELINE_gathered goes on from there with all of them.

    They are two because a run of a partitioned job is a run of one partition: in one job, every shard's run would gather them all again.
    """
    name, description, partitions = deployment.plan.name, deployment.plan.description, deployment.partitions
    assert partitions is not None
    sharded = deployment.sharded_keys()
    whole = [key for asset in assets for key in asset.keys if key not in sharded]
    job = dg.define_asset_job(name, dg.AssetSelection.assets(*sharded), tags={"pipeline": name}, description=f"{description}\n\nOne shard of it.")
    jobs = [job]
    if whole:
        rest = f"{description}\n\nFrom where all shards are gathered."
        jobs.append(dg.define_asset_job(f"{name}_gathered", dg.AssetSelection.assets(*whole), tags={"pipeline": name}, description=rest))
    sensors = [partitions_sensor(name, partitions.definition, partitions.files)] if isinstance(partitions, FilePartitions) else []
    if settle_seconds is not None:
        sensors.append(new_shards_sensor(name, job, partitions.definition, partitions.files, deployment.key(partitions.source), settle_seconds))
    return dg.Definitions(jobs=jobs, schedules=[_schedule(name, job, partitions, schedule)] if schedule else [], sensors=sensors)


def _schedule(name: str, job: dg.UnresolvedAssetJobDefinition, partitions: Partitions, settings: ScheduleSettings) -> dg.ScheduleDefinition:
    """Of files every one; of time the last partition that is over."""
    every = isinstance(partitions, FilePartitions)

    @dg.schedule(
        name=f"{name}_schedule",
        job=job,
        cron_schedule=settings.cron,
        execution_timezone=settings.timezone,
        default_status=settings.status,
        description=f"Runs every shard of {name}." if every else f"Runs the last {name} that is over.",
    )
    def run_partitions(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        known = partitions.last_over(at) if isinstance(partitions, TimePartitions) else partitions.known(context.instance)
        if not known:
            yield dg.SkipReason("no file is a partition yet" if every else "no partition is over yet")
        for shard in known:
            yield dg.RunRequest(run_key=f"{name}:{shard}:{at.isoformat()}", partition_key=shard)

    return run_partitions


def _automation(deployment: Deployment, assets: list[dg.AssetsDefinition]) -> list[dg.AutomationConditionSensorDefinition]:
    """What defs.yaml says is to happen by itself happens from the start. That gathered shards follow is only offered: it may cost money."""
    name = deployment.plan.name
    keys = [key for asset in assets for key in asset.keys if asset.specs_by_key[key].automation_condition is not None]
    if not keys:
        return []
    return [
        dg.AutomationConditionSensorDefinition(
            name=f"{name}_automation",
            target=dg.AssetSelection.assets(*keys),
            default_status=dg.DefaultSensorStatus.RUNNING if deployment.automation is not None else dg.DefaultSensorStatus.STOPPED,
            description=f"Refreshes stages of {name} when their conditions say so.",
        )
    ]
