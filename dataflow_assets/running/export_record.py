"""Which files were written of which table: kept in the warehouse, so that lineage goes on where another pipeline reads the file."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resources.warehouse import Warehouse

NAME = "exports"
_MAY_NOT = (errno.EACCES, errno.EPERM, errno.EROFS)


def record(warehouse: Warehouse, pipeline: str, table: str, version: str | Mapping[str, str], paths: list[str]) -> None:
    """Note that the files were written of this version of `pipeline.table`. In a warehouse that may only be read, that is said and left out."""
    written = {str(Path(path).absolute()): {"table": table, "version": version} for path in paths}
    try:
        warehouse.change_note(pipeline, NAME, lambda known: known | written)
    except OSError as error:
        if error.errno not in _MAY_NOT:
            raise
        warnings.warn(f"the warehouse {warehouse.root} may only be read: lineage will not know of what files were written of it", stacklevel=2)


def exports_of(warehouse: Warehouse, pipeline: str) -> dict[str, dict[str, Any]]:
    """Absolute path -> {"table": stage, "version": ...}."""
    return warehouse.note(pipeline, NAME)


def written_files(warehouse: Warehouse) -> dict[str, str]:
    """Absolute path -> "pipeline.table", of all pipelines."""
    return {path: f"{pipeline}.{said['table']}" for pipeline, written in warehouse.notes(NAME).items() for path, said in written.items()}
