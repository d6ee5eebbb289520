"""From a compiled plan to Dagster assets: one a source, one a stage, one for the exported files.

Where the plan runs on shards, an asset has a partition for each; runs of partitions are runs of their own, so that one shard's failure is that
shard's alone, and what `dataflow` and the UI say of a shard is what its run did.
"""

# No `from __future__ import annotations` here: Dagster reads the annotations of asset functions as types.

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dataflow_assets.checks import CHECKS, Bounds, check_specs, stage_checks, table_checks
from dataflow_assets.code_references import code_references
from dataflow_assets.metadata import materialization_metadata, stage_metadata
from dataflow_assets.partitions import SHARD, Partitions, export_of_each
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.stages import export_table, load_source, run_stage
from dataflow_assets.running.workers import Setting, workers_of_process
from operators.engine.report import Report
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.plan import Plan, Stage
from resources.sources import SourceSettings, open_source

LOG_SECONDS = 10.0


@dataclass(frozen=True)
class Deployment:
    """A plan and what defs.yaml says of it."""

    plan: Plan
    pipeline: Pipeline
    sources: Mapping[str, SourceSettings]
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    llm_keys: Mapping[str, str] = field(default_factory=dict)
    """Name that operators use -> key of the Dagster resource, where they differ."""
    exports: Sequence[str] = ()
    owners: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    automation: dg.AutomationCondition[Any] | None = None
    automation_of_gathered: dg.AutomationCondition[Any] | None = None
    """Of the stages from where shards are gathered, in a pipeline that has shards."""
    partitions: Partitions | None = None
    """The shards of one of the sources, where it comes in shards."""
    workers: Setting = "auto"
    """Processes that work on a stage's table at once."""

    def key(self, name: str) -> dg.AssetKey:
        return dg.AssetKey([self.plan.name, name])

    def partitions_def(self, sharded: bool) -> dg.PartitionsDefinition[str] | None:
        """Of the asset of a table that comes in shards; None for one that does not."""
        return self.partitions.definition if sharded and self.partitions is not None else None

    def automation_of(self, sharded: bool) -> dg.AutomationCondition[Any] | None:
        return self.automation if sharded or self.partitions is None else self.automation_of_gathered

    def all_shards(self, context: dg.AssetExecutionContext) -> list[str]:
        """Those that are gathered: every partition that Dagster knows."""
        return self.partitions.known(context.instance) if self.partitions is not None else []

    @property
    def exports_each_shard(self) -> bool:
        return export_of_each(self.exports, self.plan.is_sharded(self.plan.outputs[0]))

    def sharded_keys(self) -> list[dg.AssetKey]:
        names = [*self.plan.sources, *(stage.name for stage in self.plan.stages)]
        exported = ["export"] if self.exports and self.exports_each_shard else []
        return [self.key(name) for name in [*(name for name in names if self.plan.is_sharded(name)), *exported]]


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
        check_specs=check_specs(key, ["row_ids"] if partitions else ["row_ids", "not_empty"]),
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
            progress=_logger(context, name),
            shard=shard,
            expected=plan.sources[name],
        )
        yield dg.MaterializeResult(metadata=materialization_metadata(plan.name, result), data_version=dg.DataVersion(result.content_hash))
        yield from table_checks(result)

    return load


def stage_asset(deployment: Deployment, stage: Stage) -> dg.AssetsDefinition:
    """The table that a stage makes of its inputs."""
    plan, operator = deployment.plan, stage.operator
    key = deployment.key(stage.name)
    bounds = deployment.bounds.get(stage.name)
    checks = [check for check in CHECKS if (check != "keep_rate" or bounds) and (check != "not_empty" or not stage.sharded)]
    resource_keys = {name: deployment.llm_keys.get(name, name) for name in stage.resources.values()}

    @dg.asset(
        key=key,
        deps=[_dependency(deployment, parent, gathered=parent in stage.gathers) for parent in stage.inputs],
        group_name=plan.name,
        kinds={"duckdb", operator.kind, *(need for need in stage.resources if need in ("llm", "embedding", "database"))},
        owners=list(deployment.owners),
        tags={**deployment.tags, "operator": operator.name},
        description=_description(stage),
        code_version=stage.fingerprint,
        metadata=code_references(type(deployment.pipeline), operator),
        required_resource_keys={"warehouse", *resource_keys.values()},
        check_specs=check_specs(key, checks),
        automation_condition=deployment.automation_of(stage.sharded),
        partitions_def=deployment.partitions_def(stage.sharded),
    )
    def run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        resources = {name: _opened(getattr(context.resources, resource_key)) for name, resource_key in resource_keys.items()}
        warehouse, progress = context.resources.warehouse.open(), _logger(context, stage.name)
        shard = context.partition_key if stage.sharded else None
        shards = deployment.all_shards(context)
        workers = workers_of_process(deployment.workers)
        result = run_stage(warehouse, plan, stage.name, resources, progress=progress, shard=shard, shards=shards, workers=workers)
        metadata = materialization_metadata(plan.name, result) | stage_metadata([plan.name], stage, result)
        yield dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(result.content_hash))
        yield from stage_checks(operator, result, bounds)

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
        partitions_def=deployment.partitions_def(of_each),
    )
    def export(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Any]:
        shard = context.partition_key if of_each else None
        shards = deployment.all_shards(context) if sharded and not of_each else None
        paths = [path.replace(SHARD, shard) if shard else path for path in deployment.exports]
        written = export_table(warehouse.open(), plan.name, output, paths, shard=shard, shards=shards)
        metadata: dict[str, Any] = {path: dg.MetadataValue.path(path) for path in written}
        return dg.MaterializeResult(metadata={"dagster/row_count": next(iter(written.values())), **metadata})

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


def _logger(context: dg.AssetExecutionContext, stage: str) -> Callable[[int, int, Report], None]:
    """Progress as a log line every few seconds: each is an event in a database, so not for every row."""
    last = time.monotonic()

    def tell(done: int, total: int, report: Report) -> None:
        nonlocal last
        if time.monotonic() - last < LOG_SECONDS:
            return
        last = time.monotonic()
        calls = "".join(f", {name}: {used.calls} calls, {used.cached} cached" for name, used in report.usage.items())
        context.log.info(f"{stage}: {done:,} of {total:,} rows, {report.rejected:,} set aside{calls}")

    return tell
