"""What a pipeline hands out, as assets: files, data sets for trainers, and a report with a card."""

# No `from __future__ import annotations` here: Dagster reads the annotations of asset functions as types.

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from dataflow_assets.deployment import Deployment
from dataflow_assets.failures import Place, Progressed, told_to_dagster
from dataflow_assets.partitions import SHARD
from dataflow_assets.provenance import tags_of_what_was_read
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.formats import FORMATS, DatasetSettings, Written
from dataflow_assets.running.stages import export_table
from dataflow_assets.running.stored_pipeline import made_of, results_of, stored_tables
from dataflow_assets.several_partitions import shards_of
from dataflow_assets.showing.dataset_card import card, croissant
from dataflow_assets.showing.datasets import export_dataset
from dataflow_assets.showing.judged_by import judged_by_text
from dataflow_assets.showing.page import pipeline_page
from dataflow_assets.showing.report_files import REPORT_FILES, refuse_foreign_report
from dataflow_assets.written_files import WRITES
from resources.warehouse import TableNotFound, Warehouse


def export_asset(deployment: Deployment) -> dg.AssetsDefinition:
    """The pipeline's result as files."""
    plan = deployment.plan
    output = plan.outputs[0]
    sharded, of_each = plan.is_sharded(output), deployment.exports_each_shard

    @dg.asset(
        key=deployment.key("export"),
        deps=[deployment.dependency(output, gathered=sharded and not of_each)],
        group_name=plan.name,
        kinds={"file"},
        owners=list(deployment.owners),
        tags=dict(deployment.tags),
        description=f"{plan.name}.{output} as files: {', '.join(deployment.exports)}",
        code_version="1 " + " ".join(deployment.exports),
        metadata={WRITES: list(deployment.exports)},
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
                written |= export_table(warehouse.of_run(context), plan.name, output, paths, shard=shard, shards=shards)
        rows = sum(written.values()) // len(deployment.exports)
        context.log.info(f"{plan.name}.export: {rows:,} rows in {', '.join(deployment.exports)}")
        facts = stored_facts(warehouse.of_run(context), plan.name, output)
        metadata: dict[str, Any] = {path: dg.MetadataValue.path(path) for path in written}
        read = _read(context, deployment, facts)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows, **metadata, **_judged_by(facts)}, tags=read)

    return export


def dataset_asset(deployment: Deployment, settings: DatasetSettings) -> dg.AssetsDefinition:
    """The pipeline's result as a data set that a trainer reads, with its card."""
    plan = deployment.plan
    output = plan.outputs[0]
    name = f"export_{settings.format}"

    @dg.asset(
        key=deployment.key(name),
        deps=[deployment.dependency(output, gathered=plan.is_sharded(output))],
        group_name=plan.name,
        kinds={"file", "dataset"},
        owners=list(deployment.owners),
        tags=dict(deployment.tags),
        description=f"{plan.name}.{output} in {settings.path}. {FORMATS[settings.format]}.",
        code_version=settings.model_dump_json(),
        metadata={WRITES: [f"{settings.catalog}://{settings.path}" if settings.catalog else settings.path]},
        automation_condition=deployment.automation_of(False),
    )
    def export_dataset_of_pipeline(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Any]:
        with told_to_dagster(Place(plan.name, name), Progressed()):
            written = export_dataset(warehouse.of_run(context), plan.name, output, settings, plan.description)
        rows = sum(written.rows.values())
        context.log.info(f"{plan.name}.{name}: {rows:,} rows in {settings.path}, {written.left_out:,} left out")
        metadata: dict[str, Any] = {"dagster/row_count": rows, "path": dg.MetadataValue.path(settings.path), "rows_left_out": written.left_out}
        of_splits = {f"rows_{split}": count for split, count in written.rows.items()}
        beside = Path(settings.path) / "README.md"
        if beside.is_file():
            metadata["card"] = dg.MetadataValue.md(beside.read_text(encoding="utf-8").partition("\n---\n")[2])
        facts = stored_facts(warehouse.of_run(context), plan.name, output)
        return dg.MaterializeResult(metadata={**metadata, **of_splits, **_judged_by(facts)}, tags=_read(context, deployment, facts))

    return export_dataset_of_pipeline


def report_asset(deployment: Deployment) -> dg.AssetsDefinition:
    """The report as a page, and a card, after all else."""
    plan, folder = deployment.plan, Path(deployment.report)

    @dg.asset(
        key=deployment.key("report"),
        deps=[*(deployment.dependency(name, gathered=plan.is_sharded(name)) for name in plan.outputs), *map(dg.AssetDep, deployment.export_keys())],
        group_name=plan.name,
        kinds={"html", "report"},
        owners=list(deployment.owners),
        tags=dict(deployment.tags),
        description=f"How {plan.name} came to its result: {folder}/report.html, README.md (a dataset card) and croissant.json.",
        code_version="1",
        metadata={WRITES: [str(folder / file) for file in REPORT_FILES]},
        automation_condition=deployment.automation_of(False),
    )
    def report(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Any]:
        with told_to_dagster(Place(plan.name, "report"), Progressed()):
            tables = stored_tables(warehouse.of_run(context), plan.name)
            if missing := [name for name in plan.outputs if name not in {table.name for table in tables}]:
                raise TableNotFound(f"{plan.name}.{missing[0]}: the table was never written; materialize it first.")
            tables = made_of(tables, plan.outputs)
            results = results_of(tables)
            written = Written({result.name: result.facts["rows"] for result in results}, 0, [], results[-1].rows.schema)
            pages = {
                "report.html": pipeline_page(plan.name, tables),
                "README.md": card(plan.name, plan.description, tables, None, written),
                "croissant.json": croissant(plan.name, plan.description, None, written),
            }
            refuse_foreign_report(folder)
            folder.mkdir(parents=True, exist_ok=True)
            for file, text in pages.items():
                (folder / file).write_text(text, encoding="utf-8")
        context.log.info(f"{plan.name}.report: {folder / 'report.html'}")
        metadata: dict[str, Any] = {file: dg.MetadataValue.path(str(folder / file)) for file in pages}
        return dg.MaterializeResult(metadata={**metadata, "open": dg.MetadataValue.url((folder / "report.html").absolute().as_uri())})

    return report


def stored_facts(warehouse: Warehouse, pipeline: str, stage: str) -> Mapping[str, Any]:
    return next(table.facts for table in stored_tables(warehouse, pipeline) if table.name == stage)


def _read(context: dg.AssetExecutionContext, deployment: Deployment, facts: Mapping[str, Any]) -> dict[str, str]:
    """Of shards Dagster keeps no data version each."""
    output = deployment.plan.outputs[0]
    return {} if deployment.plan.is_sharded(output) else tags_of_what_was_read(context, {deployment.key(output): facts["content_hash"]})


def _judged_by(facts: Mapping[str, Any]) -> dict[str, Any]:
    warning = judged_by_text(facts)
    return {"judged_by": dg.MetadataValue.md(warning)} if warning else {}
