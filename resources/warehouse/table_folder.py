"""The folder of one table: immutable version files, and the pointer that says which is current.

    PIPELINE/STAGE/versions/ID.duckdb    published, never changed again
    PIPELINE/STAGE/versions/ID.run       its `run` table, of a version that is another name (hard link) of an older one's file
    PIPELINE/STAGE/CURRENT               the id of the current version
    PIPELINE/STAGE/.lock                 held (flock) for the moments in which the folder changes, never while rows are written
    PIPELINE/STAGE/.writing-*/           a version under way; its "lock" is held while its writer lives
    PIPELINE/STAGE/shards/SHARD/         all of this again, for each shard of a table that comes in shards

flock and rename are those of a local disk; network file systems that lack them are not supported.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from operators.tables.errors import closest
from operators.tables.files.errors import access_error, explained
from operators.tables.files.streams import sync
from resources.warehouse.duckdb_draft import DuckDbDraft, duckdb_draft
from resources.warehouse.errors import CHOOSE, TableNotFound, WarehouseError
from resources.warehouse.lease import Lease, facts_file, remove_if_unused
from resources.warehouse.names import VERSION, checked_name, folder_of_shard, new_version


class TableFolder:
    """Of a whole table, or of one shard of a table: a `VersionStore` on a local disk."""

    def __init__(self, root: Path, pipeline: str, stage: str, shard: str | None = None) -> None:
        self.root = root
        self.pipeline = checked_name("pipeline", pipeline)
        self.stage = checked_name("stage", stage)
        self.shard = shard
        self.path = root / pipeline / stage
        if shard is not None:
            self.path = self.path / "shards" / folder_of_shard(shard)

    def __str__(self) -> str:
        return f"{self.pipeline}.{self.stage}{'' if self.shard is None else f'[{self.shard}]'}"

    @property
    def pointer(self) -> Path:
        return self.path / "CURRENT"

    def version_file(self, version: str) -> Path:
        return self.path / "versions" / f"{version}.duckdb"

    def versions(self) -> list[str]:
        """Ids of all complete versions, oldest first."""
        return sorted(file.stem for file in (self.path / "versions").glob("*.duckdb") if VERSION.fullmatch(file.stem))

    def current(self) -> str:
        """Raises TableNotFound before the first version, WarehouseError for a pointer that points nowhere."""
        try:
            version = self.pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise self._not_written() from None
        except UnicodeDecodeError:
            version = "no text"
        except OSError as error:
            raise WarehouseError(f"{self.pointer}: cannot be read ({error.strerror}). {self._choose()}") from error
        if not VERSION.fullmatch(version):
            raise WarehouseError(f"{self.pointer}: is damaged: it holds {version[:60]!r}, not the id of a version. {self._choose()}")
        return version

    def published_at(self) -> int | None:
        try:
            return self.pointer.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def pin(self, version: str | None = None) -> Lease:
        """Raises WarehouseError (TableNotFound if it is not the current one) where the version is missing."""
        if version is not None:
            if lease := Lease.on(self, version, self.version_file(version)):
                return lease
            raise self._missing(version)
        while True:  # between reading the pointer and locking the file, it may be replaced and collected: then again
            current = self.current()
            if lease := Lease.on(self, current, self.version_file(current)):
                return lease
            if self.current() == current:
                raise self._missing(current)

    def remove(self, version: str) -> int | None:
        """Remove a version; the bytes freed, None where it is pinned and stays. Call it inside `locked`."""
        file = self.version_file(version)
        found = file.stat()
        size = found.st_size if found.st_nlink == 1 else 0
        return size if remove_if_unused(file) else None

    def drop(self) -> None:
        with self.locked():
            self.pointer.unlink(missing_ok=True)
            for version in self.versions():
                self.remove(version)

    def location(self) -> dict[str, Any]:
        return {"root": str(self.root.absolute()), "pipeline": self.pipeline, "stage": self.stage, "shard": self.shard}

    def _missing(self, version: str) -> WarehouseError:
        """The error for a version whose file is not there."""
        if self.pointer.exists() and self.current() == version:
            return WarehouseError(f"{self.version_file(version)}: the current version of {self} is missing. {self._choose()}")
        known = self.versions()
        return TableNotFound(f"{self} has no version {version!r}. Its versions: {', '.join(known) or 'none'}. {closest(version, known)}".rstrip())

    def _choose(self) -> str:
        versions = self.versions()
        if not versions:
            return f"Materialize {self} again."
        return f"Materialize {self} again, or write one of these ids to {self.pointer}: {', '.join(versions[-5:])}."

    def _not_written(self) -> TableNotFound:
        written = [folder for folder in folders_in(self.root) if folder.published_at() is not None]
        known = [str(folder) for folder in written if (folder.shard is None) == (self.shard is None)]
        named = sorted({f"{folder.pipeline}.{folder.stage}" for folder in written})
        tables = ", ".join(named) if named else "none yet"
        return TableNotFound(
            f"{self}: the table was never written; materialize it first. Tables in {self.root}: {tables}. {closest(str(self), known)}".rstrip()
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone in changing the folder. Waits; held only for moments.

        Raises:
            FileAccessError: the disk is full, too many files are open, ...: what can pass.
            WarehouseError: this user cannot write there.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / ".lock").open("ab")
        except (FileExistsError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise WarehouseError(f"{self.path}: {error.strerror}: the warehouse {self.root} cannot be written. {CHOOSE}") from error
        except OSError as error:
            raise access_error(self.path, "written", error) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def draft(self) -> Iterator[DuckDbDraft]:
        with self.writing() as work, duckdb_draft(self, work) as draft:
            yield draft

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A folder for a version under way, removed at the end. What killed writers left is removed first."""
        folder = self.path / f".writing-{os.getpid()}-{secrets.token_hex(4)}"
        with self.locked():
            self.remove_abandoned()
            with explained(self.path, "written"):
                folder.mkdir()
                lock = (folder / "lock").open("wb")  # held until the version is published
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()

    def remove_abandoned(self) -> int:
        """Remove what writers that are dead left under way, and count it. Call it inside `locked`."""
        removed = 0
        for folder in self.path.glob(".writing-*"):
            try:
                with (folder / "lock").open("rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its writer lives
            except FileNotFoundError:
                pass  # killed before it had a lock: folders are made under the table's lock, so nobody is about to make one
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
        return removed

    def publish(self, complete: Path) -> str:
        """Make a complete file the current version, at once for all readers, and return its id. Ids sort by the time of publication."""
        with explained(self.path, "written"), self.locked():
            sync(complete)
            version = new_version(self.versions())
            final = self.version_file(version)
            final.parent.mkdir(exist_ok=True)
            complete.replace(final)
            self._point_to(version)
        return version

    def publish_same(self, version: str, facts: Path) -> str | None:
        """Make a version current that has the rows of an older one, and the `run` table of the DuckDB file `facts`. None where that cannot be."""
        with explained(self.path, "written"), self.locked():
            sync(facts)
            new = new_version(self.versions())
            final = self.version_file(new)
            facts.replace(facts_file(final))
            try:
                final.hardlink_to(self.version_file(version))
            except OSError:  # a file system without them, or the old version is gone
                facts_file(final).unlink()
                return None
            self._point_to(new)
        return new

    def _point_to(self, version: str) -> None:
        sync(self.path / "versions")
        pointer = self.path / "CURRENT.tmp"
        pointer.write_text(version + "\n", encoding="utf-8")
        sync(pointer)
        pointer.replace(self.pointer)
        sync(self.path)


def folders_in(root: Path) -> list[TableFolder]:
    """All tables of a warehouse that have or had a version, by name; of those in shards, each shard. What is no table is named and left out.

    So is what this user may not read.
    """
    for path in (*root.glob("*"), *root.glob("*/*")):
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            warnings.warn(f"{path} is left out: permission denied. Its owner can let this user read it (chmod -R a+rX {path}).", stacklevel=3)
    tables = {path.parent for place in ("*/*", "*/*/shards/*") for path in (*root.glob(f"{place}/versions"), *root.glob(f"{place}/CURRENT"))}
    found = [folder for path in sorted(tables) if (folder := _folder_of(root, path)) is not None]
    return sorted(found, key=lambda folder: (folder.pipeline, folder.stage, folder.shard or ""))


def _folder_of(root: Path, path: Path) -> TableFolder | None:
    pipeline, stage, *shard = path.relative_to(root).parts
    try:
        return TableFolder(root, pipeline, stage, unquote(shard[1]) if shard else None)
    except ValueError as error:
        warnings.warn(f"{path} is left out: {error} Move it out of {root} if it is none of yours.", stacklevel=4)
        return None
