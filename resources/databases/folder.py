"""The databases of a folder: Spider and BIRD keep each in a folder of its own, others side by side."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

from resources.databases.suite_files import SUITE_SUFFIX
from resources.databases.target import SUFFIXES, Engine, Target, engine_of_file


def databases_in(folder: Path) -> dict[str, Target]:
    """By name, the stem of the file: database/concert_singer/concert_singer.sqlite is "concert_singer". Where two have one stem, by the path inside.

    Links to folders are not followed. Files of these endings that are no databases are left out.
    """
    by_stem: defaultdict[str, list[Path]] = defaultdict(list)
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.endswith(SUITE_SUFFIX))
        for name in names:
            path = Path(place) / name
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                by_stem[path.stem].append(path)
    found = {}
    for stem, paths in by_stem.items():
        for path in paths:
            name = stem if len(paths) == 1 else path.relative_to(folder).with_suffix("").as_posix()
            engine = _engine(path)
            if engine is not None:
                found[name] = Target(name, engine, path=str(path.absolute()))
    return dict(sorted(found.items()))


def _engine(path: Path) -> Engine | None:
    try:
        return engine_of_file(path)
    except OSError:
        return None  # a link to nowhere, or a folder of that name
