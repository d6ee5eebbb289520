"""All current tables in one DuckDB connection, as `pipeline.stage`."""

from __future__ import annotations

import itertools
import os
import resource
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from resources.warehouse.arrow_types import unlike_names
from resources.warehouse.duckdb_files import engine, name, text
from resources.warehouse.errors import WarehouseError
from resources.warehouse.reading_only import lock_down
from resources.warehouse.version_store import REJECTED, ROWS, PinnedVersion, Place, VersionStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHARD = "shard"
"""The column that says of which shard a row is."""
RUN = "run"
OPEN_FILES_A_TABLE = 4
OTHER_OPEN_FILES = 200


def connect(place: Place, stores: Sequence[VersionStore]) -> DuckDBPyConnection:
    """Views `pipeline.stage`, `pipeline.stage__rejected` where rows were set aside, and `pipeline.stage__run` on the versions current now.

    Shards of a table are in one view, with a last column `shard`. A damaged table or shard is left out with a warning.

    The files are attached read-only, so that no run is disturbed; the connection itself is in memory, and takes temporary tables. It opens no other
    file and reaches no network of its own; statements of other people go through `reading_only.run_reading`.
    """
    connection = engine(spill=Path(tempfile.gettempdir()) / f"dataflow-sql-{os.getpid()}")
    # the versions are kept from collection as long as the connection lives
    leases: list[PinnedVersion] = []
    weakref.finalize(connection, _release, leases)
    _allow_open_files(OPEN_FILES_A_TABLE * len(stores) + OTHER_OPEN_FILES)
    attached: dict[VersionStore, str] = {}
    for store, pin in zip(stores, place.pin_all([(store, None) for store in stores]), strict=True):
        try:
            if isinstance(pin, WarehouseError):
                raise pin
            leases.append(pin)
            pin.attach(connection, _alias(store))
            attached[store] = pin.facts_alias(_alias(store))
        except WarehouseError as error:
            warnings.warn(f"{store} is left out: {error}", stacklevel=3)
    columns = _columns(connection)
    for (pipeline, stage), parts in itertools.groupby(attached, key=lambda store: (store.pipeline, store.stage)):
        _add_views(connection, name(pipeline), stage, {part: attached[part] for part in parts}, columns)
    lock_down(connection)
    return connection


def _alias(store: VersionStore) -> str:
    return f"{store.pipeline}__{store.stage}{'' if store.shard is None else f'[{store.shard}]'}"


def _columns(connection: DuckDBPyConnection) -> dict[str, dict[str, list[str]]]:
    """Database -> table -> its columns."""
    columns: dict[str, dict[str, list[str]]] = {}
    query = "SELECT database_name, table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() GROUP BY ALL"
    for database, table, names in connection.execute(query).fetchall():
        columns.setdefault(database, {})[table] = names
    return columns


def _add_views(
    connection: DuckDBPyConnection, schema: str, stage: str, parts: Mapping[VersionStore, str], columns: Mapping[str, Mapping[str, list[str]]]
) -> None:
    """`parts` are the shards, each with the database that its `run` table is in; `columns` are those of all tables by database."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for suffix, table in {"": ROWS, "__rejected": REJECTED, "__run": RUN}.items():
        places = {part: facts if table == RUN else _alias(part) for part, facts in parts.items()}
        having = {part: columns[place][table] for part, place in places.items() if table in columns[place]}
        if not having:
            continue
        taken = list(dict.fromkeys(column for names in having.values() for column in names))
        shard = name(unlike_names([*taken, SHARD])[-1])
        selected = [
            f"SELECT *{'' if part.shard is None else f', {text(part.shard)} AS {shard}'} FROM {name(places[part])}.{name(table)}" for part in having
        ]
        connection.execute(f"CREATE VIEW {schema}.{name(stage + suffix)} AS {' UNION ALL BY NAME '.join(selected)}")


def _allow_open_files(count: int) -> None:
    """Raise the soft limit of this process, of which a hundred shards may need more than the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard))


def _release(leases: Iterable[PinnedVersion]) -> None:
    for lease in leases:
        lease.close()
