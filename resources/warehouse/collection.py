"""Garbage collection in a folder: old versions that nobody reads, and what killed writers left."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from resources.warehouse.collected import Collected, check_keep
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.table_folder import TableFolder


def collect(stores: Iterable[TableFolder], keep: int) -> Collected:
    """Remove all but the last `keep` versions of each table; never the current one, never one under a lease."""
    check_keep(keep)
    collected = Collected()
    for store in stores:
        with store.locked():
            collected.abandoned_writes += store.remove_abandoned()
            _collect_versions(store, keep, collected)
    return collected


def _collect_versions(store: TableFolder, keep: int, collected: Collected) -> None:
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
