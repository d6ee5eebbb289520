"""From settings to databases."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import TYPE_CHECKING

from operators.tables.errors import ParameterError, Problem
from resources.databases.settings import DATABASES_VARIABLE, DatabaseSettings
from resources.databases.target import Engine, Target

if TYPE_CHECKING:
    from resources.databases.serving import Databases

HOW = f"set {DATABASES_VARIABLE} to a folder of SQLite or DuckDB files, to one such file, to dataset:chinook, or to name=address,..."
DRIVERS: dict[Engine, tuple[str, str]] = {"postgres": ("psycopg", "postgres"), "mysql": ("pymysql", "mysql")}
"""Engine -> the package of its driver, and the extra that installs it."""


def open_databases(settings: DatabaseSettings | None = None) -> Databases:
    """The databases that the settings (by default: the environment) name. Nothing is connected yet.

    Raises:
        ParameterError: none are named, one cannot be found, or its driver is not installed.
    """
    from resources.databases.serving import Databases

    try:
        settings = settings or DatabaseSettings.from_environment()
        targets = settings.targets()
    except ValueError as error:
        raise ParameterError([Problem(str(error), "database")]) from None
    if not targets:
        raise ParameterError([Problem("no database is named", "database", suggestion=HOW)])
    if problems := driver_problems(targets.values()):
        raise ParameterError(problems)
    return Databases(targets, settings)


def why_not() -> str:
    """Why the databases that the environment names cannot be opened, with what to do; "" where nothing speaks against it. None is connected to."""
    try:
        targets = DatabaseSettings.from_environment().targets()
    except ValueError as error:
        return str(error)
    if not targets:
        return f"no database is named: {HOW}"
    return "; ".join(f"{problem.message}: {problem.suggestion}" for problem in driver_problems(targets.values()))


def driver_problems(targets: Iterable[Target]) -> list[Problem]:
    """Drivers that are not installed."""
    engines = sorted({target.engine for target in targets} & DRIVERS.keys())
    return [
        Problem(f"a {engine} database needs {package}, which is not installed", "database", suggestion=f"pip install 'dataflow-dagster[{extra}]'")
        for engine in engines
        for package, extra in [DRIVERS[engine]]
        if importlib.util.find_spec(package) is None
    ]
