"""What garbage collection did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Collected:
    """What was removed and what was left because somebody reads it or it is young, as (table, version); bytes freed."""

    removed: list[tuple[str, str]] = field(default_factory=list)
    in_use: list[tuple[str, str]] = field(default_factory=list)
    young: list[tuple[str, str]] = field(default_factory=list)
    """Too young to go on an object store (see docs/warehouse.md); a folder has no such versions."""
    abandoned_writes: int = 0
    freed_bytes: int = 0


def check_keep(keep: int) -> None:
    if keep < 1:
        raise ValueError(f"keep={keep}: at least the current version of a table is kept; to drop a table, delete its folder.")
