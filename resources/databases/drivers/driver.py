"""What a driver does, and what drivers share: reading an answer within its limits."""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from operators.databases.execution import Cause, Row
from operators.databases.schema import Schema, TypeClass
from resources.databases.limits import Limits

ROWS_AT_ONCE: Final = 256


class Stopped(Exception):
    """A query has no answer, and why."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Cause = cause


class Driver(Protocol):
    """One open database. Nothing that it is asked to execute can write."""

    dialect: str

    def execute(self, sql: str, limits: Limits) -> tuple[list[tuple[str, str]], list[Row]]:
        """(name, type) of each column, and the rows.

        Raises:
            Stopped: no answer, and why.
        """
        ...

    def interrupt(self) -> None:
        """End the query that is under way, at the server too. Called by another thread."""
        ...

    def schema(self, name: str) -> Schema:
        """What the catalogue says: tables, columns, keys, comments. Raises Stopped."""
        ...

    def close(self) -> None: ...


def read_rows(fetch: Callable[[int], Sequence[Any]], limits: Limits) -> list[Row]:
    """All rows, in pieces; `fetch(count)` gives the next of them, none at the end. Raises Stopped: more than the limits allow."""
    rows: list[Row] = []
    size = 0
    while piece := fetch(min(ROWS_AT_ONCE, limits.rows + 1 - len(rows))):
        for row in piece:
            rows.append(tuple(row))
            size += sum(map(size_of, row))
        if len(rows) > limits.rows:
            raise Stopped("row limit", f"the answer has more than {limits.rows:,} rows")
        if size > limits.answer_bytes:
            raise Stopped("byte limit", f"the answer is larger than {limits.answer_megabytes:g} MB")
    return rows


def in_pieces(rows: Iterable[Any]) -> Callable[[int], Sequence[Any]]:
    """An iterator of rows as a function that fetches some."""
    iterator = iter(rows)

    def fetch(count: int) -> Sequence[Any]:
        return [row for _, row in zip(range(count), iterator, strict=False)]

    return fetch


def size_of(value: Any) -> int:
    """Bytes of a value, roughly."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return 8 + sum(map(size_of, value))
    if isinstance(value, dict):
        return 8 + sum(size_of(key) + size_of(item) for key, item in value.items())
    return 8


PLAIN = (type(None), bool, int, float, str, bytes, decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)


def plain(value: Any) -> Any:
    """A value that operators know: what a driver has types of its own for becomes its text."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)


def plain_rows(rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    for row in rows:
        yield tuple(value if isinstance(value, PLAIN) else plain(value) for value in row)


_ITEMS: Final = re.compile(r"'(?:[^']|'')*'")
_KINDS: Final[tuple[tuple[TypeClass, re.Pattern[str]], ...]] = (
    ("text", re.compile(r"(enum|set) ?\(")),
    ("vector", re.compile(r"(float\d?|double|real)\[\d*\]$|vector\b")),
    ("json", re.compile(r"(struct|map|union|row)\b.*\(|.*\]$|jsonb?$")),
    ("other", re.compile(r".*range$|ts(vector|query)$|(multi)?(point|linestring|line|polygon)$|bit( varying)?\((?!1\))|bit varying$")),
)
"""What the shape of a type says, before its words do: enum('int', 'date') is a text, STRUCT(day DATE) no date, an int4range no integer."""
_CLASSES: Final[tuple[tuple[TypeClass, tuple[str, ...]], ...]] = (
    ("boolean", ("bool", "tinyint(1)", "bit")),
    ("json", ("json",)),
    ("datetime", ("timestamp", "datetime")),
    ("date", ("date", "year")),
    ("time", ("time", "interval")),
    ("integer", ("int", "serial")),
    ("real", ("real", "float", "double", "num", "decimal", "money")),
    ("text", ("char", "text", "clob", "string", "enum", "uuid", "set(", "name")),
    ("blob", ("blob", "binary", "bytea", "varbinary")),
)


def type_class(declared: str) -> TypeClass:
    """What a type of any of the engines is.

    >>> type_class("VARCHAR(40)"), type_class("NUMERIC(10,2)"), type_class("timestamp without time zone"), type_class("FLOAT[3]")
    ('text', 'real', 'datetime', 'vector')
    >>> type_class("enum('int','time')"), type_class("STRUCT(flag BOOLEAN)"), type_class("integer[]"), type_class("int4range")
    ('text', 'json', 'json', 'other')
    """
    lowered = _ITEMS.sub("", declared.lower())
    for cls, shape in _KINDS:
        if shape.match(lowered):
            return cls
    for cls, parts in _CLASSES:
        if any(part in lowered for part in parts):
            return cls
    return "other"
