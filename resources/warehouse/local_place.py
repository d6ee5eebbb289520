"""A warehouse in a folder of this machine."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from resources.warehouse import collection
from resources.warehouse.collected import Collected
from resources.warehouse.errors import CHOOSE, WarehouseError
from resources.warehouse.table_folder import TableFolder, folders_in
from resources.warehouse.version_store import PinnedVersion, VersionStore


class LocalPlace:
    """A `Place`: PIPELINE/STAGE/ as in table_folder, and notes as PIPELINE/NAME.json."""

    def __init__(self, root: Path) -> None:
        """Raises WarehouseError where the root is no folder, cannot be read, or has a path that DuckDB does not take."""
        try:
            there = root.exists()
        except PermissionError:  # a folder above it
            raise WarehouseError(f"{root} cannot be read: permission denied. {CHOOSE}") from None
        if there and not root.is_dir():
            raise WarehouseError(f"{root} is a file, and a warehouse is a folder. {CHOOSE}")
        if there and not os.access(root, os.R_OK | os.X_OK):
            raise WarehouseError(f"{root} cannot be read: permission denied. {CHOOSE}")
        if "?" in str(root.absolute()):
            raise WarehouseError(f"{root.absolute()}: a warehouse cannot be in a folder with a question mark: DuckDB ends the path there. {CHOOSE}")
        self._root = root

    def store(self, pipeline: str, stage: str, shard: str | None) -> TableFolder:
        return TableFolder(self._root, pipeline, stage, shard)

    def stores(self) -> list[TableFolder]:
        return [folder for folder in folders_in(self._root) if folder.published_at() is not None]

    def pin_all(self, wanted: Sequence[tuple[VersionStore, str | None]]) -> list[PinnedVersion | WarehouseError]:
        return [_pin(store, version) for store, version in wanted]

    def collect(self, stores: Sequence[VersionStore] | None, keep: int) -> Collected:
        chosen = folders_in(self._root) if stores is None else [self.store(one.pipeline, one.stage, one.shard) for one in stores]
        return collection.collect(chosen, keep)

    def notes(self, name: str) -> dict[str, dict[str, Any]]:
        return {file.parent.name: self.note(file.parent.name, name) for file in sorted(self._root.glob(f"*/{name}.json"))}

    def note(self, pipeline: str, name: str) -> dict[str, Any]:
        file = self._root / pipeline / f"{name}.json"
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        except (OSError, ValueError) as error:
            raise WarehouseError(f"{file}: cannot be read ({error}). Remove it: it holds notes, and no rows.") from error
        return found

    def change_note(self, pipeline: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        changed = change(self.note(pipeline, name))
        file = self._root / pipeline / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
        unfinished.write_text(json.dumps(changed, indent=1, sort_keys=True), encoding="utf-8")
        unfinished.replace(file)


def _pin(store: VersionStore, version: str | None) -> PinnedVersion | WarehouseError:
    try:
        return store.pin(version)
    except WarehouseError as error:
        return error
