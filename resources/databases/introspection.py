"""What a look at the rows tells of a database: how many, which values, which keys that no constraint declares. Bounded in time and rows."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Final, TypeAlias

from operators.databases.execution import Execution, Row, Rows
from operators.databases.names import quoted
from operators.databases.schema import Column, ColumnStatistics, Dialect, ForeignKey, Schema, Table
from resources.databases.inferred_keys import candidates, inferred_primary_key

FREQUENT: Final = 8
LONGEST_SAMPLE: Final = 200
Run: TypeAlias = Callable[[str], Execution]


def looked_at(schema: Schema, run: Run, rows: int, seconds: float, executor: Executor) -> Schema:
    """The schema with statistics, sample values, row counts and inferred keys.

    Args:
        run: executes a query within the limits.
        rows: of each table that are looked at.
        seconds: after which no further table is.
        executor: where tables are looked at side by side.
    """
    deadline = time.monotonic() + seconds

    def look(table: Table) -> Table:
        return _with_statistics(table, schema.dialect, run, rows) if time.monotonic() < deadline else table

    tables = list(executor.map(look, schema.tables))
    tables = [table if table.primary_key or table.is_view else replace(table, primary_key=inferred_primary_key(table)) for table in tables]
    seen = replace(schema, tables=tuple(tables))

    def with_keys(table: Table) -> Table:
        found = list(_confirmed(table, seen, run)) if time.monotonic() < deadline else []
        return replace(table, foreign_keys=(*table.foreign_keys, *found)) if found else table

    return replace(seen, tables=tuple(executor.map(with_keys, tables)))


def _confirmed(table: Table, schema: Schema, run: Run) -> Iterator[ForeignKey]:
    """The keys that names suggest and values do not contradict."""
    taken: set[str] = set()
    for key in candidates(table, schema):
        if key.columns[0] not in taken and _values_are_there(table, key, schema.dialect, run):
            taken.add(key.columns[0])
            yield key


def _values_are_there(table: Table, key: ForeignKey, dialect: Dialect, run: Run) -> bool:
    column, other = quoted(key.columns[0], dialect), quoted(key.other_columns[0], dialect)
    here, there = quoted(table.name, dialect), quoted(key.other_table, dialect)
    some = f"SELECT DISTINCT {column} AS v FROM {here} WHERE {column} IS NOT NULL LIMIT 1000"
    found = run(f"SELECT count(*), count(k.{other}) FROM ({some}) s LEFT JOIN (SELECT DISTINCT {other} FROM {there}) k ON s.v = k.{other}")
    return isinstance(found, Rows) and found.rows[0][0] > 0 and found.rows[0][0] == found.rows[0][1]


def _with_statistics(table: Table, dialect: Dialect, run: Run, rows: int) -> Table:
    name = quoted(table.name, dialect)
    counted = run(f"SELECT count(*) FROM {name}")
    total = int(counted.rows[0][0]) if isinstance(counted, Rows) else None
    table = replace(table, rows=total)
    names = ", ".join(quoted(column.name, dialect) for column in table.columns if column.type_class != "blob")
    if not names:
        return table
    for count in (rows, rows // 20, 1):  # fewer where the rows are large
        answer = run(f"SELECT {names} FROM {name} LIMIT {count}") if count else None
        if isinstance(answer, Rows):
            return replace(table, columns=tuple(_columns(table.columns, answer, total)))
    return table


def _columns(columns: Sequence[Column], answer: Rows, total: int | None) -> Iterator[Column]:
    seen = len(answer.rows)
    place = 0
    for column in columns:
        if column.type_class == "blob":
            yield column
            continue
        values = [row[place] for row in answer.rows]
        place += 1
        found = statistics_of(values, complete=seen == total)
        yield replace(column, statistics=found, type_class=_class_of(column, values))


def _class_of(column: Column, values: Sequence[Any]) -> Any:
    """SQLite lets a column hold anything: where the values contradict the type, they are believed."""
    kinds = {type(value) for value in values if value is not None}
    if column.type_class in ("integer", "real") and str in kinds:
        return "text"
    if column.type_class == "other" and kinds:
        return {frozenset({int}): "integer", frozenset({str}): "text"}.get(frozenset(kinds), "real" if kinds <= {int, float} else "other")
    if column.type_class == "integer" and float in kinds:
        return "real"
    return column.type_class


def statistics_of(values: Sequence[Any], complete: bool) -> ColumnStatistics:
    present = [value for value in values if value is not None]
    hashable = [value if _is_hashable(value) else json.dumps(value, ensure_ascii=False, default=str) for value in present]
    counts = Counter(hashable)
    low, high = _bounds(present)
    samples = sorted(
        ((value, count) for value, count in counts.items() if len(str(value)) <= LONGEST_SAMPLE), key=lambda pair: (-pair[1], str(pair[0]))
    )
    lengths = [len(value) for value in present if isinstance(value, str)]
    return ColumnStatistics(
        rows=len(values),
        complete=complete,
        nulls=len(values) - len(present),
        distinct=len(counts),
        low=low,
        high=high,
        frequent=tuple(samples[:FREQUENT]),
        mean_length=sum(lengths) / len(lengths) if lengths else 0.0,
    )


def _bounds(values: Row | list[Any]) -> tuple[Any, Any]:
    try:
        return (min(values), max(values)) if values else (None, None)
    except (TypeError, ArithmeticError):  # of several kinds, or a decimal that is no number
        return None, None


def _is_hashable(value: Any) -> bool:
    return not isinstance(value, list | dict)
