"""The warehouse: every stage's table, each version in a DuckDB file of its own, and a pointer to the current one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from resources.warehouse import catalog, collection
from resources.warehouse.collection import Collected
from resources.warehouse.storage import WarehouseStorage
from resources.warehouse.table_folder import TableFolder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_KEEP = 5


def warehouse_root() -> str:
    """The folder of the tables: the environment variable DATAFLOW_WAREHOUSE, or warehouse/."""
    return os.environ.get("DATAFLOW_WAREHOUSE") or "warehouse"


class Warehouse:
    """Tables by pipeline and stage under `root`, which is made when the first is written. Any number of processes may read and write at once."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"Warehouse({str(self.root)!r})"

    def table(self, pipeline: str, stage: str) -> WarehouseStorage:
        """The table of a stage, whether or not it was written yet. Raises ValueError for names that cannot name a table."""
        return WarehouseStorage(TableFolder(self.root, pipeline, stage))

    def tables(self) -> list[WarehouseStorage]:
        """All tables that have a current version, by name."""
        return [WarehouseStorage(folder) for folder in self._written()]

    def connect(self) -> DuckDBPyConnection:
        """DuckDB with the tables that are current now as views `pipeline.stage`, `pipeline.stage__rejected` and `pipeline.stage__run`."""
        return catalog.connect(self._written())

    def collect(self, keep: int = DEFAULT_KEEP) -> Collected:
        """Remove all but the last `keep` versions of each table, never one that is current or being read, and what killed writers left."""
        return collection.collect(collection.folders_in(self.root), keep)

    def _written(self) -> list[TableFolder]:
        return [folder for folder in collection.folders_in(self.root) if folder.pointer.exists()]
