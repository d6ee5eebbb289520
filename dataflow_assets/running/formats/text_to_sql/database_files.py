"""The databases of an export, copied as SQLite files, each in a folder of its own."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from operators.databases.schema import Schema
from operators.tables.errors import ParameterError, Problem
from resources.databases.target import Target


def check_sqlite(targets: Iterable[Target], format_: str) -> None:
    """Raises ParameterError: one of them is no SQLite file."""
    if others := [target for target in targets if target.engine != "sqlite"]:
        what = f'export: {format_} holds SQLite files, and the database "{others[0].name}" is a {others[0].engine} database'
        raise ParameterError([Problem(what, suggestion="export the questions as alpaca or openai, or make the data set of an SQLite copy")])


def copy_database(target: Target, folder: Path) -> Path:
    """folder/NAME/NAME.sqlite, the whole of it as it is at one moment, whoever writes to the original meanwhile."""
    name = target.name.replace("/", "_")
    path = folder / name / f"{name}.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"file:{quote(target.path)}?mode=ro", uri=True)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return path


def link_database(made: Path, folder: Path) -> Path:
    """The same file in the folder of another split."""
    path = folder / made.parent.name / made.name
    path.parent.mkdir(parents=True, exist_ok=True)
    os.link(made, path)
    return path


def write_descriptions(schema: Schema, folder: Path) -> list[Path]:
    """database_description/TABLE.csv, in which BIRD says what each column means."""
    place = folder / "database_description"
    place.mkdir(exist_ok=True)
    written = []
    for table in schema.tables:
        if table.is_view:
            continue
        path = place / f"{table.name.replace('/', '_')}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["original_column_name", "column_name", "column_description", "data_format", "value_description"])
            for column in table.columns:
                values = f"such as {', '.join(str(value) for value in column.samples[:3])}" if column.samples else ""
                rows.writerow([column.name, "", column.comment, column.type_class, values])
        written.append(path)
    return written
