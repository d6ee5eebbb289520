"""What was paid for, by pipeline, stage, model and day.

The table stands in the file of the answers and is written in the same transaction as the answer: however a run ends, a call is counted exactly when
its answer is kept. What the cache answers is never written here.
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

CREATE = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, unpriced_calls INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (day, pipeline, stage, model)) WITHOUT ROWID
"""
_ADD = """
INSERT INTO usage VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens, completion_tokens = completion_tokens + excluded.completion_tokens,
    cost_usd = cost_usd + excluded.cost_usd, unpriced_calls = unpriced_calls + excluded.unpriced_calls, seconds = seconds + excluded.seconds
"""
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


def add(connection: sqlite3.Connection, calls: Iterable[PaidCall]) -> None:
    """Inside the caller's transaction."""
    rows = [(*call[:6], call.cost_usd or 0.0, int(call.cost_usd is None), call.seconds) for call in calls]
    connection.executemany(_ADD, rows)


def read(path: Path, by: Grouping = "stage", since: str = "") -> list[Spent]:
    """What was paid for since a day (`2025-11-01`; empty: ever), in groups, the most expensive first; the file may be in use.

    Raises:
        FileNotFoundError: no call was ever made with this file.
        sqlite3.Error: the file is not one of ours.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    names = _COLUMNS[by]
    grouped = ", ".join(names)
    query = f"""
        SELECT {grouped}, sum(calls), sum(prompt_tokens), sum(completion_tokens), sum(cost_usd), sum(unpriced_calls), sum(seconds)
        FROM usage WHERE day >= ? GROUP BY {grouped} ORDER BY {"1" if by == "day" else "sum(cost_usd) DESC, sum(calls) DESC, 1"}
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'usage'").fetchone():
            return []
        rows = connection.execute(query, (since,)).fetchall()
    return [_spent(dict(zip(names, row, strict=False)), *row[len(names) :]) for row in rows]


def _spent(group: dict[str, str], calls: int, prompt: int, completion: int, cost: float, unpriced: int, seconds: float) -> Spent:
    return Spent(group, calls, prompt, completion, None if unpriced == calls else cost, unpriced, seconds)
