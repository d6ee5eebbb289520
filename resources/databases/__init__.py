"""Databases for a run: SQLite, DuckDB, PostgreSQL, MySQL and MariaDB, opened so that nothing can be written.

`open_databases()` is the way in; what it returns is an `operators.databases.serving.DatabaseServing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resources.databases.opening import open_databases, why_not
    from resources.databases.settings import DatabaseSettings

__all__ = ["DatabaseSettings", "open_databases", "why_not"]


def __getattr__(name: str) -> Any:
    """Worker processes import this package too, and need neither."""
    import importlib

    homes = {"open_databases": "opening", "why_not": "opening", "DatabaseSettings": "settings"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"resources.databases.{homes[name]}"), name)
