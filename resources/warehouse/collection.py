"""Garbage collection: old versions that nobody reads, and what killed writers left."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.lease import remove_if_unused
from resources.warehouse.table_folder import TableFolder


@dataclass
class Collected:
    """What was removed and what was left because somebody reads it, as (table, version); bytes freed."""

    removed: list[tuple[str, str]] = field(default_factory=list)
    in_use: list[tuple[str, str]] = field(default_factory=list)
    abandoned_writes: int = 0
    freed_bytes: int = 0


def collect(folders: Iterable[TableFolder], keep: int) -> Collected:
    """Remove all but the last `keep` versions of each table; never the current one, never one under a lease."""
    if keep < 1:
        raise ValueError(f"keep={keep}: at least the current version of a table is kept; to drop a table, delete its folder.")
    collected = Collected()
    for folder in folders:
        with folder.locked():
            for left in folder.remove_abandoned():
                collected.abandoned_writes += 1
                shutil.rmtree(left, ignore_errors=True)
            _collect_versions(folder, keep, collected)
    return collected


def _collect_versions(folder: TableFolder, keep: int, collected: Collected) -> None:
    try:
        current = folder.current()
    except TableNotFound:
        return  # nothing was published: nothing is old
    except WarehouseError as error:
        warnings.warn(f"{folder}: no version was removed, since which is current is not known: {error}", stacklevel=3)
        return
    for version in folder.versions()[:-keep]:
        if version == current:
            continue
        file = folder.version_file(version)
        size = file.stat().st_size
        if remove_if_unused(file):
            collected.removed.append((str(folder), version))
            collected.freed_bytes += size
        else:
            collected.in_use.append((str(folder), version))
