"""How many processes of this machine ask one server under a rate: each takes its part, so that together they keep it.

Each holds a file of its own locked (flock) for as long as it may ask, in a folder beside the answers: whoever is killed holds nothing. Processes
that have no answers in common do not know of each other, nor do those of other machines: for them there is the gateway (`dataflow serve`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

FOLDER = "rates"
_LOOK_AGAIN_SECONDS = 1.0


def name_of(identity: Mapping[str, Any], model: str) -> str:
    """Of the folder of those who ask one model of one backend."""
    return hashlib.sha256(orjson.dumps([dict(identity), model], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


class RateShare:
    """Those who hold a file in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 1
        self._looked_at = float("-inf")
        self._lock = threading.Lock()
        self._holding = 0
        self._file: IO[bytes] | None = None

    def count(self) -> int:
        """Of all who may ask now, this process among them, as they were less than a second ago."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_AGAIN_SECONDS:
            self._looked_at, self._count = now, max(1, sum(map(_is_held, self._folder.glob("*.holds"))))
        return self._count

    @contextmanager
    def held(self) -> Iterator[None]:
        """For as long as the context lasts this process may ask, however many of its sessions do. Raises OSError: the folder cannot be written."""
        with self._lock:
            if self._file is None:
                self._file = self._hold()
                self._looked_at = float("-inf")
            self._holding += 1
        try:
            yield
        finally:
            with self._lock:
                self._holding -= 1
                if not self._holding:
                    with contextlib.suppress(FileNotFoundError):
                        Path(self._file.name).unlink()
                    self._file.close()
                    self._file = None

    def _hold(self) -> IO[bytes]:
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}.holds"
            file = path.open("wb")
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists():
                return file
            file.close()  # somebody looked between the two lines and took it for one that was left


def _is_held(path: Path) -> bool:
    """A file that nobody holds was left by a process that was killed: it is removed."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
