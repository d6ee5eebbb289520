"""What a process shares among all tables of a warehouse on an object store."""

from __future__ import annotations

import datetime
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from resources.warehouse.errors import WarehouseError
from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.opening import PROBES, probe
from resources.warehouse.objects.session import Session, Times

CLOCK = f"{PROBES}/clock"
AT_ONCE = 16
"""Requests of one operation on many tables."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class Connection:
    """The bucket, and the session that tells others what this process holds. The store is looked at (see opening) before anything is held."""

    def __init__(self, bucket: Bucket, times: Times) -> None:
        self.bucket = bucket
        self.times = times
        self._session: Session | None = None
        self._probed = False
        self._lock = threading.Lock()

    @property
    def session(self) -> Session:
        """Of this process; a new one where the last was lost. Raises WarehouseError where the store is not fit."""
        with self._lock:
            if not self._probed:
                probe(self.bucket)
                self._probed = True
            if self._session is None or self._session.lost or self._session.process != os.getpid():
                self._session = Session(self.bucket, self.times)
            return self._session

    def now(self) -> datetime.datetime:
        """By the clock of the store."""
        self.bucket.put(CLOCK, secrets.token_bytes(8))
        written = self.bucket.modified(CLOCK)
        if written is None:
            raise WarehouseError(f"{self.bucket.address}/{CLOCK} was just written, and is not there.")
        return written

    def each(self, act: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Several at once, since each waits for the store. In their order; raises what the first that failed raised."""
        todo = list(items)
        if len(todo) < 2:
            return [act(item) for item in todo]
        with ThreadPoolExecutor(min(AT_ONCE, len(todo)), "warehouse-requests") as threads:
            return list(threads.map(act, todo))
