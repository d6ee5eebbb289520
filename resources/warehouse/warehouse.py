"""The warehouse: every stage's table, each version in a DuckDB file of its own, and a pointer to the current one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.warehouse import catalog, collection
from resources.warehouse.collection import Collected
from resources.warehouse.errors import TableNotFound
from resources.warehouse.gathered import GatheredStorage
from resources.warehouse.storage import VersionStorage, WarehouseStorage
from resources.warehouse.table_folder import TableFolder, folders_in
from resources.warehouse.version_store import PinnedVersion, VersionStore
from resources.warehouse.writer import REJECTED

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

    def table(self, pipeline: str, stage: str, shard: str | None = None) -> WarehouseStorage:
        """The table of a stage or one shard of it, whether or not it was written yet. Raises ValueError for names that cannot name a table."""
        return WarehouseStorage(self._store(pipeline, stage, shard))

    def gathered(self, pipeline: str, stage: str, shards: Sequence[str] | None = None) -> GatheredStorage:
        """The current versions of `shards`, or of all that were written, as one table, each pinned. Raises TableNotFound, naming all that lack."""
        if shards is None:
            shards = [table.shard for table in self.tables() if (table.pipeline, table.stage) == (pipeline, stage) and table.shard is not None]
        pins: dict[str, PinnedVersion] = {}
        missing = []
        for shard in shards:
            try:
                pins[shard] = self._store(pipeline, stage, shard).pin()
            except TableNotFound:
                missing.append(shard)
        if missing or not pins:
            named = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
            lacking = f"{len(missing)} of {len(shards)} shards were never written: {named}. Materialize" if missing else "has no shards: materialize"
            raise TableNotFound(f"{pipeline}.{stage}: {lacking} them first.")
        return GatheredStorage(f"{pipeline}.{stage}", pins)

    def gathered_at(self, pipeline: str, stage: str, versions: Mapping[str, str]) -> GatheredStorage:
        """These versions of shards (shard -> version) as one table, each pinned. Raises TableNotFound."""
        pins = {shard: self._store(pipeline, stage, shard).pin(version) for shard, version in versions.items()}
        return GatheredStorage(f"{pipeline}.{stage}", pins)

    def tables(self) -> list[WarehouseStorage]:
        """All tables that have a current version, by name; of those in shards, each shard."""
        return [WarehouseStorage(folder) for folder in self._written()]

    def connect(self) -> DuckDBPyConnection:
        """DuckDB with the tables that are current now as views `pipeline.stage`, `pipeline.stage__rejected` and `pipeline.stage__run`.

        Of a table in shards the views have the rows of all, and a last column `shard`.
        """
        return catalog.connect(self._written())

    def collect(self, keep: int = DEFAULT_KEEP) -> Collected:
        """Remove all but the last `keep` versions of each table, never one that is current or being read, and what killed writers left."""
        return collection.collect(folders_in(self.root), keep)

    def collect_table(self, pipeline: str, stage: str, shard: str | None = None, keep: int = DEFAULT_KEEP) -> Collected:
        """The same for one table, or one shard of one."""
        return collection.collect([self._store(pipeline, stage, shard)], keep)

    def _store(self, pipeline: str, stage: str, shard: str | None) -> VersionStore:
        return TableFolder(self.root, pipeline, stage, shard)

    def _written(self) -> list[VersionStore]:
        """A stage that was written both whole and in shards, because its pipeline was changed, is what was written last."""
        forms: dict[tuple[str, str], dict[bool, list[tuple[int, VersionStore]]]] = {}
        for folder in folders_in(self.root):
            written = folder.published_at()
            if written is None:
                continue
            forms.setdefault((folder.pipeline, folder.stage), {}).setdefault(folder.shard is None, []).append((written, folder))
        latest = [max(form.values(), key=lambda folders: max(written for written, _ in folders)) for form in forms.values()]
        return [folder for folders in latest for _, folder in folders]


def open_location(location: Mapping[str, Any]) -> VersionStorage | GatheredStorage:
    """The version, or versions of shards, of which `Storage.location` told; pinned. Raises TableNotFound where one was collected meanwhile."""
    warehouse, pipeline, stage = Warehouse(location["root"]), location["pipeline"], location["stage"]
    versions = location["versions"]
    found: VersionStorage | GatheredStorage
    if isinstance(versions, str):
        found = warehouse.table(pipeline, stage, location["shard"]).at(versions)
    else:
        found = warehouse.gathered_at(pipeline, stage, versions)
    return found.rejected() if location["table"] == REJECTED else found
