"""Workers that are kept between queries."""

from __future__ import annotations

from collections.abc import Sequence

from operators.databases.execution import Execution, NotExecuted
from operators.databases.schema import Schema
from resources.databases.target import Target
from resources.databases.workers.messages import Task
from resources.databases.workers.worker import Worker
from resources.worker_pool import WorkerPool


class Pool(WorkerPool[Worker, Target]):
    """At most `most` workers, each of one engine; a query waits for one that is free."""

    what = "the databases were"

    def do(self, task: Task) -> Execution | Schema:
        with self.worker(task.target) as worker:
            answer = worker.do(task)
        if isinstance(answer, NotExecuted) and answer.cause == "error" and answer.message.startswith("the process that ran it ended"):
            with self.worker(task.target) as worker:  # it may have been ended from outside, between two queries
                return worker.do(task)
        return answer

    def make(self, wanted: Target) -> Worker:
        return Worker(wanted.engine)

    def choose(self, free: Sequence[Worker], wanted: Target) -> Worker | None:
        """The one that had this database last, else one of its engine."""
        known = [worker for worker in free if worker.last == wanted] or [worker for worker in free if worker.engine == wanted.engine]
        return known[-1] if known else None
