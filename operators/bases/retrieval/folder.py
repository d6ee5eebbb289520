"""Folders of indexes: whole or not there, however their making ends; forgotten when nobody has used them for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

DAYS_KEPT: Final = 30
_SECONDS_A_DAY: Final = 86_400
_BEING_MADE: Final = ".making-"


@contextmanager
def publishing(target: Path) -> Iterator[Path]:
    """A folder to write to, which gets its name when all is written. Where another process was faster, what it made is kept instead."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{_BEING_MADE}{target.name}-", dir=target.parent))
    try:
        yield made
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def mark_used(folder: Path) -> None:
    os.utime(folder)


def forget_unused(root: Path) -> None:
    """Remove the indexes of a cache that were not used for DAYS_KEPT days, and what killed processes left beside and inside of indexes as long ago.
    Those that are open stay readable."""
    oldest = time.time() - DAYS_KEPT * _SECONDS_A_DAY
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir():
            for old in (folder, *folder.glob(f"{_BEING_MADE}*")):
                with suppress(FileNotFoundError):  # another process removes it too
                    if old.stat().st_mtime < oldest:
                        shutil.rmtree(old, ignore_errors=True)
