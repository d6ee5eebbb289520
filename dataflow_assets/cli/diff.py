"""dataflow diff: what a new version of a table changed, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json
from dataflow_assets.cli.query_result import shortened

if TYPE_CHECKING:
    from dataflow_assets.running.comparison import Comparison
    from resources.warehouse import VersionStorage, WarehouseStorage

EXAMPLES = examples(
    "dataflow diff web_text.worthwhile",
    "dataflow diff web_text.clean --from 20261125-214334-550524-8944a3e3 --examples 10",
    "dataflow diff web_text.rate --json",
)


def diff(
    table: Annotated[str, typer.Argument(metavar="PIPELINE.STAGE", help="The table of a stage.")],
    from_: Annotated[str, typer.Option("--from", help="An older version, or the beginning of its id; the one before `--to` by default.")] = "",
    to: Annotated[str, typer.Option("--to", help="A newer version, or the beginning of its id; the current one by default.")] = "",
    shard: Annotated[str | None, typer.Option(help="The shard, where the table comes in shards.")] = None,
    examples_: Annotated[int, typer.Option("--examples", min=0, help="How many rows of each kind are shown.")] = 3,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Compare two versions of a table: rows added, removed and changed, with examples, and why: input, code, parameter, prompt or model."""
    from dataflow_assets.cli.stored_stages import open_warehouse
    from dataflow_assets.running.comparison import compare

    pipeline, _, stage = table.partition(".")
    if not stage:
        raise typer.BadParameter(f'a table is named PIPELINE.STAGE, such as web_text.rate; "{table}" has no stage')
    opened = open_warehouse(warehouse)
    stored = opened.table(pipeline, stage, shard)
    if shard is None and (
        shards := [one.shard for one in opened.tables() if (one.pipeline, one.stage) == (pipeline, stage) and one.shard is not None]
    ):
        raise fail(f"{table} comes in shards, each with versions of its own: say which with --shard. It has {', '.join(shards[:10])}.")
    newer = _version(stored, to) if to else stored.current()
    older = _version(stored, from_) if from_ else newer.before()
    if older is None:
        raise fail(f"{newer}: there is no older version to compare with. Versions: {', '.join(stored.versions())}.")
    found = compare(older, newer, examples_)
    if json:
        print_json({"table": table, **asdict(found)})
        return
    _print(table, found)


def _version(stored: WarehouseStorage, beginning: str) -> VersionStorage:
    ids = [version for version in stored.versions() if version.startswith(beginning)]
    if len(ids) > 1:
        raise fail(f"{len(ids)} versions begin with {beginning}: {', '.join(ids[:5])}. Give more characters.")
    return stored.at(ids[0] if ids else beginning)


def _print(table: str, found: Comparison) -> None:
    console = output()
    console.print(f"{table}: {found.headline()}", style="bold", markup=False)
    console.print(f"from {found.old} ({found.rows_before:,} rows) to {found.new} ({found.rows_after:,} rows)", style="dim", markup=False)
    for cause in found.causes:
        console.print(f"  because of {cause}", markup=False)
    styles = {"added": "green", "removed": "red", "changed": "yellow"}
    for what, row in found.examples:
        console.print(f"\n{what} {row['row_id']}", style=styles[what], markup=False)
        for name, value in row.items():
            if name != "row_id":
                console.print(f"    {name}: {_told(what, value)}", markup=False)


def _told(what: str, value: Any) -> str:
    if what == "changed":
        from dataflow_assets.cli.trace import around_the_change

        old, new = around_the_change(*value)
        return f"{old}  →  {new}"
    return str(shortened(value))
