"""Names of tables and columns, as a query has to write them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from operators.databases.schema import Dialect

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_STATEMENTS: Final = frozenset("add alter between commit delete drop escape exists index insert set transaction update values".split())
"""Reserved by SQLite beside those of PostgreSQL."""


def quoted(name: str, dialect: Dialect) -> str:
    """A name as the engine takes it, whatever characters it has."""
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def in_sql(name: str, dialect: Dialect) -> str:
    """A name as a query of this engine has to write it: in quotes where it is no plain word, or one that the engine has for itself.

    PostgreSQL makes names without quotes lower-case, and would not find "CustomerId".

    >>> in_sql("title", "sqlite"), in_sql("order", "mysql"), in_sql("CustomerId", "postgres"), in_sql("CustomerId", "duckdb")
    ('title', '`order`', '"CustomerId"', 'CustomerId')
    """
    plain = _PLAIN.fullmatch(name) and name.lower() not in _reserved(dialect) and not (dialect == "postgres" and name != name.lower())
    return name if plain else quoted(name, dialect)


@cache
def _reserved(dialect: Dialect) -> frozenset[str]:
    """DuckDB has those of PostgreSQL, whose parser it took over."""
    from sqlglot.dialects import DuckDB, MySQL

    if dialect == "mysql":
        return frozenset(MySQL.Generator.RESERVED_KEYWORDS)
    return frozenset(DuckDB.Generator.RESERVED_KEYWORDS) | (_STATEMENTS if dialect == "sqlite" else frozenset())
