"""Which files were written of which table: kept in the warehouse, so that lineage goes on where another pipeline reads the file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from resources.warehouse import Warehouse

NAME = "exports.json"


def record(warehouse: Warehouse, pipeline: str, table: str, version: str | Mapping[str, str], paths: list[str]) -> None:
    """Note that the files were written of this version of `pipeline.table`."""
    file = warehouse.root / pipeline / NAME
    known = exports_of(warehouse, pipeline)
    known |= {str(Path(path).absolute()): {"table": table, "version": version} for path in paths}
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{NAME}-{secrets.token_hex(4)}")
    unfinished.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    unfinished.replace(file)


def exports_of(warehouse: Warehouse, pipeline: str) -> dict[str, dict[str, object]]:
    """Absolute path -> {"table": stage, "version": ...}."""
    file = warehouse.root / pipeline / NAME
    found: dict[str, dict[str, object]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def written_files(warehouse: Warehouse) -> dict[str, str]:
    """Absolute path -> "pipeline.table", of all pipelines."""
    pipelines = [file.parent.name for file in sorted(warehouse.root.glob(f"*/{NAME}"))]
    return {path: f"{pipeline}.{said['table']}" for pipeline in pipelines for path, said in exports_of(warehouse, pipeline).items()}
