"""Which tables and columns matter for a question: those that it names, whose values it names, their keys, and the tables between them."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from operators.databases.schema import Column, Schema, Table

_WORD: Final = re.compile(r"[a-z0-9]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def relevant(schema: Schema, question: str, most_columns: int) -> Schema:
    """The part of the schema with at most so many columns, those that matter most for the question. At least one column stays."""
    asked = _stems(question)
    text = question.lower()
    weight: dict[tuple[str, str], float] = {}
    for table in schema.tables:
        of_table = _shared(table.name, asked)
        for column in table.columns:
            weight[table.name, column.name] = 2 * of_table + 3 * _shared(column.name, asked) + 4 * _names_a_value(column, text)
    named = {table.name for table in schema.tables if any(weight[table.name, column.name] > 0 for column in table.columns)}
    for between in _between(schema, named):
        for name in _keys(schema.table(between)):
            weight[between, name] += 3
    for table in schema.tables:
        best = max((weight[table.name, column.name] for column in table.columns), default=0.0)
        for name in _keys(table):
            weight[table.name, name] = max(weight[table.name, name], 0.9 * best) + 0.1
    order = sorted(weight, key=lambda place: -weight[place])
    chosen = set(order[: max(1, most_columns)])
    kept = {table.name: [column.name for column in table.columns if (table.name, column.name) in chosen] for table in schema.tables}
    return schema.only({table: columns for table, columns in kept.items() if columns})


def _stems(text: str) -> set[str]:
    return {word.rstrip("s") or word for word in _WORD.findall(_CAMEL.sub(" ", text).lower())}


def _shared(name: str, asked: set[str]) -> float:
    """Of the words of a name, the share that the question has."""
    words = _stems(name)
    return len(words & asked) / len(words) if words else 0.0


def _names_a_value(column: Column, question: str) -> bool:
    return any(isinstance(value, str) and len(value) > 2 and value.lower() in question for value in column.samples)


def _keys(table: Table) -> set[str]:
    primary = table.primary_key.columns if table.primary_key else ()
    return {*primary, *(name for key in table.foreign_keys for name in key.columns)}


def _between(schema: Schema, named: set[str]) -> set[str]:
    """The tables on a shortest path, along foreign keys, between two tables that are named."""
    known = {table.name.lower(): table.name for table in schema.tables}
    near: dict[str, set[str]] = {table.name: set() for table in schema.tables}
    for table in schema.tables:
        for key in table.foreign_keys:
            if (other := known.get(key.other_table.lower())) is not None:
                near[table.name].add(other)
                near[other].add(table.name)
    found: set[str] = set()
    for start in named:
        came_from: dict[str, str] = {start: start}
        waiting = deque([start])
        while waiting:
            at = waiting.popleft()
            for other in sorted(near[at] - came_from.keys()):
                came_from[other] = at
                waiting.append(other)
        for end in named & came_from.keys():
            while end != start:
                found.add(end)
                end = came_from[end]
    return found - named
