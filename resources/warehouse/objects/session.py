"""What this process reads and writes, told to others by one object, pins/NAME, that is renewed while it holds anything.

It takes the place of the locks of a disk. Collection leaves alone what a living process holds: one whose object is younger than it says itself
that it stays valid, by the dates of the store, so that the clocks of machines may differ. An object that is too old is removed, and its process, if
it only slept, is told so by the next renewal: it stops with an error, and publishes nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.bucket import Bucket, Refused, Tag

PINS = "pins"


@dataclass(frozen=True)
class Times:
    """Seconds."""

    renewed_every: float = 30.0
    valid: float = 600.0
    """After the last renewal; then others may remove what was held."""
    grace: float = 3600.0
    """What is younger is never removed."""


class PinLost(WarehouseError):
    """This process was away for too long, and others may have removed what it held."""


class Session:
    """Holds folders of versions, by key. Made anew when it was lost."""

    def __init__(self, bucket: Bucket, times: Times) -> None:
        self.key = _new_key()
        self.process = os.getpid()
        self._bucket = bucket
        self._times = times
        self._held: Counter[str] = Counter()
        self._released: deque[str] = deque()
        self._lock = threading.Lock()
        self._tag: Tag | None = None
        self._lost = False
        self._renewals: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def lost(self) -> bool:
        return self._lost

    def hold(self, folders: Iterable[str]) -> None:
        """From the return on, others leave them alone. Raises PinLost."""
        with self._lock:
            self._settle()
            more = Counter(folders)
            known = all(folder in self._held for folder in more)
            self._held.update(more)
            if known and self._tag is not None and not self._lost:
                return
            try:
                self._tell()
            except BaseException:
                self._held.subtract(more)
                self._held = +self._held
                raise

    def release(self, folder: str) -> None:
        """A finalizer may call it at any moment: it is only noted, and told with the next renewal."""
        self._released.append(folder)

    def confirm(self) -> None:
        """Renew now. When it returns, nobody had removed anything that is held. Raises PinLost."""
        with self._lock:
            self._tell()

    def check(self) -> None:
        """Raises PinLost where a renewal was refused."""
        if self._lost:
            raise _lost(self.key)

    def settle(self) -> None:
        """Tell others what was released."""
        with self._lock:
            if self._settle() and self._tag is not None and not self._lost:
                self._tell_or_end()

    def end(self) -> None:
        """Nothing is held any more."""
        with self._lock:
            self._ended.set()
            self._held.clear()
            if self._tag is not None and self.process == os.getpid():
                self._tag = None
                with contextlib.suppress(WarehouseError):  # what stays is too old after a while
                    self._bucket.delete([self.key], tries=1)

    def _settle(self) -> bool:
        changed = False
        while self._released:
            folder = self._released.popleft()
            self._held[folder] -= 1
            if self._held[folder] <= 0:
                del self._held[folder]
                changed = True
        return changed

    def _tell(self) -> None:
        """Write the object. Raises PinLost where somebody removed it."""
        if self._lost:
            raise _lost(self.key)
        try:
            body = self._body()
            self._tag = self._bucket.create(self.key, body) if self._tag is None else self._bucket.replace(self.key, body, self._tag)
        except Refused:
            self._lost = True
            raise _lost(self.key) from None
        if self._renewals is None:
            self._renewals = threading.Thread(target=self._renew, name="warehouse-pins", daemon=True)
            self._renewals.start()
            atexit.register(self.end)

    def _tell_or_end(self) -> None:
        if self._held:
            self._tell()
        else:  # a new name for the next time: of this one it may be uncertain whether it is there
            gone, self.key, self._tag = self.key, _new_key(), None
            self._bucket.delete([gone])

    def _body(self) -> bytes:
        said = {"valid_seconds": self._times.valid, "host": socket.gethostname(), "process": self.process, "renewal": secrets.token_hex(8)}
        return json.dumps({**said, "holds": sorted(self._held)}).encode()

    def _renew(self) -> None:
        while not self._ended.wait(self._times.renewed_every):
            # while the store cannot be reached, the next turn tries again; a lost pin is told to whoever reads or publishes
            with contextlib.suppress(WarehouseError), self._lock:
                self._settle()
                if self._tag is not None and not self._lost and not self._ended.is_set():
                    self._tell_or_end()


def _new_key() -> str:
    return f"{PINS}/{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(8)}"


def _lost(key: str) -> PinLost:
    return PinLost(
        f"this process was away for too long (suspended, or without the store): its pin {key} was removed, and with it perhaps what it was "
        "reading or writing. Nothing was published of it. Run again."
    )
