"""Garbage collection on an object store.

Marked and swept, in an order that leaves no gap (the steps are those of `collect`):

1. Objects are listed, and the pins. Pins that are too old by the dates of the store are removed: their processes can publish nothing any more.
2. The pointer of each table with something to remove is replaced, without the versions that go. So nobody pins one of them from here on, and whoever
   was publishing has to look at its own pin again.
3. The pins are listed again: who was just pinning one of those versions is seen.
4. The pointers are read again, and all files that their manifests and the pinned versions name are marked.
5. What is not marked, not pinned and not young is removed.
"""

from __future__ import annotations

import datetime
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from resources.warehouse.collected import Collected, check_keep
from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects import layout
from resources.warehouse.objects.bucket import Listed
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.records import MANIFEST, Entry, Pointer
from resources.warehouse.objects.session import PINS
from resources.warehouse.objects.table_objects import TableObjects


@dataclass
class _Found:
    """A table: the objects of its versions, and what goes of them."""

    table: TableObjects
    objects: list[Listed]
    removed: list[Entry] = field(default_factory=list)

    def old_folders(self, oldest_young: datetime.datetime) -> set[str]:
        """Those in which nothing is young."""
        young = {_folder(listed) for listed in self.objects if listed.modified > oldest_young}
        return {_folder(listed) for listed in self.objects} - young

    def give_up(self, error: WarehouseError) -> None:
        warnings.warn(f"{self.table}: nothing was removed: {error}", stacklevel=2)
        self.objects, self.removed = [], []


def collect(connection: Connection, tables: Sequence[TableObjects] | None, keep: int) -> Collected:
    """Remove all but the last `keep` versions of each table; never the current one, one that is pinned, or what is younger than the grace period."""
    check_keep(keep)
    collected = Collected()
    connection.session.settle()
    found = _listed(connection, tables)
    pinned, now = _pins(connection)
    oldest_young = now - datetime.timedelta(seconds=connection.times.grace)
    connection.each(lambda one: _unlist(one, keep, pinned, oldest_young, collected), found)
    changed = [one for one in found if one.objects]
    pinned, _ = _pins(connection)
    for keys in connection.each(lambda one: _sweepable(one, pinned, oldest_young, collected), changed):
        connection.bucket.delete(keys)
    for one in found:
        collected.removed += [(str(one.table), entry.version) for entry in one.removed]
    for kind in (collected.removed, collected.in_use, collected.young):
        kind.sort()
    return collected


def _listed(connection: Connection, tables: Sequence[TableObjects] | None) -> list[_Found]:
    if tables is not None:
        return [_Found(table, connection.bucket.list(table.prefix)) for table in tables]
    by_table: dict[tuple[str, str, str | None], list[Listed]] = {}
    for listed in connection.bucket.list(layout.VERSIONS):
        if (named := layout.table_of_object(listed.key)) is not None:
            by_table.setdefault(named, []).append(listed)
    return [_Found(TableObjects(connection, *named), objects) for named, objects in by_table.items()]


def _pins(connection: Connection) -> tuple[set[str], datetime.datetime]:
    """The folders that living processes hold, and the time by the clock of the store. Pins that are too old are removed."""
    now = connection.now()
    held: set[str] = set()
    too_old = []
    for listed in connection.bucket.list(PINS):
        found = connection.bucket.get(listed.key)
        if found is None:
            continue  # ended between the two lines
        try:
            said = json.loads(found.body)
            valid = float(said["valid_seconds"])
            holds = {str(folder) for folder in said["holds"]}
        except (ValueError, KeyError, TypeError):
            raise WarehouseError(f"{connection.bucket.address}/{listed.key} is no pin of this project: remove it, if it is none of yours.") from None
        if now - listed.modified > datetime.timedelta(seconds=valid):
            too_old.append(listed.key)
        else:
            held |= holds
    connection.bucket.delete(too_old)
    return held, now


def _unlist(one: _Found, keep: int, pinned: set[str], oldest_young: datetime.datetime, collected: Collected) -> None:
    """Take old versions from the pointer. It is replaced too where only leftovers go, so that a writer of these has to look at its pin again."""
    table = one.table
    written = {listed.key: listed.modified for listed in one.objects}
    old_folders = one.old_folders(oldest_young) - pinned
    kept: dict[str, list[Entry]] = {}

    def without_old(pointer: Pointer) -> Pointer | None:
        kept.update(in_use=[], young=[])
        one.removed = []
        for entry in pointer.entries[:-keep]:
            manifest = written.get(f"{table.folder_key(entry)}/{MANIFEST}")
            if table.folder_key(entry) in pinned:
                kept["in_use"].append(entry)
            elif manifest is None or manifest > oldest_young:  # None: written since the objects were listed
                kept["young"].append(entry)
            else:
                one.removed.append(entry)
        if not one.removed and not old_folders - {table.folder_key(entry) for entry in pointer.entries}:
            one.objects = []
            return None
        return Pointer(tuple(entry for entry in pointer.entries if entry not in one.removed))

    try:
        table.change_pointer(without_old)
    except WarehouseError as error:
        one.give_up(error)
        return
    collected.in_use += [(str(table), entry.version) for entry in kept["in_use"]]
    collected.young += [(str(table), entry.version) for entry in kept["young"]]


def _sweepable(one: _Found, pinned: set[str], oldest_young: datetime.datetime, collected: Collected) -> list[str]:
    """The keys of what goes."""
    table = one.table
    try:
        counted = {table.folder_key(entry) for entry in table.pointer()[0].entries}
        pinned_here = pinned & {_folder(listed) for listed in one.objects if listed.key.endswith(f"/{MANIFEST}")}
        marked = {key for folder in counted | pinned_here for key in table.manifest(folder.rpartition("/")[2]).files()}
    except WarehouseError as error:
        one.give_up(error)
        return []
    marked |= {f"{folder}/{MANIFEST}" for folder in counted}
    old_folders = one.old_folders(oldest_young) - pinned
    gone = [listed for listed in one.objects if _folder(listed) in old_folders and listed.key not in marked]
    removed = {table.folder_key(entry) for entry in one.removed}
    collected.abandoned_writes += len({_folder(listed) for listed in gone} - removed - counted)
    collected.freed_bytes += sum(listed.size for listed in gone)
    return [listed.key for listed in gone]


def _folder(listed: Listed) -> str:
    return listed.key.rpartition("/")[0]
