"""Rows for the tables of a schema that tell queries apart: few values, many equal ones, bounds met exactly, missing ones, parents without children.

Source: Zhong, Yu, Klein 2020, Semantic Evaluation for Text-to-SQL with Distilled Test Suites.
"""

from __future__ import annotations

import datetime
import random
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeAlias

from operators.databases.names import quoted
from operators.databases.schema import Column, Schema, Table

FEWEST_ROWS: Final = 4
MOST_ROWS: Final = 40
SHARE_IN_BLOCKS: Final = 0.25
Literals: TypeAlias = Mapping[str, Collection[Any]]
"""Column in lower case -> the values that queries compare it with."""
OF_COUNTS: Final = "count(*)"
"""Among literals: the numbers that queries compare COUNT with."""
MOST_COUNTED: Final = 1000
"""Groups that large are made; larger ones would make an instance slow."""
_TYPES: Final = {"integer": "INTEGER", "real": "REAL", "blob": "BLOB", "boolean": "INTEGER"}


def write_instance(schema: Schema, literals: Literals, seed: int, path: Path) -> None:
    """An SQLite file with the tables of the schema and rows drawn for this seed. Views are left out."""
    draws = random.Random(f"{seed} {schema.name}")
    most_values = draws.choice((1, 2, 3, 6, 20, 20))
    blocks = _blocks(literals.get(OF_COUNTS, ()), draws)
    astray = draws.choice((0.0, 0.0, 0.15))
    keys: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in _parents_first(schema):
            columns = ", ".join(f"{quoted(column.name, 'sqlite')} {_TYPES.get(column.type_class, 'TEXT')}" for column in table.columns)
            connection.execute(f"CREATE TABLE {quoted(table.name, 'sqlite')} ({columns})")
            rows = _rows(table, schema, keys, literals, most_values, blocks, astray, draws)
            if table.primary_key:
                places = [[column.name for column in table.columns].index(name) for name in table.primary_key.columns]
                keys[table.name.lower()] = [tuple(row[place] for place in places) for row in rows]
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {quoted(table.name, 'sqlite')} VALUES ({marks})", rows)


def _parents_first(schema: Schema) -> list[Table]:
    left = [table for table in schema.tables if not table.is_view]
    done: list[Table] = []
    while left:
        waiting = {table.name.lower() for table in left}
        ready = [table for table in left if not any(key.other_table.lower() in waiting - {table.name.lower()} for key in table.foreign_keys)]
        done += ready or left[:1]  # tables that point to each other come in any order
        left = [table for table in left if table not in done]
    return done


def _blocks(counts: Collection[Any], draws: random.Random) -> list[int]:
    """In some instances, group sizes on and beside a number that a query compares COUNT with; else none."""
    fit = sorted(count for count in counts if 0 < count <= MOST_COUNTED)
    if not fit or draws.random() > SHARE_IN_BLOCKS:
        return []
    count = draws.choice(fit)
    return [size for size in (count, count + 1, count - 1) if size]


