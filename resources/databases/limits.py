"""What one query may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """A query that would go over one of these is ended, and says which."""

    seconds: float = 5.0
    """Wall-clock time of one query."""
    rows: int = 50_000
    """Rows of one answer."""
    answer_megabytes: float = 16.0
    """Size of one answer, and with SQLite of one value."""
    memory_megabytes: int = 1024
    """Memory of the process that runs the query, above what it has at the start."""
    temporary_megabytes: int = 1024
    """Size of a temporary file, for sorting more than fits into memory."""

    @property
    def answer_bytes(self) -> int:
        return int(self.answer_megabytes * 1_000_000)

    @property
    def memory_bytes(self) -> int:
        return self.memory_megabytes * 1_000_000
