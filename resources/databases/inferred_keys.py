"""Keys that no constraint declares, but names and values suggest. Old databases, and most of those in CSV, declare none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operators.databases.schema import Column, ForeignKey, Key, Schema, Table

_KEY_CLASSES = ("integer", "text", "other")
_GENERIC = frozenset({"id", "code", "no", "nr", "number", "key", "name", "uid", "pk", "rowid"})
_KEY_WORD = re.compile(r"(^|_)(id|key|code|no|nr|number|uid|pk|iso\w*)$|[a-z](Id|ID|Key|Code|No)$", re.IGNORECASE)


def inferred_primary_key(table: Table) -> Key | None:
    """The first column that no value of repeats, if its name says that it is a key. Only where all rows were looked at, and there are several."""
    for column in table.columns:
        seen = column.statistics
        if seen is not None and seen.complete and seen.rows > 1 and seen.unique and column.type_class in _KEY_CLASSES and _is_key_name(column, table):
            return Key((column.name,), inferred=True)
    return None


def candidates(table: Table, schema: Schema) -> Iterator[ForeignKey]:
    """Foreign keys that the names suggest, the most telling first; their values have still to be compared."""
    declared = {name for key in table.foreign_keys for name in key.columns}
    own = table.primary_key.columns if table.primary_key else ()
    for column in table.columns:
        if column.name in declared or own == (column.name,) or column.type_class not in _KEY_CLASSES:
            continue
        for other in schema.tables:
            if other.name == table.name or other.primary_key is None or len(other.primary_key.columns) != 1:
                continue
            key = other.column(other.primary_key.columns[0])
            if key.type_class == column.type_class and _points_to(column.name, other.name, key.name):
                yield ForeignKey((column.name,), other.name, (key.name,), inferred=True)


def _is_key_name(column: Column, table: Table) -> bool:
    return plain_name(column.name) in _GENERIC - {"name"} or bool(_KEY_WORD.search(column.name)) or plain_name(column.name) == plain_name(table.name)


def _points_to(column: str, table: str, key: str) -> bool:
    """customer_id points to customers.id, to customers.customer_id and to Customer.CustomerId.

    >>> _points_to("customer_id", "customers", "id"), _points_to("name", "customers", "name")
    (True, False)
    """
    name, key_name = plain_name(column), plain_name(key)
    if name in _GENERIC:
        return False
    if name == key_name:
        return True
    return any(name == plain_name(stem + key) or (key_name in _GENERIC and name in (stem, stem + "id")) for stem in stems(table))


def stems(table: str) -> set[str]:
    """A table's name as columns use it: without plural.

    >>> sorted(stems("Categories"))
    ['categories', 'category']
    """
    name = plain_name(table)
    if name.endswith("ies"):
        return {name, name.removesuffix("ies") + "y"}
    return {name, name.removesuffix("s"), name.removesuffix("es")}


def plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