def _rows(
    table: Table,
    schema: Schema,
    keys: Mapping[str, list[tuple[Any, ...]]],
    literals: Literals,
    most_values: int,
    blocks: Sequence[int],
    astray: float,
    draws: random.Random,
) -> list[list[Any]]:
    """The rows of one table.

    Args:
        most_values: of a column in this instance. Where they are few, groups are large, sums are equal, and bounds are met exactly.
        blocks: sizes of groups of rows that are the same but for their keys; none where rows are drawn one by one.
        astray: share of the rows that point to a parent that is not there, by keys that no constraint declares.
    """
    of_block = [number for number, size in enumerate(blocks) for _ in range(size)]
    count = len(of_block) or draws.randint(FEWEST_ROWS, MOST_ROWS)
    places = {column.name: place for place, column in enumerate(table.columns)}
    pools = [_some(_pool(column, literals, draws), most_values, draws) for column in table.columns]
    missing = draws.choice((0.0, 0.1, 0.3))
    rows = []
    seen: set[tuple[Any, ...]] = set()
    key = table.primary_key.columns if table.primary_key else ()
    for number in range(1, count + 1):
        block = of_block[number - 1] if of_block else None
        row = [
            pool[block % len(pool)]
            if block is not None
            else (None if column.nullable and column.name not in key and draws.random() < missing else draws.choice(pool))
            for column, pool in zip(table.columns, pools, strict=True)
        ]
        if len(key) == 1 and not any(key[0] in one.columns for one in table.foreign_keys):
            place = places[key[0]]
            if block is not None or (row[place],) in seen:  # else a value that queries may compare with
                row[place] = number if table.columns[place].type_class in ("integer", "real") else f"{row[place]} {number}"
        for one in table.foreign_keys:
            parents = keys.get(one.other_table.lower(), [])
            parent = schema.table(one.other_table).primary_key if parents else None
            if parent is None or parent.columns != one.other_columns:
                continue
            some = parents[: max(1, len(parents) * 2 // 3)]  # others stay without children
            in_key = len(key) > 1 and one.columns[-1] == key[-1]  # a key of two tables: in a block the first is the same, the second another
            chosen = some[block % len(some)] if block is not None and not in_key else draws.choice(parents if block is not None else some)
            if one.inferred and draws.random() < astray:
                chosen = tuple(_nobody(value) for value in chosen)
            optional = all(table.columns[places[name]].nullable and name not in key for name in one.columns)
            for name, value in zip(one.columns, chosen, strict=True):
                row[places[name]] = None if optional and block is None and draws.random() < missing / 2 else value
        mark = tuple(row[places[name]] for name in key)
        if not key or mark not in seen:
            seen.add(mark)
            rows.append(row)
    return rows


def _pool(column: Column, literals: Literals, draws: random.Random) -> Sequence[Any]:
    """The values that a column may have in one instance: those of queries, what lies just beside them, and a few that occur in the data."""
    asked = [value for value in literals.get(column.name.lower(), ()) if _fits(value, column)]
    near = [other for value in asked for other in _beside(value)]
    known = [_stored(value) for value in column.samples]
    known = draws.sample(known, min(len(known), draws.randint(2, 6)))
    few = [value for value in (*draws.sample(asked, min(len(asked), 6)), *draws.sample(near, min(len(near), 6)), *known) if value is not None]
    if column.type_class in ("integer", "real"):
        few += [draws.randint(0, 5) for _ in range(2)]
        if column.statistics and isinstance(column.statistics.low, int | float) and isinstance(column.statistics.high, int | float):
            low, high = float(column.statistics.low), float(column.statistics.high)
            some = [draws.uniform(low, high) for _ in range(3)]
            few += [round(number) if column.type_class == "integer" else round(number, 2) for number in some]
    return few or ["a", "b", "ab", ""]


def _nobody(key: Any) -> Any:
    """The key of no row."""
    return -1 - key if isinstance(key, int | float) else f"no {key}"


def _some(pool: Sequence[Any], most: int, draws: random.Random) -> Sequence[Any]:
    return pool if len(pool) <= most else draws.sample(list(pool), most)


def _fits(value: Any, column: Column) -> bool:
    return isinstance(value, int | float) == (column.type_class in ("integer", "real", "boolean"))


def _beside(value: Any) -> list[Any]:
    """What a near miss treats otherwise: the numbers beside a bound; a text in other case, longer, with something before it; the days around one."""
    if isinstance(value, int):
        return [value - 1, value + 1]
    if isinstance(value, float):
        return [value - 0.01, value + 0.01, value + 1]
    text = str(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            return []
        return [str(day + datetime.timedelta(days)) for days in (-1, 1, 365)]
    plain = text.strip("%")
    return [f"{plain} x", f"x {plain}", f"x {plain} x", plain.upper(), plain]


def _stored(value: Any) -> Any:
    """A sample value as SQLite keeps it."""
    if isinstance(value, bool | int | float | str | bytes):
        return value
    number = getattr(value, "as_integer_ratio", None)
    return float(value) if number else str(value)
