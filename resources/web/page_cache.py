"""Pages that were fetched before. SQLite in WAL mode: any number of processes, one commit a page."""

from __future__ import annotations

import sqlite3
import time
import zlib
from pathlib import Path
from typing import Final

from operators.tables.errors import StageFailed
from operators.web.page import Page
from resources import sqlite_file

_SECONDS_A_DAY: Final = 86_400
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, final_url TEXT NOT NULL, content_type TEXT NOT NULL, charset TEXT NOT NULL, "
    "content BLOB NOT NULL, fetched REAL NOT NULL) WITHOUT ROWID"
)


class PageCache:
    """One connection: for one thread at a time."""

    def __init__(self, path: Path, days: float) -> None:
        self._path = path
        self._seconds = days * _SECONDS_A_DAY
        try:
            self._connection = sqlite_file.connect(path)
            self._connection.execute(_CREATE)
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(error) from error

    def get(self, url: str) -> Page | None:
        """None for what is not there, or too old."""
        try:
            row = self._connection.execute(
                "SELECT final_url, content_type, charset, content FROM pages WHERE url = ? AND fetched > ?", (url, time.time() - self._seconds)
            ).fetchone()
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        if row is None:
            return None
        try:
            return Page(url, row[0], row[1], row[2], zlib.decompress(row[3]))
        except zlib.error:
            return None  # a damaged entry is fetched anew

    def put(self, page: Page) -> None:
        values = (page.url, page.final_url, page.content_type, page.charset, zlib.compress(page.content, 1), time.time())
        try:
            self._connection.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", values)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        self._connection.close()

    def _trouble(self, error: Exception) -> StageFailed:
        return StageFailed(f"the cache of pages at {self._path} cannot be used: {error}. Move the file away, or set cache: false.")
