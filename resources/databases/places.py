"""One line that says where databases are, such as `data/spider/database`, `dataset:chinook` or `env:SHOP_URL`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from resources.databases.folder import databases_in
from resources.databases.target import BadAddress, Target, file_target, read_address

DATASET: Final = "dataset:"
ENVIRONMENT: Final = "env:"
QUESTION_SUFFIXES: Final = frozenset({".json", ".jsonl"})
"""Of files of questions about databases that lie beside them, as in Spider and BIRD."""
_NEXT_NAME: Final = re.compile(r",(?=[^,=/?&]*=)")


def settings_of_place(place: str) -> dict[str, Any]:
    """The settings path, urls or url_variables that a line stands for.

    >>> settings_of_place("a=postgresql://reader@host/a,b=shop.duckdb")
    {'urls': {'a': 'postgresql://reader@host/a', 'b': 'shop.duckdb'}}
    >>> settings_of_place("a=duckdb:///shop.duckdb?schema=sales,staging,b=b.sqlite")
    {'urls': {'a': 'duckdb:///shop.duckdb?schema=sales,staging', 'b': 'b.sqlite'}}

    Raises:
        BadAddress: an environment variable is not set, or an address cannot be read.
    """
    place = place.strip()
    if place.startswith(ENVIRONMENT):
        return _of_variable(place.removeprefix(ENVIRONMENT))
    named = _named(place)
    return {"urls": dict(named)} if named else {"path": place}


def _of_variable(variable: str) -> dict[str, Any]:
    value = os.environ.get(variable, "").strip()
    if not value or value.startswith(ENVIRONMENT):
        raise BadAddress(f"the environment variable {variable}, which should say where the databases are, is not set")
    if "://" in value and "=" not in value.split("://")[0]:
        target = read_address(variable, value, password_in_address=True)
        return {"url_variables": {target.database or Path(target.path).stem: variable}}
    return settings_of_place(value)


def _named(place: str) -> Mapping[str, str]:
    """Name -> address, where the line holds addresses; the name of a single one is the name of the database at its server."""
    if Path(place).exists():
        return {}
    if "=" in place.split("://")[0]:
        return {name.strip(): address.strip() for name, _, address in (part.partition("=") for part in _NEXT_NAME.split(place))}
    if "://" not in place:
        return {}
    target = read_address("database", place, password_in_address=True)  # it is refused under its name by DatabaseSettings
    return {target.database or Path(target.path).stem: place}


def databases_at(path: str) -> Iterator[tuple[str, Target]]:
    """Name and target of each database of a folder, a file, a data set, or a file of questions that lies beside databases.

    Raises:
        BadAddress: there are none.
    """
    if path.startswith(DATASET):
        from resources.databases.carried import carried_database

        name = path.removeprefix(DATASET)
        yield name, Target(name, "sqlite", path=str(carried_database(name)))
        return
    place = Path(path).expanduser()
    if is_question_file(place):
        place = folder_beside(place)
    if place.is_dir():
        found = databases_in(place)
        if not found:
            raise BadAddress(f"no SQLite or DuckDB file (.sqlite, .sqlite3, .db, .duckdb, .ddb) is in {place}")
        yield from found.items()
    elif place.exists():
        yield place.stem, file_target(place.stem, place)
    else:
        if "@" in path:
            raise BadAddress("where the databases are is no path that is there, and no address: write postgresql://user@host:port/database")
        raise BadAddress(f"{place} is not there: give a folder of SQLite or DuckDB files, or one such file")


def is_question_file(path: str | Path) -> bool:
    return Path(path).suffix.lower() in QUESTION_SUFFIXES


def folder_beside(questions: Path) -> Path:
    """The folder of the databases that a file of questions is about: that named after it (dev_databases), else `database`, else its own.

    Spider keeps dev.json and test.json beside database/ and test_database/, BIRD dev.json beside dev_databases/, its mini-dev mini_dev_sqlite.json.

    Raises:
        BadAddress: the file is not there.
    """
    if not questions.is_file():
        raise BadAddress(f"{questions} is not there: give a file of questions (dev.json), or the folder of the databases")
    words = [questions.stem, *questions.stem.split("_")]
    names = [*(f"{word}_{ending}" for word in words for ending in ("databases", "database")), "database", "databases"]
    return next((folder for name in names if (folder := questions.parent / name).is_dir()), questions.parent)
