"""Which values of a database a prompt may show: not those of columns that hold what belongs to persons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

from operators.databases.schema import Column, Schema

_PERSONAL_WORDS: Final = "mail phone mobile fax password passwd secret token ssn iban birth address street"
PERSONAL: Final = tuple(f"*{word}*" for word in _PERSONAL_WORDS.split())
"""Columns that usually hold such values, as patterns of their names in lower case."""
_LOOKS_PERSONAL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|https?://|^\+?[\d\s()./-]{9,}$", re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def without_values(schema: Schema, patterns: Sequence[str] = PERSONAL) -> Schema:
    """The same schema without the sample values of some columns: those whose name, or table.name, fits a pattern ("*phone*", "customer.*"), and those
    whose values look like mail or web addresses or numbers of telephones.

    With an empty list nothing is left out.
    """
    if not patterns:
        return schema
    tables = [
        replace(table, columns=tuple(_bare(column) if _hidden(table.name, column, patterns) else column for column in table.columns))
        for table in schema.tables
    ]
    return Schema(schema.name, schema.dialect, tuple(tables))


def _hidden(table: str, column: Column, patterns: Sequence[str]) -> bool:
    names = column.name.lower(), f"{table}.{column.name}".lower()
    return any(fnmatchcase(name, pattern.lower()) for name in names for pattern in patterns) or any(map(_is_personal, column.samples))


def _is_personal(value: Any) -> bool:
    return isinstance(value, str) and bool(_LOOKS_PERSONAL.search(value)) and not _DAY.match(value)


def _bare(column: Column) -> Column:
    seen = column.statistics
    return replace(column, statistics=replace(seen, frequent=(), low=None, high=None)) if seen is not None else column
