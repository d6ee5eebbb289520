"""Tables to files: in our formats, or in one that an installed extension brings."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from operators.core import extensions
from operators.tables.errors import ParameterError, Problem, first_line
from operators.tables.files import FileStorage
from operators.tables.storage import Storage


def check_export(path: str | Path) -> None:
    """That a file of this name can be written, so far as its name says.

    Raises:
        ParameterError: no format has its ending.
    """
    if _format_of_extension(Path(path)) is None:
        _own_format(path)


def write_export(table: Storage, path: str | Path) -> None:
    """Write all rows of a table; the file is replaced when it is complete.

    Raises:
        ParameterError: no format has its ending, or the extension that brings the format failed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write = _format_of_extension(path)
    if write is not None:
        _write_by_extension(write, table, path)
        return
    with _own_format(path).writer(table.schema) as writer:
        for rows in table.batches():
            writer.write(rows)


def _own_format(path: str | Path) -> FileStorage:
    try:
        return FileStorage(path, overwrite=True)
    except ValueError as error:
        known = sorted(extensions.load(extensions.EXPORTS))
        brought = (("formats of extensions", ", ".join(known)),) if known else ()
        raise ParameterError([Problem(str(error), details=brought)]) from error


def _format_of_extension(path: Path) -> Callable[[Storage, Path], Any] | None:
    """By the ending of the file's name: the entry point "lance" writes *.lance."""
    found: Callable[[Storage, Path], Any] | None = extensions.load(extensions.EXPORTS).get(path.suffix.removeprefix("."))
    return found


def _write_by_extension(write: Callable[[Storage, Path], Any], table: Storage, path: Path) -> None:
    unfinished = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        write(table, unfinished)
        unfinished.replace(path)
    except Exception as error:  # code of an extension
        name = path.suffix.removeprefix(".")
        raise ParameterError([Problem(f'{path}: the format "{name}" of an extension could not be written: {first_line(error)}')]) from error
    finally:
        unfinished.unlink(missing_ok=True)
