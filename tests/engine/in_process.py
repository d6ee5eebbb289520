"""An executor that does the tasks of parts in this process, each as plain data that went through JSON, as another process would get it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operators.core import registry
from operators.engine.part_task import PartResult, PartTask, open_arrow, run_part
from operators.engine.parts import Part
from operators.engine.step import Step
from operators.tables.storage import Storage


@dataclass
class InProcess:
    folder: Path
    cuts: Sequence[int]
    """Shares of a table in thousandths where it is cut; equal ones make parts without rows."""
    done: list[str] = field(default_factory=list)

    def takes(self, operator: Step, inputs: Sequence[Storage]) -> bool:
        return True

    def cut(self, storage: Storage) -> list[Part]:
        rows = storage.count_rows()
        ends = [0, *sorted(rows * cut // 1000 for cut in self.cuts), rows]
        return [Part(first, end - first) for first, end in itertools.pairwise(ends)]

    def modules_of(self, operator: Step) -> Sequence[str]:
        return ()

    def run(self, operator: Step, tasks: Iterator[PartTask], given: Mapping[str, Any]) -> Iterator[tuple[PartTask, PartResult]]:
        for task in tasks:
            sent = PartTask.of(json.loads(json.dumps(task.as_dict())))
            again = registry.build(sent.operator)
            assert again.fingerprint() == sent.fingerprint
            self.done.append(sent.work)
            result = run_part(sent, again, open_arrow(sent.location), given)
            returned = PartResult(**json.loads(json.dumps(result.as_dict())), usage=result.usage)
            yield task, returned
