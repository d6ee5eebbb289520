"""Workers that are kept between conversions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from operators.document_model.conversion import Conversion
from resources.documents.workers.messages import Task
from resources.documents.workers.worker import Worker

MOST_DONE: Final = 300
"""Conversions after which a worker is replaced: parsers of many formats leave memory behind."""


class Pool:
    """At most `most` workers; a conversion waits for one that is free. For any number of threads."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._free: list[Worker] = []
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    def do(self, task: Task, content: bytes) -> Conversion:
        with self._worker() as worker:
            return worker.do(task, content)

    def process_ids(self) -> list[int]:
        """Of the workers that wait."""
        with self._changed:
            return [worker.process_id for worker in self._free]

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = self._take()
        try:
            yield worker
        except BaseException:
            worker.close()  # whatever it still has to say belongs to the file that was left
            raise
        finally:
            self._give_back(worker)

    def _take(self) -> Worker:
        with self._changed:
            while True:
                if self._closed:
                    raise RuntimeError("the converter of documents was closed")
                if self._free:
                    return self._free.pop()
                if self._count < self._most:
                    self._count += 1
                    break
                self._changed.wait()
        try:
            return Worker(self._most_bytes)
        except BaseException:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            raise

    def _give_back(self, worker: Worker) -> None:
        with self._changed:
            if worker.is_alive and not self._closed and worker.done < MOST_DONE:
                self._free.append(worker)
            else:
                if worker.is_alive:
                    worker.close()
                self._count -= 1
            self._changed.notify()

    def close(self) -> None:
        """End all workers; conversions under way end first."""
        with self._changed:
            self._closed = True
            while self._free:
                self._free.pop().close()
                self._count -= 1
            self._changed.notify_all()
