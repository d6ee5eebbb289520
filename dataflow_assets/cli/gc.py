"""dataflow gc: remove old versions of tables."""

from __future__ import annotations

from typing import Annotated

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, output, print_json

EXAMPLES = examples("dataflow gc", "dataflow gc --keep 1")


def collect(
    keep: Annotated[int, typer.Option(min=1, help="How many versions of each table stay, the current one among them.")] = 5,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Remove all but the last versions of each table, never one that is current or being read, and what killed writers left."""
    from dataflow_assets.cli.stored_stages import open_warehouse

    opened = open_warehouse(warehouse)
    collected = opened.collect(keep)
    if json:
        print_json(
            {
                "removed": [{"table": name, "version": version} for name, version in collected.removed],
                "in_use": [{"table": name, "version": version} for name, version in collected.in_use],
                "young": [{"table": name, "version": version} for name, version in collected.young],
                "abandoned_writes": collected.abandoned_writes,
                "freed_bytes": collected.freed_bytes,
            }
        )
        return
    abandoned = f" and {collected.abandoned_writes} unfinished writes" if collected.abandoned_writes else ""
    output().print(f"removed {len(collected.removed)} versions{abandoned}, {collected.freed_bytes / 1e6:,.1f} MB, from {opened.root}", markup=False)
    for name, version in collected.in_use:
        output().print(f"left {name} {version}: it is being read", markup=False)
    if collected.young:
        output().print(
            f"left {len(collected.young)} versions that are younger than the grace period of an object store (docs/warehouse.md)", markup=False
        )
