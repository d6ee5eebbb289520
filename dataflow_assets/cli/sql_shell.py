"""The interactive shell of `dataflow sql`: statements end with a semicolon, what was typed is remembered."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow_assets.cli.console import explain, output
from dataflow_assets.cli.query_result import print_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROMPT, CONTINUED = "dataflow> ", "     ...> "
TABLES = """
    select schema_name as pipeline, view_name as "table" from duckdb_views() where database_name = 'memory' and not internal
    union all select schema_name, table_name from duckdb_tables() where database_name in ('memory', 'temp')
    order by all
"""
HELP = """End a statement with ;   .tables lists the tables   .quit or Ctrl-D leaves   Ctrl-C drops what was typed, or stops a running query"""


def shell(connection: DuckDBPyConnection) -> None:
    """Read statements until the end of input. A mistake is said and the shell goes on."""
    import duckdb

    from resources.warehouse import WarehouseError
    from resources.warehouse.reading_only import run_reading

    _remember_lines()
    if sys.stdin.isatty():
        output().print(HELP, style="dim")
    while (statement := _read_statement()) is not None:
        try:
            run_reading(connection, TABLES if statement == ".tables" else statement)
            if connection.description:
                print_table(connection)
        except (duckdb.Error, WarehouseError) as error:
            explain(str(error))
        except KeyboardInterrupt:
            connection.interrupt()
            explain("stopped")


def _read_statement() -> str | None:
    """Lines up to a semicolon, or a word that starts with a dot; None at the end of input."""
    lines: list[str] = []
    while True:
        try:
            line = input((CONTINUED if lines else PROMPT) if sys.stdin.isatty() else "")
        except EOFError:
            return "\n".join(lines) if "".join(lines).strip() else None
        except KeyboardInterrupt:
            print()
            lines = []
            continue
        if not lines and line.strip() in (".quit", ".exit"):
            return None
        if not lines and line.strip() == ".tables":
            return ".tables"
        if not lines and line.strip().startswith("."):
            output().print(HELP, style="dim")
        elif line.strip() or lines:
            lines.append(line)
            if line.rstrip().endswith(";"):
                return "\n".join(lines)


def _remember_lines() -> None:
    """History and line editing, where this Python has readline and somebody types."""
    if not sys.stdin.isatty():
        return
    try:
        import readline
    except ImportError:
        return
    import atexit

    history = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "dataflow" / "sql_history"
    history.parent.mkdir(parents=True, exist_ok=True)
    if history.exists():
        readline.read_history_file(history)
    readline.set_history_length(1000)
    atexit.register(readline.write_history_file, history)
