"""All current tables in one DuckDB connection, as `pipeline.stage`."""

from __future__ import annotations

import os
import tempfile
import warnings
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from resources.warehouse.duckdb_files import attach_to_read, engine, name
from resources.warehouse.errors import WarehouseError
from resources.warehouse.lease import Lease
from resources.warehouse.table_folder import TableFolder
from resources.warehouse.writer import REJECTED, ROWS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(folders: Iterable[TableFolder]) -> DuckDBPyConnection:
    """Views `pipeline.stage`, `pipeline.stage__rejected` where rows were set aside, and `pipeline.stage__run` on the versions current now.

    A damaged table is left out with a warning.

    The files are attached read-only, so that no run is disturbed; the connection itself is in memory, and takes temporary tables.
    """
    connection = engine(spill=Path(tempfile.gettempdir()) / f"dataflow-sql-{os.getpid()}")
    # the versions are kept from collection as long as the connection lives
    leases: list[Lease] = []
    weakref.finalize(connection, _release, leases)
    for folder in folders:
        try:
            leases.append(Lease.on_current(folder))
            _add_views(connection, leases[-1])
        except WarehouseError as error:
            warnings.warn(f"{folder} is left out: {error}", stacklevel=3)
    return connection


def _add_views(connection: DuckDBPyConnection, lease: Lease) -> None:
    pipeline, stage = lease.folder.pipeline, lease.folder.stage
    alias = f"{pipeline}__{stage}"
    attach_to_read(connection, lease.file, alias)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name(pipeline)}")
    tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [alias]).fetchall()
    for suffix, table in {"": ROWS, "__rejected": REJECTED, "__run": "run"}.items():
        if (table,) in tables:
            connection.execute(f"CREATE VIEW {name(pipeline)}.{name(stage + suffix)} AS SELECT * FROM {name(alias)}.{name(table)}")


def _release(leases: Iterable[Lease]) -> None:
    for lease in leases:
        lease.close()
