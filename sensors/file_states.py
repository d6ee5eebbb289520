"""Which files a source has and in which state they are, so that new data is told from data that was read before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import dagster as dg

from operators.tables.files.paths import find_files

SOURCE_STATE = "source_state"
"""Metadata of a source's materialization: the state of its files before they were read."""


def files_of(path: str) -> list[str]:
    """The files that a source with this path reads now. Files that are still written by their name (.part, .tmp) are none of them."""
    try:
        return find_files(path)
    except FileNotFoundError:
        return []


def state_of(files: Iterable[str]) -> str:
    """A hash of names, sizes and times of change; "" without files. A file that goes while one looks counts as gone."""
    described = [text for file in sorted(files) if (text := _described(file))]
    return hashlib.sha256("\n".join(described).encode("utf-8", "surrogateescape")).hexdigest()[:16] if described else ""


def _described(file: str) -> str:
    try:
        status = Path(file).stat()
    except FileNotFoundError:
        return ""
    return f"{file}\0{status.st_size}\0{status.st_mtime_ns}"


def state_when_read(instance: dg.DagsterInstance, source: dg.AssetKey) -> str:
    """The state of the files when a source was last read as a whole; "" where none of its last materializations says so."""
    found = instance.fetch_materializations(source, limit=_LOOKED_AT).records  # the newest first
    return next((state for record in found if (state := _state_in(record.asset_materialization))), "")


def states_when_read(instance: dg.DagsterInstance, source: dg.AssetKey, partitions: Iterable[str]) -> Mapping[str, str]:
    """Partition -> the state of its files when it was last read as a whole, of those that were."""
    states: dict[str, str] = {}
    wanted = list(partitions)
    for first in range(0, len(wanted), _PARTITIONS_A_QUERY):
        some = wanted[first : first + _PARTITIONS_A_QUERY]
        cursor: str | None = None
        while True:
            found = instance.fetch_materializations(dg.AssetRecordsFilter(source, asset_partitions=some), limit=_EVENTS_A_QUERY, cursor=cursor)
            for record in found.records:  # the newest first
                materialization = record.asset_materialization
                if materialization is not None and materialization.partition is not None and (state := _state_in(materialization)):
                    states.setdefault(materialization.partition, state)
            if not found.has_more:
                break
            cursor = found.cursor
    return states


_LOOKED_AT = 50
"""Materializations; those of what-if runs say nothing."""
_PARTITIONS_A_QUERY = 200
_EVENTS_A_QUERY = 1000


def _state_in(materialization: dg.AssetMaterialization | None) -> str:
    value = materialization.metadata.get(SOURCE_STATE) if materialization is not None else None
    return str(value.value) if value is not None else ""
