"""dataflow lineage: where a column comes from and where it goes to, over all pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json

if TYPE_CHECKING:
    from dataflow_assets.running.column_graph import ColumnGraph

EXAMPLES = examples("dataflow lineage web_text.rate.educational_value", "dataflow lineage web_text.documents.text --json")


def lineage(
    column: Annotated[str, typer.Argument(metavar="PIPELINE.STAGE.COLUMN", help="A column of the table of a stage or source.")],
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show from which columns a column was made, back to the source, and which were made of it, over pipelines that read each other's files."""
    from dataflow_assets.cli.stored_stages import open_warehouse
    from dataflow_assets.running.column_graph import ColumnGraph
    from operators.tables.errors import closest

    pipeline, _, rest = column.partition(".")
    stage, _, name = rest.partition(".")
    if not name:
        raise typer.BadParameter(f'a column is named PIPELINE.STAGE.COLUMN, such as web_text.rate.educational_value, not "{column}"')
    opened = open_warehouse(warehouse)
    graph = ColumnGraph.of(opened)
    if column not in graph.columns:
        tables = sorted({known.rpartition(".")[0] for known in graph.columns})
        if f"{pipeline}.{stage}" not in tables:
            listed = f"Tables there: {', '.join(tables)}." if tables else "It has no tables: is it the right place? --warehouse names another."
            raise fail(f"{opened.root} has no table {pipeline}.{stage}. {closest(f'{pipeline}.{stage}', tables)} {listed}".replace("  ", " "))
        known = [known for known in graph.columns if known.startswith(f"{pipeline}.{stage}.")]
        raise fail(f"there is no column {column}. {closest(column, known)} Columns of it: {', '.join(known[:20])}.")
    if json:
        print_json({"column": column, "from": graph.from_of(column), "to": graph.to_of(column)})
        return
    _print(graph, column)


def _print(graph: ColumnGraph, column: str) -> None:
    console = output()
    console.print(Text.assemble((column, "bold"), "  ", (graph.columns[column], "dim")))
    for title, found in (("comes from", graph.from_of(column)), ("goes to", graph.to_of(column))):
        console.print(title if found else f"{title}: nothing", style="dim")
        for depth, other in found:
            console.print(Text.assemble("  " * depth, other, "  ", (graph.columns[other], "dim")))
