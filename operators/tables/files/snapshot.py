"""Files as they were when a reading began, so that a mixture of two contents is never taken for one table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from operators.tables.files.errors import FileChangedError, FileFormatError, explained

State = tuple[int, int, int, int]
"""Device, inode, bytes, time of the last change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    states: tuple[tuple[str, State], ...]

    @staticmethod
    def of(paths: Sequence[str]) -> Snapshot:
        return Snapshot(tuple((path, _state(path)) for path in paths))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Raises FileChangedError at the end of the context if a file is no longer what it was, also where the reading failed."""
        try:
            yield
        except FileFormatError as error:
            self._check(error)
            raise
        self._check(None)

    def _check(self, reason: FileFormatError | None) -> None:
        for path, before in self.states:
            try:
                now = _state(path)
            except FileFormatError:
                raise FileChangedError(f"{path}: was removed while it was being read. Read it again when it is whole.") from reason
            if now != before:
                raise FileChangedError(
                    f"{path}: was {_change(before, now)} while it was being read. Read it again when nobody writes to it."
                ) from reason


def _state(path: str) -> State:
    with explained(path, "read"):
        status = os.stat(path)  # noqa: PTH116 (the bare facts)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _change(before: State, now: State) -> str:
    if before[:2] != now[:2]:
        return "replaced by another file"
    if before[2] != now[2]:
        return f"{'appended to' if now[2] > before[2] else 'cut'} (from {before[2]:,} to {now[2]:,} bytes)"
    return "written to"
