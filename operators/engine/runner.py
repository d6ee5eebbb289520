"""Running an operator over a table: the one place that owns batches, streaming, failed rows, promises and progress."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from operators.engine.batch import Batch, Processed
from operators.engine.calls import call_asynchronously, row_arguments
from operators.engine.promises import check_promise
from operators.engine.report import OtherTable, Progress, Report
from operators.engine.result import RunResult, readable
from operators.engine.rows_reader import RowsReader
from operators.engine.step import Step
from operators.engine.synchronously import run_to_end
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.files import FileStorage
from operators.tables.files.unreadable import check_unreadable
from operators.tables.row_ids import GeneratedRowIds, RowIdStorage
from operators.tables.storage import Storage, Writer
from operators.tables.types import ROW_ID

BATCH_ROWS = 2048
OPEN_BATCH_ROWS = 16
"""Rows of a batch of an asynchronous operator: small, so that finished rows are written soon."""
OPEN_ROWS = 1000
OPEN_ROWS_PER_REQUEST = 4
"""An asynchronous operator keeps `OPEN_ROWS` rows open, or so many for each request the server can take, if that is more: rows are written in
order, and while the oldest waits for a slow answer the server must have others to work on."""
PROGRESS_SECONDS = 0.5


def run_on_storage(
    operator: Step, storages: Sequence[Storage], *, into: Storage, rejected: Storage, resources: Mapping[str, Any], progress: Progress | None = None
) -> RunResult:
    """Check, execute, publish. Rows without ids are given them; ids that are there must identify the rows."""
    inputs = [RowIdStorage(storage) for storage in storages]
    schemas = [storage.schema for storage in inputs]
    if problems := operator.problems(*schemas):
        raise ColumnError(problems)
    schema_out, schema_aside = operator.schema_out(*schemas), operator.schema_aside(*schemas)
    with into.writer(schema_out) as kept, rejected.writer(schema_aside) as aside:
        report = run_operator(operator, inputs, kept, aside, resources=resources, progress=progress)
        bad = [check_unreadable(storage) for storage in storages if isinstance(storage, FileStorage)]
    return RunResult(report, readable(into, schema_out), readable(rejected, schema_aside), bad)


def run_operator(
    operator: Step, inputs: Sequence[Storage], kept: Writer, aside: Writer, *, resources: Mapping[str, Any], progress: Progress | None = None
) -> Report:
    """Run an operator over its input tables, writing the rows that go on to `kept` and those set aside to `aside`.

    Raises:
        StageFailed: more rows failed than `max_failed` allows, a resource is missing, or the operator broke its promise.
        ServingStopped: a language model refuses every further request.
    """
    run = _Run(operator, inputs, kept, aside, progress)
    given = _counted(operator, _resources(operator, resources), run.report)
    started = time.perf_counter()
    if operator.scope == "table":
        run.whole_table(given)
    elif operator.asynchronous:
        run_to_end(lambda: run.asynchronously(given))
    else:
        for rows in inputs[0].batches(size=BATCH_ROWS):
            batch = Batch(rows)
            processed = operator.process(batch, given)
            check_promise(operator, batch, processed)
            run.finish(processed, len(batch))
    run.report.seconds = time.perf_counter() - started
    run.end()
    return run.report


def _resources(operator: Step, resources: Mapping[str, Any]) -> dict[str, Any]:
    given = {}
    for need, name in operator.resource_names().items():
        if name not in resources:
            known = ", ".join(sorted(resources)) or "none"
            raise StageFailed(f'{operator.name} needs the resource "{name}" ({need}); given: {known}. Pass resources={{"{name}": ...}}.')
        given[str(need)] = resources[name]
    return given


def _counted(operator: Step, given: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Resources that count what they do for several stages are given as ones that count this stage alone."""
    counted = {need: resource.counted() if hasattr(resource, "counted") else resource for need, resource in given.items()}
    report.usage.update({name: counted[need].usage for need, name in operator.resource_names().items() if counted[need] is not given[need]})
    return counted


