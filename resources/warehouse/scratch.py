"""A warehouse for one run that keeps nothing, in the folder for temporary files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.temporary_folder import temporary_folder
from resources.warehouse.warehouse import Warehouse

PREFIX = "dataflow-run-"


@contextmanager
def scratch_warehouse(folder: Path | None = None) -> Iterator[Warehouse]:
    """Gone when the context ends. What killed runs left behind in `folder` (the system's for temporary files) is removed first."""
    with temporary_folder(PREFIX, folder) as root:
        yield Warehouse(root)
