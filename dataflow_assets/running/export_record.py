"""Which files were written of which table: kept in the warehouse, so that lineage goes on where another pipeline reads the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resources.warehouse import Warehouse

NAME = "exports"


def record(warehouse: Warehouse, pipeline: str, table: str, version: str | Mapping[str, str], paths: list[str]) -> None:
    """Note that the files were written of this version of `pipeline.table`."""
    written = {str(Path(path).absolute()): {"table": table, "version": version} for path in paths}
    warehouse.change_note(pipeline, NAME, lambda known: known | written)


def exports_of(warehouse: Warehouse, pipeline: str) -> dict[str, dict[str, Any]]:
    """Absolute path -> {"table": stage, "version": ...}."""
    return warehouse.note(pipeline, NAME)


def written_files(warehouse: Warehouse) -> dict[str, str]:
    """Absolute path -> "pipeline.table", of all pipelines."""
    return {path: f"{pipeline}.{said['table']}" for pipeline, written in warehouse.notes(NAME).items() for path, said in written.items()}
