"""Conversions that were already made, by the file's bytes, the converter and what it was told. SQLite in WAL mode: any number of processes."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from pathlib import Path
from typing import Final

import orjson

from operators.asking.answers import ServingStopped
from operators.document_model.conversion import Cause, Conversion, NotConverted
from resources import sqlite_file
from resources.documents.encoding import from_json, to_json
from resources.documents.options import Options

_CREATE: Final = "CREATE TABLE IF NOT EXISTS conversions (key BLOB PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID"
_LASTING: Final[frozenset[Cause]] = frozenset({"empty", "unknown format", "encrypted", "damaged", "refused", "no text layer"})
"""Failures that the same file has again. Limits are not among them: on another day the machine is less busy."""


class ConversionCache:
    """One connection, for any number of threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite_file.connect(path)
            self._connection.execute(_CREATE)
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(error) from error

    def get(self, key: bytes) -> Conversion | None:
        try:
            with self._lock:
                row = self._connection.execute("SELECT document FROM conversions WHERE key = ?", (key,)).fetchone()
            return None if row is None else from_json(zlib.decompress(row[0]))
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        except (ValueError, zlib.error):
            return None  # a damaged entry is made anew

    def put(self, key: bytes, conversion: Conversion) -> None:
        """Committed when it returns. Failures that another day may not bring are not kept."""
        if isinstance(conversion, NotConverted) and conversion.cause not in _LASTING:
            return
        packed = zlib.compress(to_json(conversion), 3)
        try:
            with self._lock:
                self._connection.execute("INSERT OR REPLACE INTO conversions VALUES (?, ?)", (key, packed))
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        self._connection.close()

    def _trouble(self, error: Exception) -> ServingStopped:
        return ServingStopped(
            f"the cache of documents at {self.path} cannot be used: {error}. Without it every file would be converted again. "
            "Free some space or move the file away; the setting cache_path names another file, cache: false does without."
        )


def key_of(content: bytes, name: str, kind: str, identity: str, options: Options) -> bytes:
    """A digest of everything that changes a document. Of the name only the suffix matters, and only for texts."""
    told = orjson.dumps(["conversion 1", name, kind, identity, options.matters()], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(hashlib.sha256(content).digest() + told).digest()
