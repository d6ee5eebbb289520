"""What somebody may ask of the tables in SQL: to read them, and to make temporary tables beside them. Nothing else is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from resources.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READ = frozenset({"SELECT", "EXPLAIN", "RELATION", "LOGICAL_PLAN"})
_IN_MEMORY = frozenset({"CREATE", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE_FUNC", "MERGE_INTO", "TRANSACTION"})
"""The tables of the warehouse are attached read-only: these reach nothing but the connection's own memory."""
_EXPLAIN = re.compile(r"\s*EXPLAIN\b\s*(?:ANALYZE\b\s*)?(?:\([^)]*\)\s*)?", re.IGNORECASE)


def lock_down(connection: DuckDBPyConnection) -> None:
    """From here on the connection opens no file, attaches nothing, installs nothing, and none of this can be switched on again."""
    connection.execute("SET allow_community_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def run_reading(connection: DuckDBPyConnection, query: str) -> None:
    """Execute statements of which each only reads, or changes temporary tables. None of them is run where one may not be.

    Raises:
        WarehouseError: one of them writes files, attaches databases, changes settings or loads extensions.
        duckdb.Error: as DuckDB says.
    """
    for statement in connection.extract_statements(query):
        kind = statement.type.name
        if kind == "EXPLAIN":  # EXPLAIN ANALYZE runs what it explains
            explained = connection.extract_statements(_EXPLAIN.sub("", statement.query, count=1))
            kind = next((inner.type.name for inner in explained if inner.type.name not in _READ), kind)
        if kind not in _READ | _IN_MEMORY:
            raise WarehouseError(
                f"{kind} is not run here: the tables can be read, and temporary tables made beside them. "
                "To write files use `dataflow sql --json` or --csv, `dataflow run --output`, or `export` of a deployment."
            )
    connection.execute(query)
