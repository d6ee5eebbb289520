"""Worker processes that are kept between tasks, a limited number of them, for any number of threads."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Generic, Protocol, TypeVar


class Closable(Protocol):
    @property
    def is_alive(self) -> bool: ...
    def close(self) -> None: ...


WorkerType = TypeVar("WorkerType", bound=Closable)
Wanted = TypeVar("Wanted")


class WorkerPool(ABC, Generic[WorkerType, Wanted]):
    """At most `most` workers; a task waits for one that is free. `Wanted` is what a task asks of its worker."""

    what: ClassVar[str]
    """What is closed, for the error that says so."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: list[WorkerType] = []
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    @abstractmethod
    def make(self, wanted: Wanted) -> WorkerType:
        """A new worker."""

    def choose(self, free: Sequence[WorkerType], wanted: Wanted) -> WorkerType | None:
        """The waiting worker that should do the task; None where none of them can. Here: the one that waits for the shortest time."""
        return free[-1] if free else None

    def is_worn_out(self, worker: WorkerType) -> bool:
        """Whether a worker is replaced although it is alive."""
        return False

    @contextmanager
    def worker(self, wanted: Wanted) -> Iterator[WorkerType]:
        """A worker for the block. It is closed where the block raises: whatever it still has to say belongs to the task that was left.

        Raises:
            RuntimeError: the pool was closed.
        """
        worker = self._take(wanted)
        try:
            yield worker
        except BaseException:
            worker.close()
            raise
        finally:
            self._give_back(worker)

    def close(self) -> None:
        """End all workers; tasks under way end first."""
        with self._changed:
            self._closed = True
            while self._free:
                self._free.pop().close()
                self._count -= 1
            self._changed.notify_all()

    def _take(self, wanted: Wanted) -> WorkerType:
        with self._changed:
            while True:
                if self._closed:
                    raise RuntimeError(f"{self.what} closed")
                if (chosen := self.choose(self._free, wanted)) is not None:
                    self._free.remove(chosen)
                    return chosen
                if self._count < self._most:
                    self._count += 1
                    break
                if self._free:  # of another kind: it makes room
                    self._free.pop(0).close()
                    break
                self._changed.wait()
        try:
            return self.make(wanted)
        except BaseException:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            raise

    def _give_back(self, worker: WorkerType) -> None:
        with self._changed:
            if worker.is_alive and not self._closed and not self.is_worn_out(worker):
                self._free.append(worker)
            else:
                if worker.is_alive:
                    worker.close()
                self._count -= 1
            self._changed.notify()
