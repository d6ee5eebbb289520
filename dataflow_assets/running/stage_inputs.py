"""What a stage reads: a table, a shard of one, or all shards of one together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import pyarrow as pa

from operators.pipeline.plan import Stage
from operators.tables.errors import StageFailed
from operators.tables.types import ROW_ID
from resources.warehouse import GatheredStorage, VersionStorage, Warehouse, WarehouseStorage

Pinned: TypeAlias = VersionStorage | GatheredStorage


def stage_inputs(warehouse: Warehouse, pipeline: str, stage: Stage, shard: str | None, shards: Sequence[str]) -> tuple[Pinned, ...]:
    """The current versions of the stage's inputs: of `shard`, where it runs on shards; of all `shards`, where it gathers them. Of what the run of the
    warehouse made itself, the version that it made.

    Raises:
        StageFailed: two shards have a row of the same id, or another run replaced an input and its version is gone.
        TableNotFound: an input, or shards of it, were never written.
    """
    return tuple(
        _checked(warehouse.gathered(pipeline, parent, shards)) if parent in stage.gathers else of_run(warehouse.table(pipeline, parent, shard))
        for parent in stage.inputs
    )


def of_run(table: WarehouseStorage) -> VersionStorage:
    """The version that the run made, where it makes the table; else the current one.

    Raises:
        StageFailed: another run published a version since, and that of this run is gone.
    """
    version = table.current()
    if not table.is_of_run(version):
        raise StageFailed(
            f"{version}: another run published it while this one was under way, and the version that this run made is gone. Run again, one run at a "
            "time, or keep more versions (keep_versions)."
        )
    return version


def version_of(storage: Pinned) -> str | dict[str, str]:
    """The version that is read; of gathered shards, shard -> version."""
    return storage.versions if isinstance(storage, GatheredStorage) else storage.version


def _checked(gathered: GatheredStorage) -> GatheredStorage:
    """Ids that a source brings along are unique in each shard; that no two shards share one can be seen only here."""
    ids = gathered.read([ROW_ID]).column(ROW_ID)
    if len(ids.unique()) == len(ids):
        return gathered
    first: dict[str, str] = {}
    for shard, row_id in _ids(gathered):
        if row_id in first:
            raise StageFailed(
                f'{gathered}: the shards {first[row_id]} and {shard} both have the row "{row_id}". Ids that a source brings along have to be '
                f"unique over all its files: mend, rename or drop its column {ROW_ID}."
            )
        first[row_id] = shard
    return gathered


def _ids(gathered: GatheredStorage) -> Iterable[tuple[str, str]]:
    for shard, storage in gathered.shards():
        rows: pa.Table = storage.read([ROW_ID])
        for row_id in rows.column(ROW_ID).to_pylist():
            yield shard, row_id
