"""A file that is being fetched: the bytes that are there already, from whichever carrier.

All carriers bring the same bytes, so what one has begun another can go on with: the length says how far it is.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Protocol

from resources.fetching.errors import FetchFailed
from resources.fetching.files import Say, megabytes, sha256_of

_SECONDS_BETWEEN_SENTENCES = 5.0


class PartialFile:
    """Grows at its end; a kill leaves what was written. `size`: how many bytes it will have."""

    def __init__(self, path: Path, size: int, say: Say) -> None:
        self.path = path
        self.size = size
        self.say = say
        self._file = path.open("ab")
        self._said = time.monotonic()

    @property
    def length(self) -> int:
        return self._file.tell()

    def append(self, block: bytes) -> None:
        """Raises FetchFailed for more than the file should have."""
        if self.length + len(block) > self.size:
            raise FetchFailed(f"more than the {self.size:,} bytes that it should have")
        self._file.write(block)
        if time.monotonic() - self._said > _SECONDS_BETWEEN_SENTENCES:
            self._said = time.monotonic()
            self.say(f"{megabytes(self.length)} of {megabytes(self.size)}")

    def cut(self, length: int) -> None:
        self._file.flush()
        self._file.truncate(length)
        self._file.seek(length)

    def keep(self) -> None:
        """What was appended survives a power cut from here on."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class Carrier(Protocol):
    """A place that has the file. `str(carrier)` says which."""

    def bring(self, partial: PartialFile) -> None:
        """Append what is missing. Raises FetchFailed; what was appended stays."""
        ...


def complete(path: Path, size: int, sha256: str, carriers: list[Carrier], say: Say) -> None:
    """Bring the whole file to `path`, going on with what is there; the carriers are tried in order.

    Raises:
        FetchFailed: what every carrier lacked. What was fetched stays for the next time, unless its digest was wrong.
    """
    failures: list[str] = []
    partial = PartialFile(path, size, say)
    try:
        for carrier in carriers:
            if _brought(partial, carrier, sha256, failures):
                return
    finally:
        partial.close()
    if not path.stat().st_size:
        path.unlink()
    raise FetchFailed("\n  ".join(failures))


def _brought(partial: PartialFile, carrier: Carrier, sha256: str, failures: list[str]) -> bool:
    """Whether the file is whole and right now. Twice, where the bytes of an earlier time may be what is wrong."""
    while True:
        began = partial.length
        partial.say(f"from {carrier}" + (f", going on after {megabytes(began)}" if began else ""))
        try:
            carrier.bring(partial)
        except FetchFailed as error:
            partial.keep()
            failures.append(f"{carrier}: {error}")
            partial.say(failures[-1])
            return False
        partial.keep()
        digest = sha256_of(partial.path)
        if digest == sha256:
            return True
        partial.cut(0)
        problem = f"sha256 is {digest}, and should be {sha256}: it was not kept"
        if not began:
            failures.append(f"{carrier}: {problem}")
            return False
        partial.say(f"{problem}; once more from its start")
