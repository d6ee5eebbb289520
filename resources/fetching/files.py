"""What every store of fetched files does to them: digest, lock, room on the disk, an atomic end."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from operators.tables.files.errors import access_error
from resources.fetching.errors import FetchFailed

Say: TypeAlias = Callable[[str], None]
"""Told in a sentence what goes on."""

CHOOSE = "DATAFLOW_MODELS and DATAFLOW_DATASETS name another folder."
_SPARE_BYTES = 64 * 2**20
"""What a fetch leaves free for others."""


def megabytes(count: int) -> str:
    """1,117 MB, 0.1 MB."""
    return f"{count / 1e6:,.0f} MB" if count >= 10_000_000 else f"{count / 1e6:,.1f} MB"


def sha256_of(*files: Path) -> str:
    """In hexadecimal; of several files, of their contents joined."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def locked(target: Path, say: Say) -> Iterator[None]:
    """One process at a time makes the file; the kernel lets go of the lock when that process ends, however it ends.

    Raises FetchFailed where the folder cannot be written, then or later.
    """
    with writing_in(target.parent), (target.parent / f".{target.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is fetching {target.name}: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """The folder is made where it is not there. Raises FetchFailed where it, or what is in it, cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise FetchFailed(f"{access_error(folder, 'written', error)} {CHOOSE}") from error


def remove_leftovers(target: Path) -> None:
    """The folders of a killed process. Call it under the lock, so that nobody is at work in them."""
    for folder in target.parent.glob(f".{target.name}.*"):
        if folder.is_dir():
            shutil.rmtree(folder)


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raises FetchFailed where the disk has not so many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE_BYTES:
        raise FetchFailed(f"{what} needs {megabytes(needed)} on the disk of {folder}, which has {megabytes(free)} free: free some space. {CHOOSE}")


def publish(made: Path, target: Path) -> None:
    """Give a finished file its name, so that whoever sees the name sees the whole file, also after a power cut."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(target)
