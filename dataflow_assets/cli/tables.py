"""dataflow tables: what the warehouse holds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, explain, output, print_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from resources.warehouse import Warehouse, WarehouseStorage

EXAMPLES = examples("dataflow tables", "dataflow tables web_text --json", "dataflow tables --versions")


def tables(
    pipeline: Annotated[str | None, typer.Argument(help="Only the tables of this pipeline.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="Every version that is still there, not only the current ones.")] = False,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the tables of the warehouse, with rows, rows set aside and when they were made."""
    from dataflow_assets.cli.stored_stages import open_warehouse
    from resources.warehouse import WarehouseError

    opened = open_warehouse(warehouse)
    chosen = [item for item in opened.tables() if pipeline in (None, item.pipeline)]
    found = []
    for (owner, stage), group in itertools.groupby(chosen, key=lambda item: (item.pipeline, item.stage)):
        parts = list(group)
        try:
            found += [_facts(item, version) for item in parts for version in item.versions()] if versions else _current(opened, parts)
        except WarehouseError as error:
            explain(f"{owner}.{stage} is left out: {error}")
    if json:
        print_json(found)
        return
    shown = found if versions else _together(found)
    rows = [(_name(row), row["rows"], row["rejected"], row["columns"], row["made"], _version(row), row["versions"]) for row in shown]
    columns = ("table", "rows", "rejected", "columns", "made (UTC)", "version", "kept versions")
    output().print(table(columns, rows, right=("rows", "rejected", "columns", "kept versions")))
    of = f" of {pipeline}" if pipeline else ""
    tables_of = len({(row["pipeline"], row["stage"]) for row in shown})
    counted = f"{len(shown)} versions of {tables_of} tables" if versions else f"{len(shown)} tables"
    output().print(f"{counted}{of} in {opened.root}; {_hint(found, pipeline, opened)}.", style="dim", markup=False)


def _hint(found: Sequence[dict[str, Any]], pipeline: str | None, warehouse: Warehouse) -> str:
    """What to do next; where there is no table of a pipeline, which pipelines have some."""
    if found:
        return "dataflow sql opens a shell on them"
    others = sorted({item.pipeline for item in warehouse.tables() if item.pipeline != pipeline})
    return f"it has those of {', '.join(others)}" if others else "dagster job execute -m dataflow_assets.definitions -j web_text makes the first"


def _current(warehouse: Warehouse, tables: Sequence[WarehouseStorage]) -> list[dict[str, Any]]:
    """Of the current versions of one table, or of its shards."""
    shards = [table.shard for table in tables if table.shard is not None]
    if not shards:
        return [_facts(tables[0], tables[0].current_version())]
    gathered = warehouse.gathered(tables[0].pipeline, tables[0].stage, shards)
    facts, schemas = gathered.facts_of_shards(), gathered.schemas()
    return [_row(table, gathered.versions[shard], facts[shard], schemas[shard], True) for table, shard in zip(tables, shards, strict=True)]


def _facts(item: WarehouseStorage, version: str) -> dict[str, Any]:
    stored = item.at(version)
    return _row(item, version, stored.run_facts(), stored.schema, version == item.current_version())


def _row(item: WarehouseStorage, version: str, facts: Mapping[str, Any], schema: pa.Schema, current: bool) -> dict[str, Any]:
    return {
        "pipeline": item.pipeline,
        "stage": item.stage,
        **({} if item.shard is None else {"shard": item.shard}),
        "rows": facts["rows"],
        "rejected": facts["rejected_rows"],
        "columns": len(schema.names),
        "made": str(facts["finished_at"])[:19].replace("T", " "),
        "version": version,
        "current": current,
        "versions": len(item.versions()),
    }


def _together(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for a table in shards, not one for each."""
    shown = []
    for _, group in itertools.groupby(found, key=lambda row: (row["pipeline"], row["stage"], "shard" in row)):
        rows = list(group)
        if "shard" not in rows[0]:
            shown += rows
            continue
        sums = {key: sum(row[key] for row in rows) for key in ("rows", "rejected", "versions")}
        most = {key: max(row[key] for row in rows) for key in ("columns", "made")}
        one = {key: rows[0][key] for key in ("pipeline", "stage")}
        shown.append({**one, **sums, **most, "version": f"{len(rows)} shards", "current": False})
    return shown


def _name(row: dict[str, Any]) -> str:
    return f"{row['pipeline']}.{row['stage']}" + (f"[{row['shard']}]" if "shard" in row else "")


def _version(row: dict[str, Any]) -> str:
    return f"{row['version']}{' (current)' if row['current'] else ''}"
