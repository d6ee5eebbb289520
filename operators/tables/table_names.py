"""What can name a table: a stage, a source, a pipeline. Each is a name in SQL and a folder on disk."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_RESERVED = ("information_schema", "memory", "pg_catalog", "system", "temp")
"""Names that DuckDB has for catalogs and schemas of its own."""
ALLOWED = f"use letters, digits and single underscores, beginning with a letter, at most 100 characters, and none of {', '.join(_RESERVED)}"
"""What to do with a name that cannot name one."""


def names_a_table(given: str) -> bool:
    return _NAME.fullmatch(given) is not None and "__" not in given and given.lower() not in _RESERVED
