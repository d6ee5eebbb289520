"""A stage's table to a file, as `output=` of a run writes one."""

from __future__ import annotations

from pathlib import Path

from operators.core.targets import FileOfExtension, as_target
from operators.tables.storage import Storage


def write_export(table: Storage, path: str | Path) -> None:
    """Write all rows of a table; the file is replaced when it is complete.

    Raises:
        ParameterError: no format has the ending of the file's name, or the extension that brings the format failed.
    """
    target = as_target(path)
    if isinstance(target, FileOfExtension):
        target.write_table(table)
    elif target is not None:
        with target.writer(table.schema) as writer:
            for rows in table.batches():
                writer.write(rows)
