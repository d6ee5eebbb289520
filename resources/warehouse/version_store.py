"""What the warehouse needs to know of the place where the versions of a table are: a local folder today.

A version is one file or many, on a disk or elsewhere: who reads one pins it and attaches it to DuckDB, and does not know its files.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class PinnedVersion(Protocol):
    """A version that is being read: as long as the pin is held, it is not collected. Given back when closed, forgotten, or its process ends."""

    @property
    def store(self) -> VersionStore: ...
    @property
    def version(self) -> str: ...

    def attach(self, connection: DuckDBPyConnection, alias: str) -> None:
        """Make the tables of the version readable as `alias.rows`, `alias.rejected`, `alias.arrow_schema`, and `run` of `facts_alias(alias)`.

        Raises:
            WarehouseError: it is damaged.
        """

    def facts_alias(self, alias: str) -> str:
        """Where `run` is: `alias` itself, unless the version has the rows of an older one and only its `run` table is new."""

    def damaged(self, table: str, error: Exception) -> Exception:
        """The error for a table of the version that DuckDB cannot read."""

    def close(self) -> None: ...


class VersionStore(Protocol):
    """The versions of one table, or of one shard of a table. `str` gives its name: "pipeline.stage" or "pipeline.stage[shard]"."""

    @property
    def pipeline(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def shard(self) -> str | None: ...

    def versions(self) -> list[str]:
        """Ids of all complete versions, oldest first."""

    def current(self) -> str:
        """Raises TableNotFound before the first version, WarehouseError for a pointer that points nowhere."""

    def published_at(self) -> int | None:
        """When the current version became so, in nanoseconds since 1970; None before the first."""

    def pin(self, version: str | None = None) -> PinnedVersion:
        """A version by id, or the current one. Raises TableNotFound, WarehouseError where it is missing."""

    def writing(self) -> AbstractContextManager[Path]:
        """A folder for a version under way, removed at the end. What killed writers left is removed first."""

    def publish(self, complete: Path) -> str:
        """Make a complete DuckDB file the current version, at once for all readers, and return its id. Ids sort by the time of publication."""

    def publish_same(self, version: str, facts: Path) -> str | None:
        """Make a version current that has the rows of an older one, and the `run` table of the DuckDB file `facts`. None where that cannot be."""

    def locked(self) -> AbstractContextManager[None]:
        """Alone in changing the store. Waits; held only for moments."""

    def remove_abandoned(self) -> int:
        """Remove what writers that are dead left under way, and count it. Call it inside `locked`."""

    def remove(self, version: str) -> int | None:
        """Remove a version; the bytes freed, None where it is pinned and stays. Call it inside `locked`."""

    def drop(self) -> None:
        """Take the table away, with its versions, but for those that are pinned."""

    def location(self) -> dict[str, Any]:
        """Where another process finds the store, as plain data: for `open_location`."""
