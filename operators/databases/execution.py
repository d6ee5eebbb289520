"""What a statement came to: rows with their types, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Row: TypeAlias = tuple[Any, ...]
"""Values are None, bool, int, float, Decimal, str, bytes, date, time, datetime, timedelta, UUID, and lists and dicts of these."""

Cause: TypeAlias = Literal["refused", "no such database", "error", "time limit", "row limit", "byte limit", "memory limit", "unreachable"]
"""refused: it was not run, for it does more than read. error: the engine rejects it. unreachable: the database cannot be asked at all."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One query, and the name of the database that it is for."""

    database: str
    sql: str


@dataclass(frozen=True, slots=True)
class ResultColumn:
    name: str
    type: str
    """As the engine calls it; with SQLite, which types values and not columns, the classes of the values: "integer", "text"."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of an answer, in the order in which the engine gave them."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[Row, ...]
    seconds: float = 0.0

    @property
    def is_empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True, slots=True)
class NotExecuted:
    """Why there is no answer. Two of these are never an equal answer."""

    cause: Cause
    message: str
    seconds: float = 0.0

    @property
    def is_no_fault(self) -> bool:
        """Whether it says nothing of the query, which may be a good one: the database is not there, or could not be asked."""
        return self.cause in ("no such database", "unreachable")

    def __str__(self) -> str:
        return f"{self.cause}: {self.message}"


Execution: TypeAlias = Rows | NotExecuted
