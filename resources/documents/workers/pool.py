"""Workers that are kept between conversions."""

from __future__ import annotations

from typing import Final

from operators.document_model.conversion import Conversion, NotConverted
from operators.document_model.pictures import PictureResult
from resources.documents.workers.messages import Task
from resources.documents.workers.worker import Worker
from resources.worker_pool import WorkerPool

MOST_DONE: Final = 300
"""Conversions after which a worker is replaced: parsers of many formats leave memory behind."""


class Pool(WorkerPool[Worker, None]):
    """At most `most` workers; a conversion waits for one that is free."""

    what = "the converter of documents was"

    def __init__(self, most: int, most_bytes: int) -> None:
        super().__init__(most)
        self._most_bytes = most_bytes

    def do(self, task: Task, content: bytes) -> Conversion:
        with self.worker(None) as worker:
            return worker.do(task, content)

    def pictures(self, task: Task, content: bytes) -> tuple[list[PictureResult], NotConverted | None]:
        with self.worker(None) as worker:
            return worker.pictures(task, content)

    def make(self, wanted: None) -> Worker:
        return Worker(self._most_bytes)

    def is_worn_out(self, worker: Worker) -> bool:
        return worker.done >= MOST_DONE

    def process_ids(self) -> list[int]:
        """Of the workers that wait."""
        with self._changed:
            return [worker.process_id for worker in self._free]
