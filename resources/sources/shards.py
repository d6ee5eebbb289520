"""The files of a source as shards: one a file, named after it."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from operators.tables.errors import ParameterError, Problem
from operators.tables.files.paths import COMPRESSIONS, FORMATS, find_files
from resources.sources.settings import SourceSettings


def find_shards(settings: SourceSettings) -> dict[str, str]:
    """Name of a shard -> its file, in the order in which the whole source would be read: {"pages-000": "data/pages-000.jsonl.gz"}.

    The name is that of the file below the folder, or below what of the pattern is no pattern, without the endings that say what it is. So it
    depends on no other file, and a file that is compressed anew stays the same shard.

    Raises:
        ParameterError: the source is not files, or two files have one name.
        FileNotFoundError, FileFormatError: there is no file, or more than one format.
    """
    if not settings.path:
        raise ParameterError([Problem(f"{settings.built_in} is not files, and only files come in shards", "partitions")])
    shards: dict[str, str] = {}
    for file in find_files(settings.path):
        name = _name(file, settings.path)
        if name in shards:
            raise ParameterError([Problem(f"{shards[name]} and {file} are both the shard {name}", "partitions", suggestion="rename one of them")])
        shards[name] = file
    return shards


def shard_settings(settings: SourceSettings, shard: str) -> SourceSettings:
    """Settings that read one shard. Raises ParameterError where no file is of that name."""
    shards = find_shards(settings)
    if shard not in shards:
        known = ", ".join(list(shards)[:10]) + (", ..." if len(shards) > 10 else "")
        raise ParameterError([Problem(f'{settings.path} has no file of the shard "{shard}"', details=(("shards", known),))])
    return settings.model_copy(update={"path": glob.escape(shards[shard])})


def _name(file: str, path: str) -> str:
    relative = os.path.relpath(file, _root(path))
    for endings in (COMPRESSIONS, FORMATS):
        for ending in endings:
            if relative.lower().endswith(ending):
                relative = relative[: -len(ending)]
                break
    return Path(relative).as_posix()


def _root(path: str) -> str:
    if Path(path).is_dir():
        return path
    folders = Path(path).parent.parts
    plain = next((place for place, part in enumerate(folders) if glob.has_magic(part)), len(folders))
    return str(Path(*folders[:plain]))
