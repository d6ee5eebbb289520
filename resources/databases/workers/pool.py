"""Workers that are kept between queries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from operators.databases.execution import Execution, NotExecuted
from operators.databases.schema import Schema
from resources.databases.target import Target
from resources.databases.workers.messages import Task
from resources.databases.workers.worker import Worker


class Pool:
    """At most `most` workers; a query waits for one that is free. For any number of threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: list[Worker] = []
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    def do(self, task: Task) -> Execution | Schema:
        with self._worker(task.target) as worker:
            answer = worker.do(task)
        if isinstance(answer, NotExecuted) and answer.cause == "error" and answer.message.startswith("the process that ran it ended"):
            with self._worker(task.target) as worker:  # it may have been ended from outside, between two queries
                return worker.do(task)
        return answer

    @contextmanager
    def _worker(self, target: Target) -> Iterator[Worker]:
        worker = self._take(target)
        try:
            yield worker
        except BaseException:
            worker.close()  # whatever it still has to say belongs to the query that was left
            raise
        finally:
            self._give_back(worker)

    def _take(self, target: Target) -> Worker:
        """The free worker that had this database last, or one of its engine, or a new one: in the place of one of another engine, if need be."""
        with self._changed:
            while True:
                if self._closed:
                    raise RuntimeError("the databases were closed")
                known = [worker for worker in self._free if worker.last == target] or [one for one in self._free if one.engine == target.engine]
                if known:
                    self._free.remove(known[-1])
                    return known[-1]
                if self._count < self._most:
                    self._count += 1
                    break
                if self._free:
                    self._free.pop(0).close()
                    break
                self._changed.wait()
        try:
            return Worker(target.engine)
        except BaseException:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            raise

    def _give_back(self, worker: Worker) -> None:
        with self._changed:
            if worker.is_alive and not self._closed:
                self._free.append(worker)
            else:
                if worker.is_alive:
                    worker.close()
                self._count -= 1
            self._changed.notify()

    def close(self) -> None:
        """End all workers; queries under way end first."""
        with self._changed:
            self._closed = True
            while self._free:
                self._free.pop().close()
                self._count -= 1
            self._changed.notify_all()
