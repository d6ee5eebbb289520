"""DuckDB, in the part of its Python interface that 1.5 and 2.0 share, with nothing that reaches for the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from resources.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VECTOR_ROWS = 2048
DATABASE = "version"
"""What the file of a version is attached as."""
FACTS = " facts"
"""After the alias of a version, that of the file with its own `run` table, where its rows are those of an older version."""
SCHEMAS = "arrow_schema"
"""The table of a version file that tells the Arrow schema of the others."""
STORAGE_VERSION = "v1.5.0"
"""Files that people's older DuckDB tools can open."""


def engine(threads: int | None = None, spill: Path | None = None) -> DuckDBPyConnection:
    """An in-memory DuckDB to attach files to. It writes to disk only under `spill`."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "temp_directory": str(spill) if spill else "",
        # a checkpoint is asked for once, at the end; in between it would only write twice
        "checkpoint_threshold": "1TB",
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    # For text of a kilobyte this takes a tenth of the time and half of the space of what DuckDB would choose
    connection.execute("SET force_compression = 'zstd'")
    return connection


def attach_new(connection: DuckDBPyConnection, file: Path, alias: str, row_group_rows: int) -> None:
    """Create `file`. Small blocks keep small tables small."""
    connection.execute(
        f"ATTACH {text(str(file))} AS {name(alias)} (STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE 16384, ROW_GROUP_SIZE {row_group_rows})"
    )


def attach_to_read(connection: DuckDBPyConnection, file: Path, alias: str) -> None:
    """Attach `file`, which nothing can change. Raises WarehouseError if it is damaged."""
    import duckdb

    try:
        connection.execute(f"ATTACH {text(str(file))} AS {name(alias)} (READ_ONLY)")
    except duckdb.Error as error:
        raise WarehouseError(
            f"{file}: the version cannot be opened ({str(error).splitlines()[0]}). Materialize the table again, or write the name of "
            f"another file of this folder (without .duckdb) to {file.parent.parent / 'CURRENT'}."
        ) from error


def name(identifier: str) -> str:
    """An SQL name, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """An SQL text, quoted."""
    return "'" + value.replace("'", "''") + "'"
