"""What a column is good for in a query that makes sense: an id is never summed, a zip code has no average."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from operators.databases.schema import Column, Table

Role: TypeAlias = Literal["key", "measure", "year", "category", "label", "date", "vector", "other"]
"""key: identifies a row, or points to one. measure: a quantity. year: of integers. category: few values, many rows each. label: what a row is called.
date: a day or a moment. other: left alone (long texts, passwords, blobs, columns without statistics)."""

MOST_CATEGORIES: Final = 40
LONGEST_LABEL: Final = 60
_KEY: Final = re.compile(r"(^|[_\s])(id|ids|key|uid|uuid|guid|pk|fk|no|nr|num|number|idx|index|rowid)$|[a-z](Id|ID|Key|No|Nr|Num)$", re.IGNORECASE)
_CODE: Final = re.compile(
    r"zip|postal|post_?code|phone|fax|mobile|(^|[_\s])code($|[_\s])|[a-z]Code$|iso|ssn|isbn|barcode|serial|password|token|hash|version|(^|[_\s])lat"
    r"|longitude|latitude|(^|_)rank($|_)|ranking|position|(^|_)order$|account|(^|[_\s])(major|class|section|category|type|kind|status|grade_level)$|[a-z](Major|Class|Type|Status)$|^major$|licen[cs]e|plate|ip_?addr|room|street|house|building",
    re.IGNORECASE,
)
_QUANTITY: Final = re.compile(r"number_of|num_|_count|count_|no_of|total|qty|quantity|amount", re.IGNORECASE)
_YEAR: Final = re.compile(r"year|founded|opened|(^|_)yr($|_)", re.IGNORECASE)
_SECRET: Final = re.compile(r"password|passwd|secret|token|hash|ssn", re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?Z?")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def role_of(column: Column, table: Table) -> Role:
    seen = column.statistics
    if column.type_class == "vector":
        return "vector"
    if seen is None or not seen.rows or seen.nulls == seen.rows or _SECRET.search(column.name):
        return "other"
    if _is_key(column, table):
        return "key"
    values = [value for value, _ in seen.frequent]
    if column.type_class in ("date", "datetime") or all(isinstance(value, str) and _DAY.fullmatch(value) for value in values):
        sure = all(isinstance(value, str) and _DAY.fullmatch(value) for value in values) or not any(isinstance(value, str | int) for value in values)
        return "date" if sure and values else "other"
    few = 1 < seen.distinct <= MOST_CATEGORIES and seen.distinct <= 0.5 * (seen.rows - seen.nulls)
    if column.type_class in ("integer", "real"):
        if any(isinstance(value, str) for value in values):
            return "other"
        if _is_year(column):
            return "year"
        if _CODE.search(column.name):
            return "category" if few else "other"
        return "measure" if seen.distinct > 1 else "other"
    if column.type_class == "boolean":
        return "category" if few else "other"
    if column.type_class == "text":
        if values and all(isinstance(value, str) and _NUMBER.fullmatch(value) for value in values):
            return "other"  # numbers that the database keeps as texts: they compare in another way than a question means
        if few and seen.mean_length <= LONGEST_LABEL:
            return "category"
        return "label" if 0 < seen.mean_length <= LONGEST_LABEL and seen.distinct > 1 else "other"
    return "other"


def _is_key(column: Column, table: Table) -> bool:
    pointing = {name for key in table.foreign_keys for name in key.columns}
    if column.name in pointing or (table.primary_key and column.name in table.primary_key.columns and column.type_class != "text"):
        return True
    return bool(_KEY.search(column.name)) and not _QUANTITY.search(column.name)


def _is_year(column: Column) -> bool:
    seen = column.statistics
    assert seen is not None
    whole = all(value == int(value) for value, _ in seen.frequent)  # a year may be kept as 1997.0
    plausible = whole and seen.low is not None and 1000 <= seen.low <= seen.high <= 2200
    return plausible and (bool(_YEAR.search(column.name)) or column.type.lower().startswith("year"))