class _Run:
    """One run in progress: what came in, what went out, and whether too much failed."""

    def __init__(self, operator: Step, inputs: Sequence[Storage], kept: Writer, aside: Writer, progress: Progress | None) -> None:
        self.operator = operator
        self.inputs = inputs
        self.kept = kept
        self.aside = aside
        self.progress = progress
        self.total = inputs[0].count_rows()
        self.schema = operator.schema_out(*(storage.schema for storage in inputs))
        self.rejected_schema = operator.schema_aside(*(storage.schema for storage in inputs))
        self.new_ids = GeneratedRowIds()
        self.report = Report(operator.name)
        self.done = 0
        self._told = 0.0

    def finish(self, processed: Processed, rows_in: int) -> None:
        """Write what became of a batch and count it."""
        report = self.report
        for rejection in processed.rejections:
            counter = report.rejected_by if rejection.outcome == "filtered" else report.failures
            for reason in rejection.reasons if rejection.outcome == "failed" else ():
                counter[reason if reason in counter or len(counter) < 1000 else "other errors"] += 1
            if rejection.outcome == "filtered":
                counter[rejection.by] += rejection.rows.num_rows
            self.aside.write(rejection.as_batch(self.rejected_schema))
        report.changed_by.update(processed.changed_by)
        report.no_say.update(processed.no_say)
        rows = processed.kept.rows
        if ROW_ID not in rows.schema.names:
            rows = self.new_ids.add(rows)
        if rows.num_rows:
            self.kept.write(rows.select(self.schema.names).cast(self.schema))
        report.rows_in += rows_in
        report.rows_out += rows.num_rows
        self.check_failures()
        self.tell(report.rows_in)

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if self.progress is not None and (now - self._told > PROGRESS_SECONDS or done == self.total):
            self._told = now
            self.progress(done, self.total, self.report)

    def check_failures(self) -> None:
        """Give up as soon as it is certain that too many rows fail."""
        allowed = self.operator.max_failed * self.total
        if self.report.failed <= allowed:
            return
        errors = "; ".join(f"{error} ({count}x)" for error, count in self.report.failures.most_common(3))
        raise StageFailed(
            f"{self.report.failed} of {self.total} rows failed, more than max_failed={self.operator.max_failed:g} allows. {errors}. "
            f"Mend the cause and run again (answers already paid for are in the cache), or raise max_failed of {self.operator.name}."
        )

    def end(self) -> None:
        report = self.report
        given = report.rows_in + sum(table.unused for table in report.other_tables.values())
        if not self.operator.adds_rows and given != report.rows_out + report.rejected:
            raise StageFailed(f"{self.operator.name} was given {given} rows and accounted for {report.rows_out + report.rejected}.")

    def whole_table(self, given: Mapping[str, Any]) -> None:
        readers = [RowsReader(self.operator, storage) for storage in self.inputs]
        unused = Counter[str]()
        for processed in self.operator.process_table(readers, given):
            aside = sum(rejection.rows.num_rows for rejection in processed.rejections)
            unused[processed.table] += aside
            self.finish(processed, 0 if processed.table else len(processed.kept) + aside)
        if self.operator.adds_rows:
            self.report.rows_in = self.total
        for name, storage in list(zip(self.operator.tables, self.inputs, strict=True))[1:]:
            if name in self.operator.accounts_for:
                rows = storage.count_rows()
                self.report.other_tables[name] = OtherTable(rows, rows - unused[name])

    async def asynchronously(self, given: dict[str, Any]) -> None:
        """Keep many rows under way at once and write them in order, as the oldest are done."""
        operator = self.operator
        async with AsyncExitStack() as stack:
            sessions = dict(given)
            for need, name in operator.resource_names().items():
                if hasattr(given[need], "session"):
                    session = await stack.enter_async_context(given[need].session())
                    sessions[need], self.report.usage[name] = session, session.usage
            in_flight = max((getattr(session, "max_in_flight", 1) for session in sessions.values()), default=1)
            most_open = max(OPEN_ROWS, OPEN_ROWS_PER_REQUEST * in_flight)
            under_way: deque[tuple[Batch, list[asyncio.Task[Any]]]] = deque()
            open_rows = 0
            function = operator.row_function()

            async def finish_oldest() -> int:
                batch, tasks = under_way.popleft()
                processed = operator.assemble(batch, [await task for task in tasks])
                check_promise(operator, batch, processed)
                self.finish(processed, len(batch))
                return len(batch)

            try:
                for rows in self.inputs[0].batches(size=OPEN_BATCH_ROWS):
                    batch = Batch(rows)
                    tasks = [asyncio.create_task(call_asynchronously(function, arguments, sessions)) for arguments in row_arguments(operator, batch)]
                    for task in tasks:
                        task.add_done_callback(self._count)
                    under_way.append((batch, tasks))
                    open_rows += len(batch)
                    while open_rows > most_open:
                        open_rows -= await finish_oldest()
                while under_way:
                    await finish_oldest()
            finally:
                left = [task for _, tasks in under_way for task in tasks]
                for task in left:
                    task.cancel()
                await asyncio.gather(*left, return_exceptions=True)

    def _count(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()  # marks it as seen: a fatal one is raised where its row is awaited
            self.done += 1
            self.tell(max(self.done, self.report.rows_in))
