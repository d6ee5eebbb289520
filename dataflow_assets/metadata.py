"""What a materialization shows in the Dagster UI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.previews import cell, preview
from dataflow_assets.running.stages import StageResult
from operators.pipeline.plan import Stage
from operators.tables.types import type_name

HISTOGRAM_BINS = 10


def materialization_metadata(pipeline: str, result: StageResult) -> dict[str, Any]:
    """Counts, costs, columns and samples of a published table."""
    report = result.report
    metadata: dict[str, Any] = {
        "dagster/row_count": report.rows_out,
        "dagster/table_name": f"{pipeline}.{result.stage}",
        "dagster/column_schema": column_schema(result.table.schema),
        "rows_in": report.rows_in,
        "rows_rejected": report.rejected,
        "seconds": round(report.seconds, 3),
        "version": result.table.version,
        "preview": dg.MetadataValue.md(preview(result.table, result.table.rejected())),
    }
    if result.shard is not None:
        metadata["shard"] = result.shard
    if report.rejected_by:
        metadata["rejected_by"] = dg.MetadataValue.md(counts_table("rejected by", report.rejected_by))
    if report.changed_by:
        metadata["changed_by"] = dg.MetadataValue.md(counts_table("rewritten by", report.changed_by))
    if report.no_say:
        metadata["no_say"] = dg.MetadataValue.md(counts_table("had no say, as the language has no data", report.no_say))
    metadata |= {f"total of {name}": total for name, total in report.totals.items()}
    if report.failures:
        metadata["rows_failed"] = report.failed
        metadata["errors"] = dg.MetadataValue.md(counts_table("error", report.failures))
    for name, other in report.other_tables.items():
        metadata |= {f"rows_in_{name}": other.rows, f"rows_used_{name}": other.used}
    for name, usage in report.usage.items():
        metadata |= {f"{name}_{key}": value for key, value in usage.as_dict().items() if value is not None}
    return metadata


def stage_metadata(prefix: Sequence[str], stage: Stage, result: StageResult) -> dict[str, Any]:
    """Where the columns of a stage come from, and how the numbers it made are distributed."""
    table = result.table
    lineage = stage.column_lineage(*(storage.schema for storage in result.inputs))
    made = stage.operator.output_columns().values()
    metadata: dict[str, Any] = {
        "dagster/column_lineage": dg.TableColumnLineage(
            {
                name: [dg.TableColumnDep(asset_key=dg.AssetKey([*prefix, parent]), column_name=column) for parent, column in origins]
                for name, origins in lineage.items()
            }
        ),
        "column_lineage": dg.MetadataValue.md(_lineage_table(lineage)),
        "operator": dg.MetadataValue.md(f"`{stage.operator.describe()}`"),
    }
    for name in made:
        if name in table.schema.names and _is_number(table.schema.field(name).type):
            metadata[f"histogram of {name}"] = dg.MetadataValue.md(histogram(table.read([name]).column(name)))
    return metadata


def column_schema(schema: pa.Schema) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(field.name, type_name(field.type)) for field in schema])


def counts_table(title: str, counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return "\n".join([f"| {title} | rows |", "|---|--:|", *(f"| {cell(name)} | {count} |" for name, count in ordered[:30])])


def histogram(column: pa.ChunkedArray) -> str:
    """Counts of a column of numbers as a table with bars; each value a bar of its own where there are few."""
    values = pc.drop_null(column).cast(pa.float64())
    nulls = column.null_count
    if not len(values):
        return f"no values, {nulls} null"
    distinct = pc.unique(values).to_pylist()
    if len(distinct) <= HISTOGRAM_BINS:
        counted = {f"{value:g}": pc.sum(pc.equal(values, value)).as_py() for value in sorted(distinct)}
    else:
        import numpy as np

        counts, edges = np.histogram(values.to_numpy(), bins=HISTOGRAM_BINS)
        counted = {f"{edges[index]:.3g} to {edges[index + 1]:.3g}": int(count) for index, count in enumerate(counts)}
    most = max(counted.values())
    lines = [f"| {name} | {'█' * max(1, round(20 * count / most)) if count else ''} {count} |" for name, count in counted.items()]
    return "\n".join(["| value | rows |", "|--:|---|", *lines, *([f"| null | {nulls} |"] if nulls else [])])


def _lineage_table(lineage: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    lines = [f"| {name} | {', '.join(f'{parent}.{column}' for parent, column in origins) or 'made here'} |" for name, origins in lineage.items()]
    return "\n".join(["| column | comes from |", "|---|---|", *lines])


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_))
