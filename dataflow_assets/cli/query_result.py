"""Rows of a SQL query as a table to read, or as JSON or CSV for a program."""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dataflow_assets.cli.console import for_programs, output, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_SHOWN = 100
CELL_CHARACTERS = 120
FETCHED_AT_ONCE = 2048


def print_table(connection: DuckDBPyConnection) -> None:
    """The first rows of the query just executed, long texts cut."""
    columns = _columns(connection)
    rows = connection.fetchmany(ROWS_SHOWN + 1)
    cells = [[shortened(value) for value in row] for row in rows[:ROWS_SHOWN]]
    numbers = [name for position, name in enumerate(columns) if rows and all(isinstance(row[position], int | float) for row in rows)]
    output().print(table(columns, cells, right=numbers))
    more = len(rows) > ROWS_SHOWN
    output().print(
        f"the first {ROWS_SHOWN} rows; --json and --csv give all" if more else f"{len(rows)} row{'s' if len(rows) != 1 else ''}", style="dim"
    )


def print_json_rows(connection: DuckDBPyConnection) -> None:
    """An array of objects, one a line, however many there are."""
    columns = _told_apart(_columns(connection))
    separator, written = "[\n", for_programs()
    for row in _all_rows(connection):
        written.write(separator + _as_json(dict(zip(columns, row, strict=True))))
        separator = ",\n"
    written.write("[]\n" if separator == "[\n" else "\n]\n")


def print_csv(connection: DuckDBPyConnection) -> None:
    """CSV with a header; nulls are empty, lists and structs JSON."""
    writer = csv.writer(for_programs(), lineterminator="\n")
    writer.writerow(_told_apart(_columns(connection)))
    for row in _all_rows(connection):
        writer.writerow([_as_json(value) if isinstance(value, list | dict) else value for value in row])


def shortened(value: Any) -> Any:
    """Text on one line and not longer than a cell should be; numbers as they are."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value).replace("\r", "").replace("\n", "⏎")
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def _as_json(value: Any) -> str:
    """On one line; what JSON has no word for is text, and no number (NaN) is null."""
    import orjson

    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # integers of more than 64 bits
        return json.dumps(_without_nan(value), default=str, ensure_ascii=False, separators=(",", ":"))


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _told_apart(names: list[str]) -> list[str]:
    """Names of columns, of which a join may have several that are equal: "id", "id_2"."""
    told: list[str] = []
    for name in names:
        others = (f"{name}_{number}" for number in itertools.count(2))
        told.append(name if name not in told else next(one for one in others if one not in told and one not in names))
    return told


def _columns(connection: DuckDBPyConnection) -> list[str]:
    return [column[0] for column in connection.description or []]


def _all_rows(connection: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := connection.fetchmany(FETCHED_AT_ONCE):
        yield from rows
