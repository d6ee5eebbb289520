"""From a compiled plan to Dagster assets: one a source, one a stage, one for the exported files.

Where the plan runs on shards, an asset has a partition for each; runs of partitions are runs of their own, so that one shard's failure is that
shard's alone, and what `dataflow` and the UI say of a shard is what its run did.
"""

# No `from __future__ import annotations` here: Dagster reads the annotations of asset functions as types.

import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from dataflow_assets.checks import CHECKS, check_specs, stage_checks, table_checks
from dataflow_assets.code_references import code_references
from dataflow_assets.deployment import Deployment
from dataflow_assets.failures import Place, Progressed, told_to_dagster
from dataflow_assets.metadata import changes_shown, materialization_metadata, stage_metadata
from dataflow_assets.partitions import SHARD
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.stages import export_table, load_source, run_stage
from dataflow_assets.running.workers import workers_of_process
from dataflow_assets.several_partitions import Made, shards_of, told
from dataflow_assets.stage_config import config_schema, with_run_config
from operators.engine.report import Report
from operators.pipeline.plan import Stage
from resources.sources import SourceSettings, open_source
from sensors.file_states import SOURCE_STATE, files_of, state_of

LOG_SECONDS = 10.0


class SourceConfig(dg.Config):
    """Read something else this time: `ops: {web_text__documents: {config: {path: data.jsonl}}}`."""

    path: str = Field("", description="A file, folder or glob to read instead of the source of defs.yaml.")
    limit: int | None = Field(None, description="Read at most so many rows. None: as defs.yaml says.")
    max_unreadable: float | None = Field(
        None, description="Share of the rows that may be unreadable, and are set aside, before reading fails. None: as defs.yaml says."
    )

    def of(self, settings: SourceSettings) -> SourceSettings:
        """The settings with what this run changes."""
        path = {"path": self.path, "built_in": ""} if self.path else {}
        given = {name: value for name, value in (("limit", self.limit), ("max_unreadable", self.max_unreadable)) if value is not None}
        return SourceSettings.model_validate({**settings.model_dump(), **path, **given}) if path or given else settings


def source_code_version(settings: SourceSettings) -> str:
    return settings.model_dump_json(exclude={"max_unreadable"})


def build_assets(deployment: Deployment) -> list[dg.AssetsDefinition]:
    assets = [source_asset(deployment, name) for name in deployment.plan.sources]
    assets += [stage_asset(deployment, stage) for stage in deployment.plan.stages]
    if deployment.exports:
        assets.append(export_asset(deployment))
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
        code_version=source_code_version(settings),
        check_specs=check_specs(key, ["row_ids"] if partitions else ["row_ids", "not_empty"]),
        partitions_def=deployment.partitions_def(partitions is not None),
        backfill_policy=deployment.backfill_policy(partitions is not None),
    )
    def load(context: dg.AssetExecutionContext, config: SourceConfig, warehouse: WarehouseResource) -> Iterator[Any]:
        progressed = Progressed()
        made = []
        with told_to_dagster(Place(plan.name, name, tuple(SourceConfig.model_fields), "source"), progressed):
            for shard in shards_of(context, partitions is not None):
                of_shard = partitions.settings_of(shard) if partitions and shard and not config.path else settings
                chosen = config.of(of_shard)
                state = state_of(files_of(chosen.path)) if chosen.path else ""
                source = open_source(chosen)
                if source.schema.names or shard is None:  # a shard may be an empty file, which has no columns
                    deployment.pipeline.compile({name: source})
                result = load_source(
                    warehouse.open(),
                    plan.name,
                    name,
                    source,
                    limit=chosen.limit,
                    max_unreadable=chosen.max_unreadable,
                    progress=_logger(context, name, progressed),
                    shard=shard,
                    expected=plan.sources[name],
                )
                metadata = materialization_metadata(plan.name, result) | ({SOURCE_STATE: state} if state else {})
                made.append(Made(shard, metadata, result.content_hash, list(table_checks(result))))
        yield from told(context, made, source_code_version(config.of(settings)))

    return load


