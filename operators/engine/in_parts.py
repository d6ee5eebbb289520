"""Running an operator over its tables in parts, each done by whoever an executor gives it to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from operators.engine.arrow_files import ARROW, ArrowFile, read_arrow_file
from operators.engine.part_task import PLACE, PartResult, PartTask, Work, raised, written_schema
from operators.engine.parts import Location, Part, check_conclusion
from operators.engine.report import Report
from operators.engine.rows_reader import Places, RowsReader
from operators.engine.run import Run
from operators.engine.step import Step
from operators.tables.storage import Storage


class Executor(Protocol):
    """Does the tasks of parts: in other processes, or on other machines."""

    @property
    def folder(self) -> Path:
        """For files on their way between processes. Whoever made it removes it."""

    def takes(self, operator: Step, inputs: Sequence[Storage]) -> bool:
        """Whether it does this work; if not, the process that asks does it itself."""

    def cut(self, storage: Storage) -> list[Part]:
        """The parts of a table."""

    def modules_of(self, operator: Step) -> Sequence[str]:
        """What another process has to import to know the operator."""

    def run(self, operator: Step, tasks: Iterator[PartTask], given: Mapping[str, Any]) -> Iterator[tuple[PartTask, PartResult]]:
        """The results in the order of the tasks; takes tasks as it can do them, so that few are under way."""


def run_in_parts(run: Run, given: Mapping[str, Any], executor: Executor) -> None:
    """As `run_here`, with the same rows, reasons and counts."""
    work = _Work(run, given, executor)
    if run.operator.scope == "row":
        work.rows()
    else:
        work.tables()


class _Work:
    def __init__(self, run: Run, given: Mapping[str, Any], executor: Executor) -> None:
        self._run = run
        self._given = given
        self._executor = executor
        self._files = itertools.count()
        self._operator = run.operator.as_dict()
        self._fingerprint = run.operator.fingerprint()
        self._modules = executor.modules_of(run.operator)
        self._schemas = [written_schema(schema) for schema in run.schemas]

    def rows(self) -> None:
        """A row by row operator: what each part gives, in their order."""
        storage = self._run.inputs[0]
        self._take(self._tasks("process", storage, self._executor.cut(storage)))

    def tables(self) -> None:
        """A whole-table operator: sketch each part, combine, apply to each part. One that streams needs the whole table in one place."""
        run, operator = self._run, self._run.operator
        parts = [self._executor.cut(storage) for storage in run.inputs]
        readers = [RowsReader(operator, storage) for storage in run.inputs]
        if not operator.combines:
            for processed in operator.process_table(readers, self._given):
                run.finish_of_table(processed)
            run.end_of_tables()
            return
        if operator.sketches:
            sketched = [self._sketched(storage, of_table) for storage, of_table in zip(run.inputs, parts, strict=True)]
            counts = [result.present for result in sketched[0]]
            made = [
                RowsReader(operator, storage, _batches(results), partial(self._examined, storage, of_table, results))
                for storage, of_table, results in zip(run.inputs, parts, sketched, strict=True)
            ]
            conclusion = operator.combine(made, self._given)
            _remove(result.sketch for results in sketched for result in results)
        else:
            conclusion = operator.combine(readers, self._given)
            counts = _present(readers[0], parts[0])
        check_conclusion(operator.name, conclusion, sum(counts))
        self._take(self._tasks("apply", run.inputs[0], parts[0], _slices(conclusion, counts)))
        for processed in operator.apply_to_others(readers):
            run.finish_of_table(processed)
        run.end_of_tables()

    def _sketched(self, storage: Storage, parts: Sequence[Part]) -> list[PartResult]:
        results = []
        for task, result in self._executor.run(self._run.operator, self._tasks("sketch", storage, parts), self._given):
            if result.error is not None:
                raise raised(result.error)
            _remove_read(task)
            results.append(result)
        return results

    def _examined(self, storage: Storage, parts: Sequence[Part], sketched: Sequence[PartResult], places: Places) -> Iterator[pa.RecordBatch]:
        ends = np.cumsum([result.present for result in sketched])
        of_parts = np.split(places, np.searchsorted(places, ends[:-1]))
        asked = (pa.RecordBatch.from_pydict({PLACE: inside - start}) for inside, start in zip(of_parts, [0, *ends], strict=False))
        for task, result in self._executor.run(self._run.operator, self._tasks("examine", storage, parts, asked), self._given):
            if result.error is not None:
                raise raised(result.error)
            yield from read_arrow_file(result.sketch)
            _remove([result.sketch])
            _remove_read(task)

    def _take(self, tasks: Iterator[PartTask]) -> None:
        """Write and count what each part gave, as if its batches had been processed here."""
        run = self._run
        for task, result in self._executor.run(run.operator, tasks, self._given):
            for rows in read_arrow_file(result.aside):
                run.aside.write(rows)
            kept = read_arrow_file(result.kept)
            for counts in result.reports:
                done = Report.counted(run.operator.name, counts)
                if done.rows_out:
                    run.write_kept(next(kept))
                run.count(done)
            if result.error is not None:
                raise raised(result.error)
            run.report.add(Report(run.operator.name, usage=result.usage))
            _remove([result.kept, result.aside])
            _remove_read(task)

    def _tasks(self, work: Work, storage: Storage, parts: Sequence[Part], conclusions: Iterator[pa.RecordBatch] | None = None) -> Iterator[PartTask]:
        """One a part; what a part needs is written when its task is taken."""
        for location, part in self._located(storage, parts):
            conclusion = self._written([next(conclusions)]) if conclusions is not None else ""
            files = self._new_file()
            yield PartTask(self._operator, self._modules, self._fingerprint, work, location, part, files, self._schemas, conclusion)

    def _located(self, storage: Storage, parts: Sequence[Part]) -> Iterator[tuple[Location, Part]]:
        """Where each part is read: in the table, where others can open that, else in a file written for it."""
        place = storage.location()
        if place is not None:
            yield from ((place, part) for part in parts)
            return
        batches = _cut_batches(storage.batches(), parts)
        for part, rows in zip(parts, batches, strict=True):
            yield {"stored": ARROW, "path": self._written(rows or [pa.RecordBatch.from_pylist([], schema=storage.schema)])}, Part(0, part.rows)

    def _written(self, batches: Sequence[pa.RecordBatch]) -> str:
        file = ArrowFile(Path(f"{self._new_file()}.read"))
        for batch in batches:
            file.write(batch)
        return file.close()

    def _new_file(self) -> str:
        return str(self._executor.folder / f"{next(self._files)}")


def _batches(sketched: Sequence[PartResult]) -> Sequence[pa.RecordBatch]:
    """Of all parts, in order. They lie in files, of which memory holds what is looked at."""
    return [rows for result in sketched for rows in read_arrow_file(result.sketch)]


def _present(reader: RowsReader, parts: Sequence[Part]) -> list[int]:
    """Of each part the rows that are not left out for a null."""
    present = reader.present()
    return [int(present[part.first : part.first + part.rows].sum()) for part in parts]


def _slices(conclusion: pa.RecordBatch, counts: Sequence[int]) -> Iterator[pa.RecordBatch]:
    at = 0
    for count in counts:
        yield conclusion.slice(at, count)
        at += count


def _cut_batches(batches: Iterator[pa.RecordBatch], parts: Sequence[Part]) -> Iterator[list[pa.RecordBatch]]:
    """The batches of each part; one that reaches over the end of a part is cut there."""
    left: pa.RecordBatch | None = None
    for part in parts:
        found: list[pa.RecordBatch] = []
        wanted = part.rows
        while wanted:
            batch = left if left is not None else next(batches)
            found.append(batch.slice(0, wanted))
            left = batch.slice(wanted) if batch.num_rows > wanted else None
            wanted -= found[-1].num_rows
        yield found


def _remove_read(task: PartTask) -> None:
    """Files that were written for the task alone."""
    _remove([task.location["path"] if task.location["stored"] == ARROW else "", task.conclusion])


def _remove(files: Iterable[str]) -> None:
    for file in filter(None, files):
        Path(file).unlink()
