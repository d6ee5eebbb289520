"""A run that makes tables: it reads what it made itself, whatever other runs publish meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MADE_BY_RUN = "made_by_run"
"""What a version says of its run: the id."""


@dataclass(frozen=True)
class TableRun:
    id: str
    makes: frozenset[tuple[str, str]]
    """The tables that the run makes: (pipeline, stage)."""
    goes_on_from: tuple[str, ...] = ()
    """Runs that failed and that this one goes on from: what they made stands for what it would make."""

    def made(self, facts: Mapping[str, Any]) -> bool:
        """Whether a version is of this run, by what is known of the run that made it."""
        return facts.get(MADE_BY_RUN) in (self.id, *self.goes_on_from)
