"""The jobs, schedule and sensors of a pipeline whose source comes in shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from dataflow_assets.assets import build_assets
from dataflow_assets.deployment import Deployment
from dataflow_assets.partitions import Partitions
from sensors.new_shards import new_shards_sensor, partitions_sensor


def partitioned_definitions(
    deployment: Deployment, partitions: Partitions, schedule: str | None, watch: bool, resources: Mapping[str, Any]
) -> dg.Definitions:
    """Two jobs: PIPELINE takes one shard up to where shards are gathered, PIPELINE_gathered goes on from there with all of them.

    They are two because a run of a partitioned job is a run of one partition: in one job, every shard's run would gather them all again.
    """
    name, description = deployment.plan.name, deployment.plan.description
    assets = build_assets(deployment)
    sharded = deployment.sharded_keys()
    whole = [key for asset in assets for key in asset.keys if key not in sharded]
    job = dg.define_asset_job(name, dg.AssetSelection.assets(*sharded), tags={"pipeline": name}, description=f"{description}\n\nOne shard of it.")
    jobs = [job]
    if whole:
        rest = f"{description}\n\nFrom where all shards are gathered."
        jobs.append(dg.define_asset_job(f"{name}_gathered", dg.AssetSelection.assets(*whole), tags={"pipeline": name}, description=rest))
    sensors = [partitions_sensor(name, partitions.definition, partitions.files)]
    if watch:
        sensors.append(new_shards_sensor(name, job, partitions.definition, partitions.files))
    schedules = [_schedule(name, job, partitions, schedule)] if schedule else []
    return dg.Definitions(assets=assets, jobs=jobs, schedules=schedules, sensors=sensors, resources=dict(resources))


def _schedule(name: str, job: dg.UnresolvedAssetJobDefinition, partitions: Partitions, cron: str) -> dg.ScheduleDefinition:
    @dg.schedule(name=f"{name}_schedule", job=job, cron_schedule=cron, description=f"Runs every shard of {name}.")
    def every_shard(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        known = partitions.known(context.instance)
        if not known:
            yield dg.SkipReason("no file is a partition yet")
        for shard in known:
            yield dg.RunRequest(run_key=f"{name}:{shard}:{context.scheduled_execution_time.isoformat()}", partition_key=shard)

    return every_shard
