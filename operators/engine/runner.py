"""Running an operator over a table: the one place that owns batches, streaming, failed rows, promises and progress."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from operators.engine.here import run_here
from operators.engine.in_parts import Executor, run_in_parts
from operators.engine.report import Progress, Report
from operators.engine.result import RunResult, readable
from operators.engine.run import Run
from operators.engine.step import Step, need_of
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.files import FileStorage
from operators.tables.files.unreadable import check_unreadable
from operators.tables.row_ids import RowIdStorage
from operators.tables.storage import Storage, Writer


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
    operator: Step,
    inputs: Sequence[Storage],
    kept: Writer,
    aside: Writer,
    *,
    resources: Mapping[str, Any],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Report:
    """Run an operator over its input tables, writing the rows that go on to `kept` and those set aside to `aside`.

    `executor` does the work in parts, elsewhere; where it does not take the work on, and without one, this process does it.

    Raises:
        StageFailed: more rows failed than `max_failed` allows, a resource is missing, or the operator broke its promise.
        ServingStopped: a language model refuses every further request.
    """
    run = Run(operator, inputs, kept, aside, progress)
    given = _counted(operator, _resources(operator, resources), run.report)
    started = time.perf_counter()
    if executor is not None and executor.takes(operator, inputs):
        run_in_parts(run, given, executor)
    else:
        run_here(run, given)
    run.report.seconds = time.perf_counter() - started
    run.end()
    return run.report


def _resources(operator: Step, resources: Mapping[str, Any]) -> dict[str, Any]:
    given = {}
    for need, name in operator.resource_names().items():
        if name not in resources:
            known = ", ".join(sorted(resources)) or "none"
            raise StageFailed(f'{operator.name} needs the resource "{name}" ({need_of(need)}); given: {known}. Pass resources={{"{name}": ...}}.')
        given[str(need)] = resources[name]
    return given


def _counted(operator: Step, given: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Resources that count what they do for several stages are given as ones that count this stage alone."""
    counted = {need: resource.counted() if hasattr(resource, "counted") else resource for need, resource in given.items()}
    report.usage.update({name: counted[need].usage for need, name in operator.resource_names().items() if counted[need] is not given[need]})
    return counted
