"""The work on one part of a table as plain data, and the function that does it: in any process that can build the operator and read the table."""

from __future__ import annotations

import base64
import builtins
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from operators.asking.answers import Usage
from operators.engine.arrow_files import ArrowFile, ArrowFileStorage, read_arrow_file
from operators.engine.batch import Batch
from operators.engine.here import run_here
from operators.engine.nulls import skipped_rows
from operators.engine.parts import Location, Part, PartStorage
from operators.engine.report import Report
from operators.engine.rows_reader import RowsReader
from operators.engine.run import Run
from operators.engine.step import Step
from operators.tables.errors import PromiseBroken, StageFailed
from operators.tables.storage import Storage

Work: TypeAlias = Literal["process", "sketch", "examine", "apply"]

PLACE = "place"


@dataclass(frozen=True, slots=True)
class PartTask:
    """Do `work` of `operator` on the rows `part` of the table at `location`; files that it makes begin with `files`."""

    operator: Mapping[str, Any]
    """`Operator.as_dict`."""
    modules: Sequence[str]
    """What has to be imported to know the operator."""
    fingerprint: str
    """Of the operator where the task was made: a process in which it has another must not do the task."""
    work: Work
    location: Location
    part: Part
    files: str
    schemas: Sequence[str] = ()
    """Of all input tables, serialized (see `written_schema`)."""
    conclusion: str = ""
    """An Arrow file: of what was decided on the rows, for "apply"; of the places of rows in the part, nulls left out, for "examine"."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @staticmethod
    def of(task: Mapping[str, Any]) -> PartTask:
        return PartTask(**{**task, "part": Part(**task["part"])})


@dataclass(slots=True)
class PartResult:
    """What came of a task. Files of rows are "" where there are none."""

    reports: list[Mapping[str, Any]] = field(default_factory=list)
    """`Report.counts` of each batch, in order; of each with rows that go on, there is a batch in `kept`."""
    usage: dict[str, Usage] = field(default_factory=dict)
    """Of the resources, where the task was done in this process: others have none."""
    kept: str = ""
    aside: str = ""
    sketch: str = ""
    """Of "examine", what that made of the rows."""
    present: int = 0
    """Rows that the sketch is of: those without nulls."""
    error: Mapping[str, str] | None = None
    """What ended the work, after the batches in `reports`; see `raised`."""

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("reports", "kept", "aside", "sketch", "present", "error")}


def run_part(task: PartTask, operator: Step, table: Storage, resources: Mapping[str, Any] | None = None) -> PartResult:
    """Do a task. What is raised is part of the result, so that it comes where it would have come in one process: after the rows before it."""
    result = PartResult()
    kept, aside, sketch = (ArrowFile(Path(f"{task.files}.{name}")) for name in ("kept", "aside", "sketch"))
    part = PartStorage(table, task.part)
    try:
        if task.work == "sketch":
            for rows in RowsReader(operator, part).sketches():
                sketch.write(rows)
                result.present += rows.num_rows
        elif task.work == "examine":
            (places,) = read_arrow_file(task.conclusion)
            for rows in RowsReader(operator, part).examined(places.column(PLACE).to_numpy()):
                sketch.write(rows)
        else:
            run = _PartRun(operator, part, [read_schema(schema) for schema in task.schemas], kept, aside, result)
            if task.work == "apply":
                _apply(run, task.conclusion)
            else:
                run_here(run, resources or {})
            result.usage = run.report.usage
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        result.error = told(error)
    result.kept, result.aside, result.sketch = kept.close(), aside.close(), sketch.close()
    return result


class _PartRun(Run):
    """A run over a part: rows are not given ids, nor is it judged how many fail, for both need all parts."""

    def __init__(self, operator: Step, part: Storage, schemas: Sequence[pa.Schema], kept: ArrowFile, aside: ArrowFile, result: PartResult) -> None:
        super().__init__(operator, [part], kept, aside, schemas=schemas)
        self._result = result

    def write_kept(self, rows: pa.RecordBatch) -> None:
        if rows.num_rows:
            self.kept.write(rows)

    def count(self, done: Report) -> None:
        self._result.reports.append(done.counts())


def _apply(run: Run, conclusion: str) -> None:
    (rows_decided,) = read_arrow_file(conclusion)
    at = 0
    for rows in run.inputs[0].batches():
        batch = Batch(rows)
        count = len(batch) - int(skipped_rows(run.operator, batch).sum())
        run.finish_of_table(run.operator.apply(batch, rows_decided.slice(at, count), run.schema))
        at += count


def told(error: BaseException) -> dict[str, str]:
    """An exception as plain data."""
    return {"type": type(error).__name__, "message": str(error), "trace": "".join(traceback.format_exception(error))}


def raised(error: Mapping[str, str]) -> BaseException:
    """The exception that was told: of its own type where that is one of ours or of Python's, else StageFailed."""
    ours = {"StageFailed": StageFailed, "PromiseBroken": PromiseBroken}
    known: Any = ours.get(error["type"]) or getattr(builtins, error["type"], None)
    if isinstance(known, type) and issubclass(known, Exception):
        again: BaseException = known(error["message"])
    else:
        again = StageFailed(f"{error['type']}: {error['message']}")
    again.add_note(f"In the process that did this part:\n{error['trace']}")
    return again


def written_schema(schema: pa.Schema) -> str:
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def read_schema(written: str) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(written)))


def open_arrow(location: Location) -> Storage:
    """Opens locations that are stored as "arrow"."""
    return ArrowFileStorage(str(location["path"]))
