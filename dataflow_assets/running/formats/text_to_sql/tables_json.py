"""A schema as an entry of tables.json, which Spider's and BIRD's evaluation and most models read."""

from __future__ import annotations

import re
from typing import Any, Final

from operators.databases.schema import Column, Schema, TypeClass

TYPES: Final[dict[TypeClass, str]] = {
    **dict.fromkeys(("integer", "real"), "number"),
    **dict.fromkeys(("date", "datetime", "time"), "time"),
    "boolean": "boolean",
    "text": "text",
}


def tables_entry(schema: Schema) -> dict[str, Any]:
    """Columns are numbered over all tables, 0 is "*". Keys that are only inferred are among them. A key of several columns is a list of numbers."""
    tables = [table for table in schema.tables if not table.is_view]
    columns = [(number, column) for number, table in enumerate(tables) for column in table.columns]
    place = {(tables[number].name.lower(), column.name.lower()): at for at, (number, column) in enumerate(columns, 1)}
    primary: list[int | list[int]] = []
    foreign = []
    for table in tables:
        if table.primary_key:
            key = [place[table.name.lower(), name.lower()] for name in table.primary_key.columns]
            primary.append(key[0] if len(key) == 1 else key)
        for one in table.foreign_keys:
            for name, other in zip(one.columns, one.other_columns, strict=True):
                there = place.get((one.other_table.lower(), other.lower()))
                if there is not None:  # of a view, or of a table that is not there
                    foreign.append([place[table.name.lower(), name.lower()], there])
    return {
        "db_id": schema.name,
        "table_names_original": [table.name for table in tables],
        "table_names": [in_words(table.name) for table in tables],
        "column_names_original": [[-1, "*"], *([number, column.name] for number, column in columns)],
        "column_names": [[-1, "*"], *([number, in_words(column.name)] for number, column in columns)],
        "column_types": ["text", *(_type(column) for _, column in columns)],
        "primary_keys": primary,
        "foreign_keys": foreign,
    }


def _type(column: Column) -> str:
    return TYPES.get(column.type_class, "others")


def in_words(name: str) -> str:
    """
    >>> in_words("BirthDate"), in_words("singer_in_concert"), in_words("customerID")
    ('birth date', 'singer in concert', 'customer id')
    """
    return " ".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+", " ", name).lower().split()) or name
