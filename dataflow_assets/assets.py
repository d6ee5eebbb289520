"""From a compiled plan to Dagster assets: one a source, one a stage, one for the exported files.

Where the plan runs on shards, an asset has a partition for each; runs of partitions are runs of their own, so that one shard's failure is that
shard's alone, and what `dataflow` and the UI say of a shard is what its run did.
"""

# No `from __future__ import annotations` here: Dagster reads the annotations of asset functions as types.

import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
from pydantic import Field, ValidationError

from dataflow_assets.before_publishing import BeforePublishing, ChecksFailed
from dataflow_assets.checks import check_specs, source_checks, stage_checks
from dataflow_assets.code_references import code_references
from dataflow_assets.deployment import Deployment
from dataflow_assets.export_assets import dataset_asset, export_asset, report_asset
from dataflow_assets.failures import Place, Progressed, told_to_dagster
from dataflow_assets.maintenance import collect_old
from dataflow_assets.metadata import changes_shown, definition_metadata, materialization_metadata, pipeline_metadata, stage_metadata
from dataflow_assets.provenance import tags_of_what_was_read
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.stages import StageResult, load_source, run_stage
from dataflow_assets.running.workers import workers_of_process
from dataflow_assets.several_partitions import Made, shards_of, told, told_in_part
from dataflow_assets.showing.descriptions import stage_description
from dataflow_assets.showing.lines import finished_line, progress_line
from dataflow_assets.stage_config import config_schema, with_run_config
from operators.engine.report import Report
from operators.pipeline.plan import Stage
from operators.tables.errors import ParameterError, Problem, StageFailed
from resources.sources import SourceSettings, open_source, source_settings
from sensors.file_states import SOURCE_STATE, files_of, state_of

FIRST_SECONDS, LOG_SECONDS = 3.0, 10.0


class SourceConfig(dg.Config):
    """Read something else this time: `ops: {web_text__documents: {config: {path: data.jsonl}}}`."""

    path: str = Field("", description="What to read instead of the source of defs.yaml: a file, folder or glob, dataset:NAME, databases:PLACE.")
    limit: int | None = Field(None, description="Read at most so many rows. None: as defs.yaml says.")
    max_unreadable: float | None = Field(
        None, description="Share of the rows that may be unreadable, and are set aside, before reading fails. None: as defs.yaml says."
    )

    def of(self, settings: SourceSettings) -> SourceSettings:
        """The settings with what this run changes. Raises ParameterError."""
        path = source_settings(self.path).model_dump(include={"path", "built_in", "options"}) if self.path else {}
        given = {name: value for name, value in (("limit", self.limit), ("max_unreadable", self.max_unreadable)) if value is not None}
        try:
            return SourceSettings.model_validate({**settings.model_dump(), **path, **given}) if path or given else settings
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            raise ParameterError([Problem(one["msg"].removeprefix("Value error, "), ".".join(map(str, one["loc"]))) for one in found]) from None


def source_code_version(settings: SourceSettings) -> str:
    return settings.model_dump_json(exclude={"max_unreadable"})


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
        description=f"Rows of {settings.shown}, with an id for each.",
        code_version=source_code_version(settings),
        check_specs=check_specs(key),
        metadata=pipeline_metadata(plan),
        partitions_def=deployment.partitions_def(partitions is not None),
        backfill_policy=deployment.backfill_policy(partitions is not None),
    )
    def load(context: dg.AssetExecutionContext, config: SourceConfig, warehouse: WarehouseResource) -> Iterator[Any]:
        progressed = Progressed()
        made, tables = [], warehouse.of_run(context)
        with told_to_dagster(Place(plan.name, name, tuple(SourceConfig.model_fields), "source"), progressed, deployment.retries_left(context)):
            for shard in shards_of(context, partitions is not None):
                of_shard = partitions.settings_of(shard) if partitions and shard and not config.path else settings
                chosen = config.of(of_shard)
                # with another limit than that of defs.yaml, a what-if, the files are not read as the sensor of new data wants them read
                state = state_of(files_of(chosen.path)) if chosen.path and chosen.limit == settings.limit else ""
                source = open_source(chosen)
                if source.schema.names:  # an empty file has no columns
                    deployment.pipeline.compile({name: source})
                result = load_source(
                    tables,
                    plan.name,
                    name,
                    source,
                    limit=chosen.limit,
                    max_unreadable=chosen.max_unreadable,
                    progress=_logger(context, f"{plan.name}.{name}", progressed),
                    shard=shard,
                    expected=plan.sources[name],
                    may_be_empty=shard is not None,
                )
                context.log.info(finished_line(f"{plan.name}.{name}", result.report, "source", shard))
                metadata = materialization_metadata(plan, result) | ({SOURCE_STATE: state} if state else {})
                made.append(Made(shard, metadata, result.content_hash, list(source_checks(result))))
                collect_old(tables, plan.name, name, shard, deployment.keep_versions)
        yield from told(context, made, source_code_version(config.of(settings)))

    return load


