"""What the warehouse needs to know of the place where tables are: a folder of this machine, or a bucket of an object store.

A version is one file or many, on a disk or elsewhere: who reads one pins it, and does not know its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pyarrow as pa

from resources.warehouse.collected import Collected
from resources.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS, REJECTED = "rows", "rejected"
"""The tables of a version."""


class Stored(NamedTuple):
    """A table of a version: its Arrow schema, rows, and bytes as Arrow."""

    schema: pa.Schema
    rows: int
    bytes: int


class VersionReader(Protocol):
    """An opened version."""

    def table(self, name: str) -> Stored | None:
        """None where the version has no table of that name."""

    def batches(self, name: str, places: Sequence[int], rows: range, size: int) -> Iterator[pa.RecordBatch]:
        """These rows of the columns at these places, as they are stored (see arrow_types), at most `size` rows at a time.

        Raises:
            WarehouseError: it is damaged, or cannot be reached.
        """

    def run_facts(self) -> dict[str, Any]:
        """What is known of the run that made the version; see run_facts."""

    def close(self) -> None: ...


class PinnedVersion(Protocol):
    """A version that is being read: as long as the pin is held, it is not collected. Given back when closed, forgotten, or its process ends."""

    @property
    def store(self) -> VersionStore: ...
    @property
    def version(self) -> str: ...

    def reader(self) -> VersionReader:
        """Raises WarehouseError where the version is damaged."""

    def attach(self, connection: DuckDBPyConnection, alias: str) -> None:
        """Make the tables of the version readable as `alias.rows`, `alias.rejected`, and `run` of `facts_alias(alias)`.

        Raises:
            WarehouseError: it is damaged.
        """

    def facts_alias(self, alias: str) -> str:
        """Where `run` is: `alias` itself, unless the version has the rows of an older one and only its `run` table is new."""

    def close(self) -> None: ...


class TableSink(Protocol):
    """A table of a version under way."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Rows of the stored types."""

    def close(self) -> None:
        """All rows were given."""


class Draft(Protocol):
    """A version under way, which nobody sees."""

    @property
    def work(self) -> Path:
        """A folder of this machine for files on the way to the version; it is removed with all that is in it."""

    def table(self, name: str, kept: pa.Schema, stored: pa.Schema) -> TableSink:
        """Begin a table: the schema that readers are given, and that of the rows as they are stored."""

    def publish(self, run: Mapping[str, Any]) -> str:
        """Make the version current, at once for all readers, and return its id. Ids sort by the time of publication.

        `run` is the row of the table `run` (see run_facts). All tables are closed.
        """

    def publish_same(self, pin: PinnedVersion, run: Mapping[str, Any]) -> str | None:
        """Make a version current that has the rows of the pinned one, and a `run` table of its own. None where that cannot be."""


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

    def draft(self) -> AbstractContextManager[Draft]:
        """A version under way; what it left behind is removed at the end."""

    def drop(self) -> None:
        """Take the table away, with its versions, but for those that are pinned."""

    def location(self) -> dict[str, Any]:
        """Where another process finds the store, as plain data: for `open_location`."""


class Place(Protocol):
    """Where the tables of a warehouse are."""

    def store(self, pipeline: str, stage: str, shard: str | None) -> VersionStore:
        """Whether or not it was written. Raises ValueError for names that cannot name a table."""

    def stores(self) -> Sequence[VersionStore]:
        """All that have a current version, by name; of tables in shards, each shard."""

    def pin_all(self, wanted: Sequence[tuple[VersionStore, str | None]]) -> list[PinnedVersion | WarehouseError]:
        """A pin of each store at a version (None: the current one), or why there is none, in the order given."""

    def collect(self, stores: Sequence[VersionStore] | None, keep: int) -> Collected:
        """Remove old versions that nobody reads, and what killed writers left, of these stores or of all."""

    def notes(self, name: str) -> dict[str, dict[str, Any]]:
        """Pipeline -> what was noted of it under this name. Pipelines without such a note are left out."""

    def note(self, pipeline: str, name: str) -> dict[str, Any]:
        """Empty where nothing was noted."""

    def change_note(self, pipeline: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Replace a note at once for all readers. `change` may be called again where somebody else changed it meanwhile."""
