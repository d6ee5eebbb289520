"""What goes between a worker process and the one that asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from resources.databases.limits import Limits
from resources.databases.target import Target

STARTED: Final = "started"
"""Sent once the database is open: from here on the time limit counts."""
OPENING_AGAIN: Final = "opening again"
"""Sent where a connection that was kept is gone: the database is opened once more, and the query asked again."""


@dataclass(frozen=True, slots=True)
class Task:
    """`what` is "execute" (the answer is an Execution) or "schema" (a Schema, or NotExecuted)."""

    what: Literal["execute", "schema"]
    target: Target
    limits: Limits
    sql: str = ""
