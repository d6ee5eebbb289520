"""The place that a folder or an address means."""

from __future__ import annotations

from pathlib import Path

from resources.warehouse.local_place import LocalPlace
from resources.warehouse.version_store import Place


def open_place(root: Path | str) -> Place:
    """Nothing is read or written yet. Raises WarehouseError where the package for object stores is missing."""
    if isinstance(root, Path):
        return LocalPlace(root)
    from resources.warehouse.objects.place import open_object_place

    return open_object_place(root)
