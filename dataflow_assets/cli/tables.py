"""dataflow tables: what the warehouse holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import examples, output, print_json, table

if TYPE_CHECKING:
    from resources.warehouse import WarehouseStorage

EXAMPLES = examples("dataflow tables", "dataflow tables web_text --json", "dataflow tables --versions")


def tables(
    pipeline: Annotated[str | None, typer.Argument(help="Only the tables of this pipeline.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="Every version that is still there, not only the current ones.")] = False,
    warehouse: Annotated[Path | None, typer.Option(help="Folder of the tables, instead of DATAFLOW_WAREHOUSE.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the tables of the warehouse, with rows, rows set aside and when they were made."""
    from dataflow_assets.cli.stored_stages import open_warehouse

    opened = open_warehouse(warehouse)
    chosen = [item for item in opened.tables() if pipeline in (None, item.pipeline)]
    found = [_facts(item, version) for item in chosen for version in (item.versions() if versions else [item.current_version()])]
    if json:
        print_json(found)
        return
    rows = [
        (f"{row['pipeline']}.{row['stage']}", row["rows"], row["rejected"], row["columns"], row["made"], _version(row), row["versions"])
        for row in found
    ]
    columns = ("table", "rows", "rejected", "columns", "made (UTC)", "version", "kept versions")
    output().print(table(columns, rows, right=("rows", "rejected", "columns", "kept versions")))
    hint = "dataflow sql opens a shell on them" if found else "dagster job execute -m dataflow_assets.definitions -j web_text makes the first"
    output().print(f"{len(found)} tables in {opened.root}; {hint}.", style="dim", markup=False)


def _facts(item: WarehouseStorage, version: str) -> dict[str, Any]:
    stored = item.at(version)
    facts = stored.run_facts()
    return {
        "pipeline": item.pipeline,
        "stage": item.stage,
        "rows": facts["rows"],
        "rejected": facts["rejected_rows"],
        "columns": len(stored.schema.names),
        "made": str(facts["finished_at"])[:19].replace("T", " "),
        "version": version,
        "current": version == item.current_version(),
        "versions": len(item.versions()),
    }


def _version(row: dict[str, Any]) -> str:
    return f"{row['version']}{' (current)' if row['current'] else ''}"
