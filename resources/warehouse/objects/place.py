"""A warehouse on an object store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

from resources.warehouse.collected import Collected
from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects import collection, layout
from resources.warehouse.objects.bucket import Refused
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.opening import open_bucket
from resources.warehouse.objects.records import Entry
from resources.warehouse.objects.session import Times
from resources.warehouse.objects.table_objects import TableObjects, tables_of
from resources.warehouse.version_store import PinnedVersion, VersionStore

MOST_TRIES = 50
CONNECTIONS: dict[tuple[str, tuple[tuple[str, str], ...]], Connection] = {}
"""Of this process, by address and settings of the environment."""


def open_object_place(address: str) -> ObjectPlace:
    """One for all that ask in this process, as long as the variables of the environment stay. Raises WarehouseError."""
    settings = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith(("AWS_", "AZURE_", "GOOGLE_"))))
    known = CONNECTIONS.get((address, settings))
    if known is None:
        known = CONNECTIONS[(address, settings)] = Connection(open_bucket(address), Times())
    return ObjectPlace(known)


class ObjectPlace:
    """A `Place`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def store(self, pipeline: str, stage: str, shard: str | None) -> TableObjects:
        return TableObjects(self._connection, pipeline, stage, shard)

    def stores(self) -> list[TableObjects]:
        return tables_of(self._connection)

    def pin_all(self, wanted: Sequence[tuple[VersionStore, str | None]]) -> list[PinnedVersion | WarehouseError]:
        """As `TableObjects.pin`, with one renewal of the pin of this process for all."""
        tables = [self.store(store.pipeline, store.stage, store.shard) for store, _ in wanted]
        versions = [version for _, version in wanted]
        entries = self._connection.each(_listed, list(zip(tables, versions, strict=True)))
        session = self._connection.session
        session.hold(table.folder_key(entry) for table, entry in zip(tables, entries, strict=True) if isinstance(entry, Entry))

        def opened(asked: tuple[TableObjects, str | None, Entry | WarehouseError]) -> PinnedVersion | WarehouseError:
            table, version, entry = asked
            if isinstance(entry, WarehouseError):
                return entry
            try:
                if table.still_counts(entry):
                    return table.opened(entry, session)
            except WarehouseError as error:
                session.release(table.folder_key(entry))
                return error
            session.release(table.folder_key(entry))
            return _pin(table, version)

        return self._connection.each(opened, list(zip(tables, versions, entries, strict=True)))

    def collect(self, stores: Sequence[VersionStore] | None, keep: int) -> Collected:
        chosen = None if stores is None else [self.store(store.pipeline, store.stage, store.shard) for store in stores]
        return collection.collect(self._connection, chosen, keep)

    def notes(self, name: str) -> dict[str, dict[str, Any]]:
        named = [listed.key.split("/") for listed in self._connection.bucket.list(layout.NOTES)]
        return {key[1]: self.note(key[1], name) for key in sorted(named) if len(key) == 3 and key[2] == f"{name}.json"}

    def note(self, pipeline: str, name: str) -> dict[str, Any]:
        found = self._connection.bucket.get(_note_key(pipeline, name))
        return {} if found is None else _contents(found.body)

    def change_note(self, pipeline: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        key, bucket = _note_key(pipeline, name), self._connection.bucket
        for _ in range(MOST_TRIES):
            found = bucket.get(key)
            known = {} if found is None else _contents(found.body)
            body = json.dumps(change(known), indent=1, sort_keys=True).encode()
            if found is not None and body == found.body:
                return
            try:
                if found is None:
                    bucket.create(key, body)
                else:
                    bucket.replace(key, body, found.tag)
                return
            except Refused:
                continue
        raise WarehouseError(f"{bucket.address}/{key}: others were first {MOST_TRIES} times. Run again.")


def _listed(asked: tuple[TableObjects, str | None]) -> Entry | WarehouseError:
    table, version = asked
    try:
        return table.listed(version)
    except WarehouseError as error:
        return error


def _pin(table: TableObjects, version: str | None) -> PinnedVersion | WarehouseError:
    try:
        return table.pin(version)
    except WarehouseError as error:
        return error


def _note_key(pipeline: str, name: str) -> str:
    return f"{layout.NOTES}/{pipeline}/{name}.json"


def _contents(body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(body)
    return said
