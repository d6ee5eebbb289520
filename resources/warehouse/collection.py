"""Garbage collection: old versions that nobody reads, and what killed writers left."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.version_store import VersionStore


@dataclass
class Collected:
    """What was removed and what was left because somebody reads it, as (table, version); bytes freed."""

    removed: list[tuple[str, str]] = field(default_factory=list)
    in_use: list[tuple[str, str]] = field(default_factory=list)
    abandoned_writes: int = 0
    freed_bytes: int = 0


def collect(stores: Iterable[VersionStore], keep: int) -> Collected:
    """Remove all but the last `keep` versions of each table; never the current one, never one under a lease."""
    if keep < 1:
        raise ValueError(f"keep={keep}: at least the current version of a table is kept; to drop a table, delete its folder.")
    collected = Collected()
    for store in stores:
        with store.locked():
            collected.abandoned_writes += store.remove_abandoned()
            _collect_versions(store, keep, collected)
    return collected


def _collect_versions(store: VersionStore, keep: int, collected: Collected) -> None:
    try:
        current = store.current()
    except TableNotFound:
        return  # nothing was published: nothing is old
    except WarehouseError as error:
        warnings.warn(f"{store}: no version was removed, since which is current is not known: {error}", stacklevel=3)
        return
    for version in store.versions()[:-keep]:
        if version == current:
            continue
        freed = store.remove(version)
        if freed is None:
            collected.in_use.append((str(store), version))
        else:
            collected.removed.append((str(store), version))
            collected.freed_bytes += freed
