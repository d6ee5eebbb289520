"""The SQLite file of the answers and of what was paid for them: its tables, and how a file of an earlier layout gets them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from resources import sqlite_file
from resources.llm.accounting import usage_ledger

LAYOUT = 4
"""1 had no table of usage; 2 counted no texts, and did not know of runs; 3 did not keep what a model thought before it answered."""
_CREATE = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB NOT NULL UNIQUE, text TEXT NOT NULL, model TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    finish_reason TEXT NOT NULL, seconds REAL NOT NULL, answered_at REAL NOT NULL, reasoning TEXT NOT NULL DEFAULT '')
"""


def connect(path: Path) -> sqlite3.Connection:
    """Raises OSError or sqlite3.Error: the file cannot be made, is no database, or is of a later layout."""
    connection = sqlite_file.connect(path)
    layout = _layout(connection)
    if layout < LAYOUT:
        with sqlite_file.transaction(connection):
            if _layout(connection) < LAYOUT:  # no other process was quicker
                connection.execute(_CREATE)
                if not any(column[1] == "reasoning" for column in connection.execute("PRAGMA table_info(answers)")):
                    connection.execute("ALTER TABLE answers ADD COLUMN reasoning TEXT NOT NULL DEFAULT ''")
                usage_ledger.create(connection)
                connection.execute(f"PRAGMA user_version={LAYOUT}")
    elif layout > LAYOUT:
        connection.close()
        raise sqlite3.DatabaseError(f"the file has layout {layout}, this version of the project writes layout {LAYOUT}")
    return connection


def _layout(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
