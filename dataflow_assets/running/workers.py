"""Worker processes for the stages of a run: how many, which stages they take, and that they are the same for all."""

from __future__ import annotations

import atexit
import functools
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from dataflow_assets.running.ray_processes import RayProcesses
from operators.core.operator import Operator
from operators.core.rebuilding import modules_of, why_not_rebuilt
from operators.engine.part_task import PartResult, PartTask
from operators.engine.parts import Part, cut
from operators.engine.processes import Message, Processes
from operators.engine.step import Step
from operators.tables.errors import ParameterError, Problem, StageFailed
from operators.tables.storage import Storage
from operators.tables.threads import MOST, count_of, usable_threads

logger = logging.getLogger(__name__)

WORKERS = "DATAFLOW_WORKERS"
"""Environment variable: "auto", a number or "ray", where nothing else says it."""
PROGRAM = "dataflow_assets.running.worker"
AUTO_BYTES = 256 << 20
"""With "auto", a table smaller than this is worked on by this process alone: starting workers costs more than they save (benchmarks/workers.py)."""
PARTS_A_WORKER = 4
"""At least, so that none waits long for the last one."""

Setting: TypeAlias = int | Literal["auto", "ray"]


def read_setting(said: str | int | None, where: str = "workers") -> Setting:
    """What a user wrote: a number from 1 to 1,024, "auto" or "ray"; None and "" ask the environment variable DATAFLOW_WORKERS, and then mean "auto".

    Raises:
        ParameterError: it is neither.
    """
    if said is None or said == "":
        return read_setting(os.environ.get(WORKERS) or "auto", WORKERS)
    text = str(said).strip().lower()
    if text == "auto":
        return "auto"
    if text == "ray":
        return "ray"
    count = count_of(text)
    if count is None:
        suggestion = f'give a number of processes, 1 to {MOST:,}, "auto", or "ray" for a cluster'
        raise ParameterError([Problem(f'{where} is "{said}"', suggestion=suggestion)])
    return count


class Workers:
    """The processes of a run, started with the first stage that needs them and used by all that follow."""

    def __init__(self, setting: Setting = "auto") -> None:
        self._setting = setting
        self.processes: Processes | RayProcesses = (
            RayProcesses() if setting == "ray" else Processes(usable_threads() if setting == "auto" else setting, PROGRAM)
        )
        self._known: dict[str, bool] = {}

    @property
    def count(self) -> int:
        """Parts that are done at once."""
        return self.processes.count

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.processes.close()

    def at(self, folder: Path) -> StageWorkers:
        """For one stage, whose rows go through files in `folder`."""
        return StageWorkers(self, folder)

    def take(self, operator: Operator, inputs: Sequence[Storage]) -> bool:
        """Whether the workers do the work of an operator on these tables.

        They have no model servers, whose caches, limits and budgets are those of one process, and share no weights of local models; an operator that
        streams through the whole table has no parts.
        """
        if operator.needs or operator.asynchronous or not (operator.scope == "row" or operator.combines):
            return False
        if self._setting != "ray" and self.count < 2:
            return False
        if self._setting == "auto" and sum(storage.count_bytes() or 0 for storage in inputs) < AUTO_BYTES:
            return False
        fingerprint = operator.fingerprint()
        if fingerprint not in self._known:
            self._known[fingerprint] = self._know(operator, fingerprint)
        return self._known[fingerprint]

    def _know(self, operator: Operator, fingerprint: str) -> bool:
        """Whether a worker can build the operator; where not, that is said once. Raises StageFailed where it has other code for it."""
        why = why_not_rebuilt(operator)
        if not why:
            asked = {"operator": operator.as_dict(), "modules": modules_of(operator), "fingerprint": fingerprint}
            (answered,) = self.processes.answers(iter([asked]), lambda _: f"build {operator.name}")
            if "differs" in answered:
                raise StageFailed(str(answered["differs"]))
            why = answered.get("cannot", "")
        if why:
            logger.warning("%s is run in this process alone, for a worker process cannot build it: %s.", operator.name, why)
        return not why

    def do(self, tasks: Iterator[PartTask]) -> Iterator[tuple[PartTask, PartResult]]:
        taken: list[PartTask] = []

        def messages() -> Iterator[Message]:
            for task in tasks:
                taken.append(task)
                yield task.as_dict()

        for answered in self.processes.answers(messages(), _what):
            if "result" not in answered:
                raise StageFailed(str(answered.get("differs") or answered.get("cannot")))
            yield taken.pop(0), PartResult(**answered["result"])


class StageWorkers:
    """What the engine asks of workers; see `operators.engine.in_parts.Executor`."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._workers = workers
        self.folder = folder

    def takes(self, operator: Step, inputs: Sequence[Storage]) -> bool:
        return isinstance(operator, Operator) and self._workers.take(operator, inputs)

    def cut(self, storage: Storage) -> list[Part]:
        return cut(storage.stretches(), storage.count_bytes() or 0, PARTS_A_WORKER * self._workers.count)

    def modules_of(self, operator: Step) -> Sequence[str]:
        assert isinstance(operator, Operator)
        return modules_of(operator)

    def run(self, operator: Step, tasks: Iterator[PartTask], given: Mapping[str, Any]) -> Iterator[tuple[PartTask, PartResult]]:
        return self._workers.do(tasks)


@functools.cache
def workers_of_process(setting: Setting) -> Workers:
    """Kept for all stages that this process runs, as those of a Dagster run."""
    workers = Workers(setting)
    atexit.register(workers.close)
    return workers


def _what(message: Message) -> str:
    if "work" not in message:
        return f"build {message['operator']['operator']}"
    first, rows = message["part"]["first"], message["part"]["rows"]
    return f"{message['work']} {message['operator']['operator']} on rows {first + 1:,} to {first + rows:,}"
