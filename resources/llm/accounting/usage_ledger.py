"""What was paid for, by pipeline, stage, model and day.

The table stands in the file of the answers and is written in the same transaction as the answer: however a run ends, a call is counted exactly when
its answer is kept. Calls of embedding models, whose vectors stand in a file of their own, are added right after that. What a cache answers is never
written here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, get_args

Grouping: TypeAlias = Literal["pipeline", "stage", "model", "day"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)

_CREATE = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, unpriced_calls INTEGER NOT NULL, seconds REAL NOT NULL,
    texts INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (day, pipeline, stage, model)) WITHOUT ROWID
"""
_ADD = """
INSERT INTO usage (day, pipeline, stage, model, calls, prompt_tokens, completion_tokens, cost_usd, unpriced_calls, seconds, texts)
VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens, completion_tokens = completion_tokens + excluded.completion_tokens,
    cost_usd = cost_usd + excluded.cost_usd, unpriced_calls = unpriced_calls + excluded.unpriced_calls, seconds = seconds + excluded.seconds,
    texts = texts + excluded.texts
"""
_CREATE_RUNS = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT NOT NULL, model TEXT NOT NULL, tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, PRIMARY KEY (run, model)) WITHOUT ROWID
"""
_ADD_TO_RUN = """
INSERT INTO runs VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET tokens = tokens + excluded.tokens, cost_usd = cost_usd + excluded.cost_usd
"""
_SPENT = """
SELECT coalesce(sum(prompt_tokens + completion_tokens), 0), coalesce(sum(cost_usd), 0.0) FROM usage WHERE day >= ? AND model = ? AND texts = 0
"""
_SPENT_BY_RUN = "SELECT coalesce(sum(tokens), 0), coalesce(sum(cost_usd), 0.0) FROM runs WHERE run = ? AND model = ?"
_MAY_NOT = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_COLUMNS: dict[Grouping, tuple[str, ...]] = {
    "pipeline": ("pipeline",),
    "stage": ("pipeline", "stage"),
    "model": ("model",),
    "day": ("day",),
}


class PaidCall(NamedTuple):
    """One call that the server answered. `day` is that of UTC; `cost_usd` None where the price is unknown; `seconds` is how long it took."""

    day: str
    pipeline: str
    stage: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    seconds: float
    texts: int = 0
    """Texts embedded; 0 for calls of a language model."""
    run: str = ""
    """The run that it was made for, where a budget is counted for it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Paid calls with something in common: `group` holds the names that were grouped by."""

    group: dict[str, str]
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """Of the calls with a known price; None where none has one."""
    unpriced_calls: int
    seconds: float
    texts: int


def create(connection: sqlite3.Connection) -> None:
    """The tables, or the columns that an earlier layout lacks. Inside the caller's transaction."""
    connection.execute(_CREATE)
    connection.execute(_CREATE_RUNS)
    if not _has_texts(connection):
        connection.execute("ALTER TABLE usage ADD COLUMN texts INTEGER NOT NULL DEFAULT 0")


def add(connection: sqlite3.Connection, calls: Iterable[PaidCall]) -> None:
    """Inside the caller's transaction."""
    calls = list(calls)
    rows = [(*call[:6], call.cost_usd or 0.0, int(call.cost_usd is None), call.seconds, call.texts) for call in calls]
    connection.executemany(_ADD, rows)
    of_runs = [(call.run, call.model, call.prompt_tokens + call.completion_tokens, call.cost_usd or 0.0) for call in calls if call.run]
    connection.executemany(_ADD_TO_RUN, of_runs)


def spent(connection: sqlite3.Connection, model: str, *, since: str = "", run: str = "") -> tuple[int, float]:
    """Tokens and dollars of all calls of a language model, whoever made them: since a day (of UTC; empty: ever), or for one run."""
    row = connection.execute(_SPENT_BY_RUN, (run, model)) if run else connection.execute(_SPENT, (since, model))
    tokens, usd = row.fetchone()
    return int(tokens), float(usd)


def read(path: Path, by: Grouping = "stage", since: str = "") -> list[Spent]:
    """What was paid for since a day (`2025-11-01`; empty: ever), in groups, the most expensive first; the file may be in use.

    Raises:
        FileNotFoundError: no call was ever made with this file.
        sqlite3.OperationalError: the file may not be read, or not now.
        sqlite3.DatabaseError: the file is not one of ours.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    names = _COLUMNS[by]
    grouped = ", ".join(names)
    query = """
        SELECT {grouped}, sum(calls), sum(prompt_tokens), sum(completion_tokens), sum(cost_usd), sum(unpriced_calls), sum(seconds), {texts}
        FROM usage WHERE day >= ? GROUP BY {grouped} ORDER BY {order}
    """
    with closing(_opened(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'usage'").fetchone():
            return []
        texts = "sum(texts)" if _has_texts(connection) else "0"
        order = "1" if by == "day" else "sum(cost_usd) DESC, sum(calls) DESC, 1"
        rows = connection.execute(query.format(grouped=grouped, texts=texts, order=order), (since,)).fetchall()
    return [_spent(dict(zip(names, row, strict=False)), *row[len(names) :]) for row in rows]


def _opened(path: Path) -> sqlite3.Connection:
    """To be read. SQLite makes files beside it also for that; where it may not, and no write-ahead log is there, the file is all that there is."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in _MAY_NOT or path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{address}&immutable=1", uri=True)
    return connection


def _has_texts(connection: sqlite3.Connection) -> bool:
    return any(column[1] == "texts" for column in connection.execute("PRAGMA table_info(usage)"))


def _spent(group: dict[str, str], calls: int, prompt: int, completion: int, cost: float, unpriced: int, seconds: float, texts: int) -> Spent:
    return Spent(group, calls, prompt, completion, None if unpriced == calls else cost, unpriced, seconds, texts)