def stage_asset(deployment: Deployment, stage: Stage) -> dg.AssetsDefinition:
    """The table that a stage makes of its inputs."""
    plan, operator = deployment.plan, stage.operator
    key = deployment.key(stage.name)
    bounds, row_checks = deployment.bounds.get(stage.name), deployment.row_checks.get(stage.name, ())

    @dg.asset(
        key=key,
        deps=[deployment.dependency(parent, gathered=parent in stage.gathers) for parent in stage.inputs],
        group_name=plan.name,
        kinds={"duckdb", operator.kind, *(need for need in stage.resources if need in ("llm", "embedding", "sandbox", "database", "documents"))},
        owners=list(deployment.owners),
        tags={**deployment.tags, "operator": operator.name},
        description=stage_description(stage),
        code_version=deployment.code_version(stage),
        metadata={**definition_metadata(stage), **pipeline_metadata(plan), **code_references(stage)},
        config_schema=config_schema(operator, deployment.models_for(stage)),
        required_resource_keys={"warehouse", *(deployment.resource_key(name) for name in deployment.resources_of(stage))},
        pool=deployment.pool_of(stage),
        check_specs=[*check_specs(key, bounds), *(check.spec(key) for check in row_checks)],
        automation_condition=deployment.automation_of(stage.sharded),
        freshness_policy=deployment.freshness if stage.name in plan.outputs else None,
        partitions_def=deployment.partitions_def(stage.sharded),
        backfill_policy=deployment.backfill_policy(stage.sharded),
    )
    def run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        given = context.op_execution_context.op_config
        progressed, made = Progressed(), list[Made]()
        refused = dict[str | None, ChecksFailed]()
        with told_to_dagster(Place(plan.name, stage.name, tuple(given)), progressed, deployment.retries_left(context)):
            plan_of_run, differences = with_run_config(plan, stage, given)
            stage_of_run = plan_of_run[stage.name]
            code_version = deployment.code_version(stage_of_run, context.run)
            resources = {name: _opened(getattr(context.resources, deployment.resource_key(name))) for name in stage_of_run.resources.values()}
            shards, warehouse = deployment.all_shards(context), context.resources.warehouse.of_run(context)
            for shard in shards_of(context, stage.sharded):
                gate = BeforePublishing(_named(stage.name, shard), bounds, row_checks, plan.may_be_empty(stage.name) or shard is not None)
                try:
                    result = run_stage(
                        warehouse,
                        plan_of_run,
                        stage.name,
                        resources,
                        progress=_logger(context, f"{plan.name}.{stage.name}", progressed),
                        shard=shard,
                        shards=shards,
                        workers=workers_of_process(deployment.workers),
                        gate=gate,
                    )
                except ChecksFailed as error:
                    refused[shard] = error
                    continue
                context.log.info(finished_line(f"{plan.name}.{stage.name}", result.report, operator.kind, shard))
                metadata = materialization_metadata(plan_of_run, result) | stage_metadata(plan_of_run, stage_of_run, result)
                contract = stage_checks(stage_of_run.operator, result, plan.may_be_empty(stage.name))
                made.append(Made(shard, metadata | changes_shown(differences), result.content_hash, [*contract, *gate.results]))
                collect_old(warehouse, plan.name, stage.name, shard, deployment.keep_versions)
            if refused:
                yield from told_in_part(context, made, code_version, {shard: error.results for shard, error in refused.items()})
                raise StageFailed("\n".join(map(str, refused.values())))
        yield from told(context, made, code_version, {} if stage.sharded else _read(context, stage, result))

    return run


def _read(context: dg.AssetExecutionContext, stage: Stage, result: StageResult) -> dict[str, str]:
    """Of shards Dagster keeps no data version each."""
    hashes = result.facts["input_hashes"]
    keys = {parent: dg.AssetKey([context.asset_key.path[0], parent]) for parent in stage.inputs if parent not in stage.gathers}
    return tags_of_what_was_read(context, {key: hashes[parent] for parent, key in keys.items()})


def _named(stage: str, shard: str | None) -> str:
    return stage if shard is None else f"{stage} [{shard}]"


def _opened(resource: Any) -> Any:
    return resource.open() if hasattr(resource, "open") else resource


def _logger(context: dg.AssetExecutionContext, stage: str, progressed: Progressed) -> Callable[[int, int, Report], None]:
    """Progress as a log line every few seconds: each is an event in a database, so not for every row."""
    started = time.monotonic()
    due = started + FIRST_SECONDS

    def tell(done: int, total: int, report: Report) -> None:
        nonlocal due
        progressed.see(done, total, report)
        now = time.monotonic()
        if now < due:
            return
        due = now + LOG_SECONDS
        context.log.info(progress_line(stage, done, total, now - started, report))

    return tell
