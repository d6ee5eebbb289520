"""From a compiled plan to Dagster assets: one a source, one a stage, one for the exported files.

Where the plan runs on shards, an asset has a partition for each; runs of partitions are runs of their own, so that one shard's failure is that
shard's alone, and what `dataflow` and the UI say of a shard is what its run did.
"""

# No `from __future__ import annotations` here: Dagster reads the annotations of asset functions as types.

import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from dataflow_assets.checks import check_specs, source_checks, stage_checks
from dataflow_assets.code_references import code_references
from dataflow_assets.deployment import Deployment
from dataflow_assets.export_assets import dataset_asset, export_asset, report_asset
from dataflow_assets.metadata import definition_metadata, materialization_metadata, pipeline_metadata, stage_metadata
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.stages import load_source, run_stage
from dataflow_assets.running.workers import workers_of_process
from dataflow_assets.showing.descriptions import stage_description
from dataflow_assets.showing.lines import finished_line, progress_line
from operators.engine.report import Report
from operators.pipeline.plan import Stage
from resources.sources import SourceSettings, open_source

FIRST_SECONDS, LOG_SECONDS = 3.0, 10.0


class SourceConfig(dg.Config):
    """Read something else this time: `ops: {web_text__documents: {config: {path: data.jsonl}}}`."""

    path: str = ""
    limit: int | None = None
    max_unreadable: float | None = None


def build_assets(deployment: Deployment) -> list[dg.AssetsDefinition]:
    assets = [source_asset(deployment, name) for name in deployment.plan.sources]
    assets += [stage_asset(deployment, stage) for stage in deployment.plan.stages]
    if deployment.exports:
        assets.append(export_asset(deployment))
    assets += [dataset_asset(deployment, settings) for settings in deployment.datasets]
    if deployment.report:
        assets.append(report_asset(deployment))
    return assets


def source_asset(deployment: Deployment, name: str) -> dg.AssetsDefinition:
    """The rows that a pipeline starts from, with ids, as they were read."""
    plan, settings = deployment.plan, deployment.sources[name]
    key = deployment.key(name)
    partitions = deployment.partitions if plan.is_sharded(name) else None

    @dg.asset(
        key=key,
        group_name=plan.name,
        kinds={"duckdb", "source"},
        owners=list(deployment.owners),
        tags=dict(deployment.tags),
        description=f"Rows of {settings.path or settings.built_in}, with an id for each.",
        code_version=settings.model_dump_json(exclude={"max_unreadable"}),
        check_specs=check_specs(key),
        metadata=pipeline_metadata(plan),
        partitions_def=deployment.partitions_def(partitions is not None),
    )
    def load(context: dg.AssetExecutionContext, config: SourceConfig, warehouse: WarehouseResource) -> Iterator[Any]:
        shard = context.partition_key if partitions else None
        of_shard = partitions.settings_of(shard) if partitions and shard and not config.path else settings
        chosen = SourceSettings.model_validate({**settings.model_dump(), "path": config.path, "built_in": ""}) if config.path else of_shard
        source = open_source(chosen)
        if source.schema.names or shard is None:  # a shard may be an empty file, which has no columns
            deployment.pipeline.compile({name: source})
        limit = config.limit or chosen.limit
        result = load_source(
            warehouse.open(),
            plan.name,
            name,
            source,
            limit=limit,
            max_unreadable=chosen.max_unreadable if config.max_unreadable is None else config.max_unreadable,
            progress=_logger(context, f"{plan.name}.{name}"),
            shard=shard,
            expected=plan.sources[name],
        )
        context.log.info(finished_line(f"{plan.name}.{name}", result.report, "source"))
        yield dg.MaterializeResult(metadata=materialization_metadata(plan, result), data_version=dg.DataVersion(result.content_hash))
        yield from source_checks(result)

    return load


def stage_asset(deployment: Deployment, stage: Stage) -> dg.AssetsDefinition:
    """The table that a stage makes of its inputs."""
    plan, operator = deployment.plan, stage.operator
    key = deployment.key(stage.name)
    bounds = deployment.bounds.get(stage.name)
    resource_keys = {name: deployment.llm_keys.get(name, name) for name in stage.resources.values()}

    @dg.asset(
        key=key,
        deps=[deployment.dependency(parent, gathered=parent in stage.gathers) for parent in stage.inputs],
        group_name=plan.name,
        kinds={"duckdb", operator.kind, *(need for need in stage.resources if need in ("llm", "embedding"))},
        owners=list(deployment.owners),
        tags={**deployment.tags, "operator": operator.name},
        description=stage_description(stage),
        code_version=stage.fingerprint,
        metadata={**definition_metadata(stage), **pipeline_metadata(plan), **code_references(stage)},
        required_resource_keys={"warehouse", *resource_keys.values()},
        check_specs=check_specs(key, bounds),
        automation_condition=deployment.automation_of(stage.sharded),
        partitions_def=deployment.partitions_def(stage.sharded),
    )
    def run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        resources = {name: _opened(getattr(context.resources, resource_key)) for name, resource_key in resource_keys.items()}
        warehouse, progress = context.resources.warehouse.open(), _logger(context, f"{plan.name}.{stage.name}")
        shard = context.partition_key if stage.sharded else None
        shards = deployment.all_shards(context)
        workers = workers_of_process(deployment.workers)
        result = run_stage(warehouse, plan, stage.name, resources, progress=progress, shard=shard, shards=shards, workers=workers)
        context.log.info(finished_line(f"{plan.name}.{stage.name}", result.report, operator.kind))
        metadata = materialization_metadata(plan, result) | stage_metadata(plan, stage, result)
        yield dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(result.content_hash))
        yield from stage_checks(operator, result, bounds)

    return run


def _opened(resource: Any) -> Any:
    return resource.open() if hasattr(resource, "open") else resource


def _logger(context: dg.AssetExecutionContext, stage: str) -> Callable[[int, int, Report], None]:
    """Progress as a log line every few seconds: each is an event in a database, so not for every row."""
    started = time.monotonic()
    due = started + FIRST_SECONDS

    def tell(done: int, total: int, report: Report) -> None:
        nonlocal due
        now = time.monotonic()
        if now < due:
            return
        due = now + LOG_SECONDS
        context.log.info(progress_line(stage, done, total, now - started, report))

    return tell