def stage_asset(deployment: Deployment, stage: Stage) -> dg.AssetsDefinition:
    """The table that a stage makes of its inputs."""
    plan, operator = deployment.plan, stage.operator
    key = deployment.key(stage.name)
    bounds = deployment.bounds.get(stage.name)
    checks = [check for check in CHECKS if (check != "keep_rate" or bounds) and (check != "not_empty" or not stage.sharded)]

    @dg.asset(
        key=key,
        deps=[_dependency(deployment, parent, gathered=parent in stage.gathers) for parent in stage.inputs],
        group_name=plan.name,
        kinds={"duckdb", operator.kind, *(need for need in stage.resources if need in ("llm", "embedding"))},
        owners=list(deployment.owners),
        tags={**deployment.tags, "operator": operator.name},
        description=_description(stage),
        code_version=stage.fingerprint,
        metadata=code_references(type(deployment.pipeline), operator),
        config_schema=config_schema(operator, deployment.models_for(stage)),
        required_resource_keys={"warehouse", *(deployment.resource_key(name) for name in deployment.resources_of(stage))},
        pool=deployment.pool_of(stage),
        retry_policy=deployment.retry_policy(),
        check_specs=check_specs(key, checks),
        automation_condition=deployment.automation_of(stage.sharded),
        freshness_policy=deployment.freshness if stage.name in plan.outputs else None,
        partitions_def=deployment.partitions_def(stage.sharded),
        backfill_policy=deployment.backfill_policy(stage.sharded),
    )
    def run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        given = context.op_execution_context.op_config
        progressed, made = Progressed(), []
        with told_to_dagster(Place(plan.name, stage.name, tuple(given)), progressed):
            plan_of_run, differences = with_run_config(plan, stage, given)
            stage_of_run = plan_of_run[stage.name]
            resources = {name: _opened(getattr(context.resources, deployment.resource_key(name))) for name in stage_of_run.resources.values()}
            shards = deployment.all_shards(context)
            for shard in shards_of(context, stage.sharded):
                result = run_stage(
                    context.resources.warehouse.open(),
                    plan_of_run,
                    stage.name,
                    resources,
                    progress=_logger(context, stage.name, progressed),
                    shard=shard,
                    shards=shards,
                    workers=workers_of_process(deployment.workers),
                )
                metadata = (
                    materialization_metadata(plan.name, result) | stage_metadata([plan.name], stage_of_run, result) | changes_shown(differences)
                )
                made.append(Made(shard, metadata, result.content_hash, list(stage_checks(stage_of_run.operator, result, bounds))))
        yield from told(context, made, stage_of_run.fingerprint)

    return run


def export_asset(deployment: Deployment) -> dg.AssetsDefinition:
    """The pipeline's result as files."""
    plan = deployment.plan
    output = plan.outputs[0]
    sharded, of_each = plan.is_sharded(output), deployment.exports_each_shard

    @dg.asset(
        key=deployment.key("export"),
        deps=[_dependency(deployment, output, gathered=sharded and not of_each)],
        group_name=plan.name,
        kinds={"file"},
        owners=list(deployment.owners),
        tags=dict(deployment.tags),
        description=f"{plan.name}.{output} as files: {', '.join(deployment.exports)}",
        code_version="1 " + " ".join(deployment.exports),
        automation_condition=deployment.automation_of(of_each),
        freshness_policy=deployment.freshness,
        partitions_def=deployment.partitions_def(of_each),
        backfill_policy=deployment.backfill_policy(of_each),
    )
    def export(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Any]:
        shards = deployment.all_shards(context) if sharded and not of_each else None
        written: dict[str, int] = {}
        with told_to_dagster(Place(plan.name, "export"), Progressed()):
            for shard in shards_of(context, of_each):
                paths = [path.replace(SHARD, shard) if shard else path for path in deployment.exports]
                written |= export_table(warehouse.open(), plan.name, output, paths, shard=shard, shards=shards)
        rows = sum(written.values()) // len(deployment.exports)
        metadata: dict[str, Any] = {path: dg.MetadataValue.path(path) for path in written}
        return dg.MaterializeResult(metadata={"dagster/row_count": rows, **metadata})

    return export


def _dependency(deployment: Deployment, parent: str, *, gathered: bool) -> dg.AssetDep:
    return dg.AssetDep(deployment.key(parent), partition_mapping=dg.AllPartitionMapping() if gathered else None)


def _opened(resource: Any) -> Any:
    return resource.open() if hasattr(resource, "open") else resource


def _description(stage: Stage) -> str:
    parts = getattr(stage.operator, "parts", None)
    if parts:
        return "In one scan:\n\n" + "\n".join(f"- `{part.describe()}`: {_first_paragraph(part)}" for part in parts)
    source = f"\n\nSource: {stage.operator.source}" if stage.operator.source else ""
    return f"{_first_paragraph(stage.operator)}\n\n`{stage.operator.describe()}`{source}"


def _first_paragraph(operator: Any) -> str:
    return " ".join((type(operator).__doc__ or "").split("\n\n")[0].split())


def _logger(context: dg.AssetExecutionContext, stage: str, progressed: Progressed) -> Callable[[int, int, Report], None]:
    """Progress as a log line every few seconds: each is an event in a database, so not for every row."""
    last = time.monotonic()

    def tell(done: int, total: int, report: Report) -> None:
        nonlocal last
        progressed.see(done, total, report)
        if time.monotonic() - last < LOG_SECONDS:
            return
        last = time.monotonic()
        calls = "".join(f", {name}: {used.calls} calls, {used.cached} cached" for name, used in report.usage.items())
        context.log.info(f"{stage}: {done:,} of {total:,} rows, {report.rejected:,} set aside{calls}")

    return tell
