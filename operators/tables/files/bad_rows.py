"""Rows of a file that could not be read: set aside with the reason, while the rest goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

EXCERPT_BYTES = 200
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """Where it stands (`line` counts from 1), what is wrong with it, and how it begins."""

    path: str
    line: int
    error: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.error}: {self.excerpt}"


@dataclass
class BadRows:
    """The bad rows of one reading: all are counted, the first 10,000 are kept, so that a wholly broken file cannot fill the memory."""

    rows: list[BadRow] = field(default_factory=list)
    count: int = 0

    def add(self, path: str, line: int, error: str, raw: bytes) -> None:
        self.count += 1
        if len(self.rows) < KEPT:
            self.rows.append(BadRow(path, line, error, raw[:EXCERPT_BYTES].decode("utf-8", "replace").strip()))

    def clear(self) -> None:
        self.rows = []
        self.count = 0
