"""The versions of one table on an object store, and the pointer that says which of them count."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from operators.tables.errors import closest
from resources.temporary_folder import temporary_folder
from resources.warehouse.errors import TableNotFound, WarehouseError
from resources.warehouse.names import checked_name, new_version
from resources.warehouse.objects import layout
from resources.warehouse.objects.bucket import Refused, Tag
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.parquet_draft import ParquetDraft
from resources.warehouse.objects.parquet_version import ObjectVersion
from resources.warehouse.objects.records import EMPTY_POINTER_BYTES, MANIFEST, Entry, Manifest, Pointer, StoredParts
from resources.warehouse.objects.session import Session
from resources.warehouse.version_store import PinnedVersion

MOST_TRIES = 200
"""At changing a pointer, each after somebody else was first."""
LONGEST_PAUSE_SECONDS = 2.0


class TableObjects:
    """Of a whole table, or of one shard of a table: a `VersionStore` on an object store."""

    def __init__(self, connection: Connection, pipeline: str, stage: str, shard: str | None = None) -> None:
        self.pipeline = checked_name("pipeline", pipeline)
        self.stage = checked_name("stage", stage)
        self.shard = shard
        self.prefix = layout.versions_prefix(pipeline, stage, shard)
        self._pointer = layout.pointer_key(pipeline, stage, shard)
        self._connection = connection

    def __str__(self) -> str:
        return f"{self.pipeline}.{self.stage}{'' if self.shard is None else f'[{self.shard}]'}"

    def versions(self) -> list[str]:
        return [entry.version for entry in self.pointer()[0].entries]

    def current(self) -> str:
        return self._current_entry().version

    def published_at(self) -> int | None:
        """By the clock of the store."""
        entries = self.pointer()[0].entries
        written = self._connection.bucket.modified(self._manifest_key(entries[-1].folder)) if entries else None
        return None if written is None else int(written.timestamp() * 1e9)

    def pin(self, version: str | None = None) -> ObjectVersion:
        """Held first, and then looked at again: a version that is still among those that count is not removed any more."""
        session = self._connection.session
        while True:
            entry = self.listed(version)
            folder = self.folder_key(entry)
            session.hold([folder])
            try:
                if self.still_counts(entry):
                    return self.opened(entry, session)
            except BaseException:
                session.release(folder)
                raise
            session.release(folder)

    def listed(self, version: str | None) -> Entry:
        """The entry of a version, or of the current one. Raises TableNotFound."""
        if version is None:
            return self._current_entry()
        pointer, tag = self.pointer()
        if tag is None:
            raise self.not_written()
        if (entry := pointer.entry(version)) is not None:
            return entry
        known = [entry.version for entry in pointer.entries]
        raise TableNotFound(f"{self} has no version {version!r}. Its versions: {', '.join(known) or 'none'}. {closest(version, known)}".rstrip())

    def still_counts(self, entry: Entry) -> bool:
        return entry in self.pointer()[0].entries

    def opened(self, entry: Entry, session: Session) -> ObjectVersion:
        """A version whose folder the session holds."""
        return ObjectVersion(self, entry.version, self.folder_key(entry), self.manifest(entry.folder), self._connection.bucket, session)

    def manifest(self, folder: str) -> Manifest:
        key = self._manifest_key(folder)
        found = self._connection.bucket.get(key)
        if found is None:
            raise WarehouseError(
                f"{self}: {self._connection.bucket.address}/{key} is missing: something else than this project removed it. Materialize {self} again."
            )
        return Manifest.decoded(found.body, f"{self._connection.bucket.address}/{key}")

    def folder_key(self, entry: Entry) -> str:
        return f"{self.prefix}/{entry.folder}"

    @contextmanager
    def draft(self) -> Iterator[ParquetDraft]:
        session = self._connection.session
        folder = new_version([])
        session.hold([f"{self.prefix}/{folder}"])

        def publish(run: Mapping[str, Any], tables: Mapping[str, StoredParts]) -> str:
            manifest = Manifest(str(self), run, tables)
            self._connection.bucket.create(self._manifest_key(folder), manifest.encoded(folder))
            return self._point_to(folder, session)

        with temporary_folder("dataflow-version-") as work:
            draft = ParquetDraft(self._connection.bucket, f"{self.prefix}/{folder}", work, str(self), publish, _tables_of)
            try:
                yield draft
            except BaseException:
                draft.give_up()
                raise
            finally:
                draft.close()
                session.release(f"{self.prefix}/{folder}")

    def drop(self) -> None:
        """From here on no version counts; the files go with the next collection that finds them old enough."""
        if self.pointer()[1] is not None:
            self.change_pointer(lambda pointer: Pointer())

    def location(self) -> dict[str, Any]:
        return {"root": self._connection.bucket.address, "pipeline": self.pipeline, "stage": self.stage, "shard": self.shard}

    def pointer(self) -> tuple[Pointer, Tag | None]:
        """The versions that count, and the tag to replace them by; (none, None) before the first."""
        found = self._connection.bucket.get(self._pointer)
        if found is None:
            return Pointer(), None
        return Pointer.decoded(found.body, f"{self._connection.bucket.address}/{self._pointer} (the pointer of {self})"), found.tag

    def change_pointer(self, change: Callable[[Pointer], Pointer | None], before_each: Callable[[], None] = lambda: None) -> Pointer:
        """Replace the pointer by what `change` makes of it (None: leave it); done again where somebody else was first. The pointer as it is then.

        `before_each` is called after the pointer was read and before it is replaced. Raises WarehouseError where others were always first.
        """
        for attempt in range(MOST_TRIES):
            pointer, tag = self.pointer()
            changed = change(pointer)
            if changed is None:
                return pointer
            before_each()
            try:
                if tag is None:
                    self._connection.bucket.create(self._pointer, changed.encoded())
                else:
                    self._connection.bucket.replace(self._pointer, changed.encoded(), tag)
                return changed
            except Refused:
                # in turn at random, so that writers that met once do not meet again
                time.sleep(random.uniform(0, min(0.01 * 2 ** min(attempt, 10), LONGEST_PAUSE_SECONDS)))
        raise WarehouseError(f"{self}: other writers were first {MOST_TRIES} times. Their versions stand; this one was not published. Run again.")

    def not_written(self) -> TableNotFound:
        written = tables_of(self._connection)
        known = [str(store) for store in written if (store.shard is None) == (self.shard is None)]
        named = sorted({f"{store.pipeline}.{store.stage}" for store in written})
        tables = ", ".join(named) if named else "none yet"
        where = self._connection.bucket.address
        return TableNotFound(
            f"{self}: the table was never written; materialize it first. Tables in {where}: {tables}. {closest(str(self), known)}".rstrip()
        )

    def _current_entry(self) -> Entry:
        entries = self.pointer()[0].entries
        if not entries:
            raise self.not_written()
        return entries[-1]

    def _point_to(self, folder: str, session: Session) -> str:
        """The pin of the session that holds the folder is confirmed between reading the pointer and replacing it.

        Who removes folders removes the pins that are too old first, and then replaces the pointer. So either this finds its pin gone, or its
        replacement is refused, or it comes first and the folder counts before anything of it is removed.
        """

        def added(pointer: Pointer) -> Pointer | None:
            if any(entry.folder == folder for entry in pointer.entries):
                return None  # by a try whose answer was lost
            return Pointer((*pointer.entries, Entry(new_version([entry.version for entry in pointer.entries]), folder)))

        pointer = self.change_pointer(added, session.confirm)
        return next(entry.version for entry in pointer.entries if entry.folder == folder)

    def _manifest_key(self, folder: str) -> str:
        return f"{self.prefix}/{folder}/{MANIFEST}"


def _tables_of(pin: PinnedVersion) -> Mapping[str, StoredParts]:
    if not isinstance(pin, ObjectVersion):
        raise TypeError(f"{pin.store} at {pin.version} is on another place than the version that is to share its files.")
    return pin.manifest.tables


def tables_of(connection: Connection) -> list[TableObjects]:
    """All that have a current version, by name. The list of pointers says which tables there are; each pointer says what counts."""
    found = []
    for listed in connection.bucket.list(layout.CURRENT):
        if (named := layout.table_of_pointer(listed.key)) and listed.size > EMPTY_POINTER_BYTES:
            found.append(TableObjects(connection, *named))
    return sorted(found, key=lambda table: (table.pipeline, table.stage, table.shard or ""))
