"""The warehouse: every stage's table in immutable versions, and a pointer to the current one. In a folder, or on an object store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from resources.warehouse import catalog
from resources.warehouse.addresses import place_of
from resources.warehouse.collected import Collected
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.gathered import GatheredStorage
from resources.warehouse.place import open_place
from resources.warehouse.storage import VersionStorage, WarehouseStorage
from resources.warehouse.table_run import TableRun
from resources.warehouse.version_store import REJECTED, PinnedVersion, VersionStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_KEEP = 5


class Warehouse:
    """Tables by pipeline and stage under `root`, a folder or an address such as s3://bucket/prefix.

    A folder is made when the first table is written. Any number of processes may read and write at once.
    """

    def __init__(self, root: str | os.PathLike[str], run: TableRun | None = None) -> None:
        """`run` makes tables here, and reads those that it made itself. Raises ValueError for an address that cannot be used."""
        self.root = place_of(root)
        self.run = run
        self._place = open_place(self.root)

    def __repr__(self) -> str:
        return f"Warehouse({str(self.root)!r})"

    def table(self, pipeline: str, stage: str, shard: str | None = None) -> WarehouseStorage:
        """The table of a stage or one shard of it, whether or not it was written yet. Raises ValueError for names that cannot name a table."""
        return WarehouseStorage(self._place.store(pipeline, stage, shard), self.run)

    def gathered(self, pipeline: str, stage: str, shards: Sequence[str] | None = None) -> GatheredStorage:
        """The current versions of `shards`, or of all that were written, as one table, each pinned. Raises TableNotFound, naming all that lack."""
        if shards is None:
            shards = [table.shard for table in self.tables() if (table.pipeline, table.stage) == (pipeline, stage) and table.shard is not None]
        found = self._place.pin_all([(self._place.store(pipeline, stage, shard), None) for shard in shards])
        pins: dict[str, PinnedVersion] = {}
        missing = []
        for shard, pin in zip(shards, found, strict=True):
            if isinstance(pin, TableNotFound):
                missing.append(shard)
            elif isinstance(pin, WarehouseError):
                raise pin
            else:
                pins[shard] = pin
        if missing or not pins:
            named = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
            lacking = f"{len(missing)} of {len(shards)} shards were never written: {named}. Materialize" if missing else "has no shards: materialize"
            raise TableNotFound(f"{pipeline}.{stage}: {lacking} them first.")
        if self.run is None or (pipeline, stage) not in self.run.makes:
            return GatheredStorage(f"{pipeline}.{stage}", pins)
        return self.gathered_at(pipeline, stage, {shard: self.table(pipeline, stage, shard).current().version for shard in pins})

    def gathered_at(self, pipeline: str, stage: str, versions: Mapping[str, str]) -> GatheredStorage:
        """These versions of shards (shard -> version) as one table, each pinned. Raises TableNotFound."""
        found = self._place.pin_all([(self._place.store(pipeline, stage, shard), version) for shard, version in versions.items()])
        pins: dict[str, PinnedVersion] = {}
        for shard, pin in zip(versions, found, strict=True):
            if isinstance(pin, WarehouseError):
                raise pin
            pins[shard] = pin
        return GatheredStorage(f"{pipeline}.{stage}", pins)

    def tables(self) -> list[WarehouseStorage]:
        """All tables that have a current version, by name; of those in shards, each shard."""
        return [WarehouseStorage(folder, self.run) for folder in self._written()]

    def connect(self) -> DuckDBPyConnection:
        """DuckDB with the tables that are current now as views `pipeline.stage`, `pipeline.stage__rejected` and `pipeline.stage__run`.

        Of a table in shards the views have the rows of all, and a last column `shard`.
        """
        return catalog.connect(self._place, self._written())

    def collect(self, keep: int = DEFAULT_KEEP) -> Collected:
        """Remove all but the last `keep` versions of each table, never one that is current or being read, and what killed writers left."""
        return self._place.collect(None, keep)

    def collect_table(self, pipeline: str, stage: str, shard: str | None = None, keep: int = DEFAULT_KEEP) -> Collected:
        """The same for one table, or one shard of one."""
        return self._place.collect([self._place.store(pipeline, stage, shard)], keep)

    def notes(self, name: str) -> dict[str, dict[str, Any]]:
        """Pipeline -> what was noted of it under this name."""
        return self._place.notes(name)

    def note(self, pipeline: str, name: str) -> dict[str, Any]:
        """Empty where nothing was noted."""
        return self._place.note(pipeline, name)

    def change_note(self, pipeline: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Replace a note at once. `change` may be called again where somebody else changed it meanwhile."""
        self._place.change_note(pipeline, name, change)

    def _written(self) -> list[VersionStore]:
        """A stage that was written both whole and in shards, because its pipeline was changed, is what was written last."""
        tables: dict[tuple[str, str], dict[bool, list[VersionStore]]] = {}
        for store in self._place.stores():
            tables.setdefault((store.pipeline, store.stage), {}).setdefault(store.shard is None, []).append(store)
        return [store for forms in tables.values() for store in (next(iter(forms.values())) if len(forms) == 1 else max(forms.values(), key=_latest))]


def _latest(stores: Sequence[VersionStore]) -> int:
    return max(store.published_at() or 0 for store in stores)


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
