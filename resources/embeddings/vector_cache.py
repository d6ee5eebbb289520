"""Vectors that were already computed, by model and text. SQLite in WAL mode: any number of processes, one commit for each answered request."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from operators.asking.answers import ServingStopped
from resources import sqlite_file
from resources.embeddings.backend import Vectors

_CREATE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_KEYS_A_QUERY = 500


class VectorCache:
    """One connection: for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = sqlite_file.connect(path)
            self._connection.execute(_CREATE)
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(error) from error

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that are there, shape (dimensions,) each."""
        found: dict[bytes, Vectors] = {}
        try:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                some = keys[start : start + _KEYS_A_QUERY]
                marks = ",".join("?" * len(some))
                rows = self._connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)
                found.update((key, np.frombuffer(vector, dtype="<f4")) for key, vector in rows)
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        return found

    def put(self, rows: Iterable[tuple[bytes, Vectors]]) -> None:
        """Returns when all are committed, together."""
        values = [(key, np.asarray(vector, dtype="<f4").tobytes()) for key, vector in rows]
        try:
            with sqlite_file.transaction(self._connection):
                self._connection.executemany("INSERT INTO vectors VALUES (?, ?) ON CONFLICT (key) DO NOTHING", values)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        self._connection.close()

    def _trouble(self, error: Exception) -> ServingStopped:
        return ServingStopped(
            f"the cache of vectors at {self.path} cannot be used: {error}. Without it vectors would be computed or paid for twice. "
            "Free some space or move the file away; the setting cache_path names another file, cache: false does without."
        )


class VectorKeys:
    """Digests of everything that changes a vector: the backend, its model, the text."""

    def __init__(self, identity: Mapping[str, Any], model: str) -> None:
        self._start = hashlib.sha256(orjson.dumps(["vectors 1", dict(identity), model], option=orjson.OPT_SORT_KEYS))

    def of(self, text: str) -> bytes:
        digest = self._start.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.digest()
