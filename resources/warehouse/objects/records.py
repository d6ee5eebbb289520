"""The two kinds of JSON objects that say what counts: the pointer of a table (CURRENT) and the manifest of a version."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from resources.warehouse.errors import WarehouseError
from resources.warehouse.version_store import Stored

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """A version that counts: its id, and the name of its folder."""

    version: str
    folder: str


@dataclass(frozen=True)
class Pointer:
    """The versions of a table that count, oldest first; the last one is current. None is left after the table was dropped."""

    entries: tuple[Entry, ...] = ()

    def encoded(self) -> bytes:
        """Different at each call: an ETag may be a hash of the bytes, and no two states of the pointer may share one."""
        entries = [[entry.version, entry.folder] for entry in self.entries]
        return _encoded({"format": FORMAT, "change": secrets.token_hex(8), "versions": entries})

    @staticmethod
    def decoded(body: bytes, told_as: str) -> Pointer:
        said = _decoded(body, told_as)
        try:
            return Pointer(tuple(Entry(str(version), str(folder)) for version, folder in said["versions"]))
        except (KeyError, TypeError, ValueError):
            raise _damaged(told_as) from None

    def entry(self, version: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.version == version), None)


@dataclass(frozen=True)
class Part:
    """A Parquet file. The key is relative to the address of the warehouse; the hash is BLAKE2b of 128 bits."""

    key: str
    rows: int
    bytes: int
    hash: str


@dataclass(frozen=True)
class StoredParts:
    """A table of a version: its files in the order of their rows."""

    kept: pa.Schema
    stored: pa.Schema
    rows: int
    bytes: int
    """Of the rows in memory, as Arrow."""
    parts: tuple[Part, ...]

    @property
    def told(self) -> Stored:
        return Stored(self.kept, self.rows, self.bytes)


@dataclass(frozen=True)
class Manifest:
    """What a version consists of, and the row of its table `run`."""

    table: str
    run: Mapping[str, Any]
    tables: Mapping[str, StoredParts] = field(default_factory=dict)

    def encoded(self, folder: str) -> bytes:
        """With the name of its folder, so that no two versions have the same bytes."""
        tables = {name: _as_data(table) for name, table in self.tables.items()}
        return _encoded({"format": FORMAT, "table": self.table, "folder": folder, "run": dict(self.run), "tables": tables})

    @staticmethod
    def decoded(body: bytes, told_as: str) -> Manifest:
        said = _decoded(body, told_as)
        try:
            tables = {name: _of_data(table) for name, table in said["tables"].items()}
            return Manifest(said["table"], said["run"], tables)
        except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException):
            raise _damaged(told_as) from None

    def files(self) -> list[str]:
        """Their keys."""
        return [part.key for table in self.tables.values() for part in table.parts]


def _as_data(table: StoredParts) -> dict[str, Any]:
    schemas = {name: base64.b64encode(schema.serialize().to_pybytes()).decode() for name, schema in (("kept", table.kept), ("stored", table.stored))}
    return {**schemas, "rows": table.rows, "bytes": table.bytes, "files": [asdict(part) for part in table.parts]}


def _of_data(said: Mapping[str, Any]) -> StoredParts:
    kept, stored = (pa.ipc.read_schema(pa.py_buffer(base64.b64decode(said[name]))) for name in ("kept", "stored"))
    parts = tuple(Part(str(part["key"]), int(part["rows"]), int(part["bytes"]), str(part["hash"])) for part in said["files"])
    return StoredParts(kept, stored, int(said["rows"]), int(said["bytes"]), parts)


def _encoded(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _decoded(body: bytes, told_as: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
        found = said["format"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(told_as) from None
    if found != FORMAT:
        raise WarehouseError(f"{told_as} has format {found!r}, and this version of dataflow-dagster reads {FORMAT}: use the version that wrote it.")
    return dict(said)


def _damaged(told_as: str) -> WarehouseError:
    return WarehouseError(
        f"{told_as} is damaged: nothing of this project wrote it as it is. Restore the object from the store's own versions or a copy."
    )


EMPTY_POINTER_BYTES = len(Pointer().encoded())
"""A pointer that is no larger names no version."""
