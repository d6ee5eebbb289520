"""Outputs that would overwrite one another, or what is being read, are refused before anything is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from operators.tables.errors import ParameterError, Problem
from operators.tables.files.paths import find_files, would_read
from operators.tables.files.storage import FileStorage
from operators.tables.storage import Storage

Identity: TypeAlias = tuple[str, ...]


def refuse_overwriting(outputs: Sequence[tuple[str, str]], sources: Mapping[str, Storage]) -> None:
    """`outputs` are (option, path). Two names of one file count as one: another spelling, a link, a hard link, a member of a folder or a glob. Nor
    is a file written where the same input would read it the next time.

    Raises ParameterError.
    """
    paths = {name: source.path for name, source in sources.items() if isinstance(source, FileStorage)}
    read = {name: find_files(path) for name, path in paths.items()}
    if problems := overwritten(outputs, read) or read_next_time(outputs, paths):
        raise ParameterError(problems)


def read_next_time(outputs: Sequence[tuple[str, str]], paths: Mapping[str, str]) -> list[Problem]:
    """Outputs that lie in the folder, or fit the glob, that a source (name -> path) stands for."""
    return [
        Problem(f"{written} would be read by the source {name} ({path}) in the next run", option, suggestion="write to another folder")
        for option, written in outputs
        for name, path in paths.items()
        if would_read(path, written)
    ]


def overwritten(outputs: Sequence[tuple[str, str]], read: Mapping[str, Sequence[str]]) -> list[Problem]:
    """The same, of sources (name -> the files that are read) whose files are known already."""
    # found under all its names, an input is known whichever of them is written
    inputs = {identity: (name, file) for name, files in read.items() for file in files for identity in identities(file)}
    problems, written = [], dict[Identity, tuple[str, str]]()
    for option, path in outputs:
        found = identities(path)
        if taken := next((inputs[identity] for identity in found if identity in inputs), None):
            problems.append(Problem(f"{path} is read as the input {taken[0]} ({taken[1]})", option, suggestion="write to another file"))
        elif other := next((written[identity] for identity in found if identity in written), None):
            problems.append(Problem(f"{path} is the same file as {other[0]} ({other[1]})", option, suggestion="write to another file"))
        written |= dict.fromkeys(found, (option, path))
    return problems


def identities(path: str) -> list[Identity]:
    """Where a file is, with links followed; of one that exists also its device and inode."""
    real = os.path.realpath(path)
    found: list[Identity] = [("path", real)]
    if os.path.exists(real):  # noqa: PTH110 (a path that is too long is reported by the writer)
        status = os.stat(real)  # noqa: PTH116
        found.append(("inode", str(status.st_dev), str(status.st_ino)))
    return found
