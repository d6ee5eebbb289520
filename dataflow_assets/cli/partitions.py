"""dataflow partitions: the shards of a deployed pipeline, as Dagster knows them."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster import Definitions

    from resources.warehouse import WarehouseStorage

EXAMPLES = examples("dataflow partitions pages", "dataflow partitions pages --json")


def partitions(
    pipeline: Annotated[str, typer.Argument(help="The name of a deployed pipeline with `partitions` in its defs.yaml.")],
    module: Annotated[str, typer.Option("--module", "-m", help="The module of the Dagster definitions.")] = "dataflow_assets.definitions",
    drop: Annotated[bool, typer.Option("--drop", help="Remove the tables of shards whose files are gone.")] = False,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Make each file of a pipeline's source a partition, as its sensor does in `dagster dev`, and list them with what was made of each."""
    from dagster import DagsterInstance
    from dagster._core.errors import DagsterHomeNotSetError

    from dataflow_assets.cli.stored_stages import open_warehouse
    from sensors.new_shards import apply_requests

    definitions = _definitions(module)
    names = sorted(name.removesuffix("_partitions") for name in _sensor_names(definitions) if name.endswith("_partitions"))
    if pipeline not in names:
        from operators.tables.errors import closest

        raise fail(f"{module} has no partitioned pipeline {pipeline}; it has {', '.join(names) or 'none'}. {closest(pipeline, names)}".rstrip())
    try:
        with DagsterInstance.get() as instance:
            changes = apply_requests(definitions.resolve_sensor_def(f"{pipeline}_partitions"), instance)
    except DagsterHomeNotSetError:
        raise fail("DAGSTER_HOME is not set, so there is no Dagster to tell of partitions. export DAGSTER_HOME=$PWD/.dagster") from None
    stored = [table for table in open_warehouse(warehouse).tables() if table.pipeline == pipeline and table.shard is not None]
    left = [table for table in stored if table.shard not in changes.known]
    for gone in left if drop else ():
        gone.drop()
    made = _made(stored)
    rows = [{"partition": shard, "new": shard in changes.added, **made.get(shard, {"tables": 0, "made": None})} for shard in changes.known]
    if json:
        print_json({"partitions": rows, "removed": changes.removed, "left_tables": [] if drop else [f"{item.stage}[{item.shard}]" for item in left]})
        return
    cells = [(row["partition"], "new" if row["new"] else "", row["tables"], row["made"] or "-") for row in rows]
    output().print(table(("partition", "", "tables", "last made (UTC)"), cells, right=("tables",), whole=("partition",)))
    output().print(f"{len(rows)} partitions, {len(changes.added)} new, {len(changes.removed)} gone with their files", style="dim", markup=False)
    if left and not drop:
        shards = sorted({str(item.shard) for item in left})
        output().print(f"tables are left of {', '.join(shards[:10])}, whose files are gone; --drop removes them", markup=False)


def _definitions(module: str) -> Definitions:
    from dagster import Definitions

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Dagster says of its own parts that are in beta
        try:
            imported = importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise fail(f"the module {module} cannot be imported: {error}. Give --module as Python would import it from here.") from None
        found = getattr(imported, "defs", None)
        found = found() if callable(found) else found
    if not isinstance(found, Definitions):
        raise fail(f"{module} has no Dagster definitions named defs")
    return found


def _sensor_names(definitions: Definitions) -> list[str]:
    return [sensor.name for sensor in definitions.sensors or ()]


def _made(tables: Sequence[WarehouseStorage]) -> dict[str, dict[str, Any]]:
    """Shard -> how many tables have it, and when the last was made, which the id of a version says."""
    found: dict[str, dict[str, Any]] = {}
    for item in tables:
        if not item.exists():
            continue
        version = item.current_version()
        made = f"{version[:4]}-{version[4:6]}-{version[6:8]} {version[9:11]}:{version[11:13]}:{version[13:15]}"
        row = found.setdefault(str(item.shard), {"tables": 0, "made": made})
        row["tables"] += 1
        row["made"] = max(row["made"], made)
    return found
