"""Where the test suite of a database is: SQLite files in a folder beside it, shop.sqlite.suite/0001.sqlite."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from resources.databases.target import Target

SUITE_SUFFIX: Final = ".suite"


def suite_folder(target: Target) -> Path:
    """Of a database in a file. Raises ValueError: it is on a server."""
    if not target.path:
        raise ValueError(f'"{target.name}" is on a server: give a folder for its test suite')
    return Path(target.path + SUITE_SUFFIX)


def suite_targets(target: Target) -> dict[str, Target]:
    """The instances by name, "shop#0001"; none where no suite was built."""
    if not target.path or not suite_folder(target).is_dir():
        return {}
    files = sorted(suite_folder(target).glob("[0-9]*.sqlite"))
    return {name: Target(name, "sqlite", path=str(path)) for path in files for name in [f"{target.name}#{path.stem}"]}
