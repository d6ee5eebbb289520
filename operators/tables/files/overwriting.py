"""Outputs that would overwrite one another, or what is being read, are refused before anything is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from operators.tables.errors import ParameterError, Problem
from operators.tables.files.paths import find_files
from operators.tables.files.storage import FileStorage
from operators.tables.storage import Storage

Identity: TypeAlias = tuple[str, ...]


def refuse_overwriting(outputs: Sequence[tuple[str, str]], sources: Mapping[str, Storage]) -> None:
    """`outputs` are (option, path). Two names of one file count as one: another spelling, a link, a hard link, a member of a folder or a glob.

    Raises ParameterError.
    """
    read: dict[Identity, tuple[str, str]] = {}
    for name, source in sources.items():
        if isinstance(source, FileStorage):
            # found under all its names, an input is known whichever of them is written
            read |= {identity: (name, file) for file in find_files(source.path) for identity in _identities(file)}
    problems, written = [], dict[Identity, tuple[str, str]]()
    for option, path in outputs:
        identities = _identities(path)
        if taken := next((read[identity] for identity in identities if identity in read), None):
            problems.append(Problem(f"{path} is read as the input {taken[0]} ({taken[1]})", option, suggestion="write to another file"))
        elif other := next((written[identity] for identity in identities if identity in written), None):
            problems.append(Problem(f"{path} is the same file as {other[0]} ({other[1]})", option, suggestion="write to another file"))
        written |= dict.fromkeys(identities, (option, path))
    if problems:
        raise ParameterError(problems)


def _identities(path: str) -> list[Identity]:
    """Where a file is, with links followed; of one that exists also its device and inode."""
    real = os.path.realpath(path)
    found: list[Identity] = [("path", real)]
    if os.path.exists(real):  # noqa: PTH110 (a path that is too long is reported by the writer)
        status = os.stat(real)  # noqa: PTH116
        found.append(("inode", str(status.st_dev), str(status.st_ino)))
    return found
