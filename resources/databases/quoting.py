"""Names in SQL."""

from __future__ import annotations

from operators.databases.schema import Dialect


def quoted(name: str, dialect: Dialect) -> str:
    """A name as the engine takes it, whatever characters it has."""
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark
