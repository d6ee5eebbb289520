"""dataflow sql: the tables of all stages in one DuckDB, read-only, while runs go on."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail

EXAMPLES = examples(
    "dataflow sql    (opens a shell)",
    "dataflow sql 'select text, educational_value from web_text.rate order by 2 desc limit 10'",
    "dataflow sql 'select rejected_by, count(*) from web_text.quality__rejected group by all order by 2 desc'",
    "dataflow sql 'from web_text.worthwhile' --json > kept.json",
)


def sql(
    query: Annotated[str | None, typer.Argument(help="One or more statements, of which the last is shown; without it a shell opens.")] = None,
    json: Annotated[bool, typer.Option("--json", help="All rows as a JSON array of objects.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="All rows as CSV.")] = False,
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
) -> None:
    """Query the tables with SQL, or open a shell.

    Each stage is a table PIPELINE.STAGE, what it set aside PIPELINE.STAGE__rejected, its run PIPELINE.STAGE__run. Reading disturbs no run.
    Of a pipeline in shards, each has the rows of all shards, and a last column `shard`.
    """
    import duckdb

    from dataflow_assets.cli.query_result import print_csv, print_json_rows, print_table
    from dataflow_assets.cli.sql_shell import shell
    from dataflow_assets.cli.stored_stages import open_warehouse
    from resources.warehouse import WarehouseError
    from resources.warehouse.reading_only import run_reading

    if json and csv:
        raise typer.BadParameter("--json or --csv, not both")
    opened = open_warehouse(warehouse)
    with closing(opened.connect()) as connection:
        if query is None:
            shell(connection)
            return
        try:
            run_reading(connection, query)
            if connection.description:
                (print_json_rows if json else print_csv if csv else print_table)(connection)
        except (duckdb.Error, WarehouseError) as error:
            nothing = isinstance(error, duckdb.CatalogException) and not opened.tables()
            raise fail(
                f"{error}\n{opened.root} has no tables: is it the right place? --warehouse names another." if nothing else str(error)
            ) from None
