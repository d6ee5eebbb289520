"""What a materialization shows in the Dagster UI. The names of numbers never change, so that each is a plot over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from dataflow_assets.running.in_force import in_force
from dataflow_assets.running.stages import StageResult
from dataflow_assets.showing.comparison import compare_with_before
from dataflow_assets.showing.descriptions import column_descriptions, parameters_table, prompts_text
from dataflow_assets.showing.histogram import Histogram
from dataflow_assets.showing.judged_by import judged_by_text
from dataflow_assets.showing.markdown import block, cell, counts_table, table
from dataflow_assets.showing.pictures import pictures
from dataflow_assets.showing.samples import before_and_after, changed_texts, either_side, preview
from dataflow_assets.stage_config import Difference
from operators.pipeline.plan import Plan, Stage
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID, type_name

UUID_CHARACTERS = 36


def materialization_metadata(plan: Plan, result: StageResult) -> dict[str, Any]:
    """Counts, costs, columns and samples of a published table."""
    report, facts = result.report, result.facts
    metadata: dict[str, Any] = {
        "dagster/row_count": report.rows_out,
        "dagster/table_name": f"{plan.name}.{result.stage}",
        "dagster/column_schema": column_schema(result.table.schema, column_descriptions(plan, result.stage)),
        "rows_in": report.rows_in,
        "rows_rejected": report.rejected,
        **({"keep_rate": round(report.rows_out / report.rows_in, 6)} if report.rows_in else {}),
        "seconds": round(report.seconds, 3),
        "version": result.table.version,
    }
    if result.shard is not None:
        metadata["shard"] = result.shard
    if warning := judged_by_text(facts):
        metadata["judged_by"] = dg.MetadataValue.md(warning)
    rejected = result.table.rejected()
    metadata["preview"] = dg.MetadataValue.md(preview(result.table, rejected))
    if report.rejected_by:
        metadata["rejected_by"] = dg.MetadataValue.md(counts_table("rejected by", report.rejected_by))
    if report.changed_by:
        metadata["changed_by"] = dg.MetadataValue.md(counts_table("rewritten by", report.changed_by))
    if report.no_say:
        metadata["no_say"] = dg.MetadataValue.md(counts_table("had no say, as the language has no data", report.no_say))
    metadata |= {f"total of {name}": total for name, total in report.totals.items()}
    if same := report.same_scores():
        metadata["tells no row from another"] = ", ".join(same)
    if report.failures:
        metadata["rows_failed"] = report.failed
        metadata["errors"] = dg.MetadataValue.md(counts_table("error", report.failures))
    for name, other in report.other_tables.items():
        metadata |= {f"rows_in_{name}": other.rows, f"rows_used_{name}": other.used}
    for name, usage in report.usage.items():
        metadata |= {f"{name}_{key}": value for key, value in usage.as_dict().items() if value is not None}
    if changes := compare_with_before(result):
        metadata["changed_since_last"] = dg.MetadataValue.md(changes)
    metadata["look"] = dg.MetadataValue.md(block("\n".join(commands(plan, result)), "sh"))
    return metadata


def stage_metadata(plan: Plan, stage: Stage, result: StageResult) -> dict[str, Any]:
    """Where the columns of a stage come from, how its numbers are distributed, and what it changed or decided, row by row."""
    lineage = stage.column_lineage(*(storage.schema for storage in result.inputs))
    deps = {
        name: [dg.TableColumnDep(asset_key=dg.AssetKey([plan.name, parent]), column_name=column) for parent, column in origins]
        for name, origins in lineage.items()
    }
    metadata: dict[str, Any] = {
        "dagster/column_lineage": dg.TableColumnLineage(deps),
        "column_lineage": dg.MetadataValue.md(_lineage_table(lineage)),
        **definition_metadata(stage),
    }
    schema, cut = result.table.schema, threshold(stage)
    for name in made_numbers(stage, schema):
        metadata[f"histogram of {name}"] = dg.MetadataValue.md(Histogram.of(result.table.read([name]).column(name)).markdown())
    metadata |= {f"pictures of {name}": dg.MetadataValue.md(shown) for name, shown in pictures(result.table, stage.operator).items()}
    rewritten = [name for name in stage.operator.rewritten_columns() if name in schema.names and pa.types.is_string(schema.field(name).type)]
    if rewritten and result.report.changed_by and (changes := list(changed_texts(result.inputs[0], result.table, rewritten))):
        metadata["before_and_after"] = dg.MetadataValue.md(before_and_after(changes))
    if cut is not None:
        column, bounds = cut
        rejected = result.table.rejected()
        metadata[f"histogram of {column}"] = dg.MetadataValue.md(Histogram.of(_of_both(result.table, rejected, column)).markdown())
        metadata["near_threshold"] = dg.MetadataValue.md(either_side(result.table, rejected, column, bounds))
    return metadata


def definition_metadata(stage: Stage) -> dict[str, Any]:
    """What a stage works with: all parameters, those that nobody set among them, and the prompts word by word."""
    parts = in_force(stage.operator)
    metadata: dict[str, Any] = {"parameters": dg.MetadataValue.md(parameters_table(parts))}
    if prompts := prompts_text(parts):
        metadata["prompt"] = dg.MetadataValue.md(prompts)
    return metadata


def pipeline_metadata(plan: Plan) -> dict[str, Any]:
    """The whole pipeline as a Mermaid flowchart, to copy into a page that draws it."""
    return {"pipeline": dg.MetadataValue.md(block(plan.mermaid(), "mermaid"))}


def commands(plan: Plan, result: StageResult) -> list[str]:
    """What to type to see more."""
    name = f"{plan.name}.{result.stage}"
    lines = [f"dataflow sql 'from {name} limit 10'"]
    if result.inputs and result.table.rejected().count_rows():
        aside = next(iter(result.table.rejected().batches(size=1)))
        lines.append(f"dataflow sql 'from {name}__rejected limit 10'")
        if ROW_ID in aside.schema.names:
            lines.append(f"dataflow trace {short_id(aside.column(ROW_ID)[0].as_py())}")
    elif result.report.rows_out and ROW_ID in result.table.schema.names:
        lines.append(f"dataflow trace {short_id(next(iter(result.table.batches([ROW_ID], size=1))).column(0)[0].as_py())}")
    return [*lines, f"dataflow diff {name}", f"dataflow report {plan.name}"]


def short_id(row_id: str) -> str:
    """As much of an id as `dataflow trace` needs to find the row among some millions, so that the command fits beside the others."""
    return row_id[:13] if len(row_id) == UUID_CHARACTERS else row_id


def threshold(stage: Stage) -> tuple[str, dict[str, float]] | None:
    """The column of numbers that a filter cuts by and where, if it has one column and bounds for it."""
    operator = stage.operator
    columns = list(operator.input_columns().values())
    bounds = {name: float(value) for name in ("min", "max") if (value := getattr(operator, name, None)) is not None}
    known = {field.name: field.type for schema in stage.schemas_in for field in schema}
    if operator.kind != "filter" or len(columns) != 1 or not bounds or not _is_number(known.get(columns[0], pa.null())):
        return None
    return columns[0], bounds


def made_numbers(stage: Stage, schema: pa.Schema) -> list[str]:
    """The columns of numbers that the stage makes."""
    return [name for name in stage.operator.output_columns().values() if name in schema.names and _is_number(schema.field(name).type)]


def _of_both(kept: Storage, rejected: Storage, column: str) -> pa.ChunkedArray:
    """The numbers that a filter saw: of the rows that it kept and of those that it rejected."""
    parts = [storage.read([column]).column(column).cast(pa.float64(), safe=False) for storage in (kept, rejected) if column in storage.schema.names]
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.float64())


def changes_shown(differences: Sequence[Difference]) -> dict[str, Any]:
    """What the run's config changed of the stage; nothing where it changed nothing."""
    if not differences:
        return {}
    said = table(["parameter", "as deployed", "in this run"], [[cell(one.parameter), cell(one.default), cell(one.value)] for one in differences])
    return {"changed in the launchpad": dg.MetadataValue.md(said)}


def column_schema(schema: pa.Schema, described: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema(
        [dg.TableColumn(field.name, type_name(field.type), description=described.get(field.name, "of the source")) for field in schema]
    )


def _lineage_table(lineage: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    origins = {name: ", ".join(cell(f"{parent}.{column}") for parent, column in found) for name, found in lineage.items()}
    return table(["column", "comes from"], [[cell(name), found or "made here"] for name, found in origins.items()])


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_))
