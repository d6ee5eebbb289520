"""`Operator.run`: rows of any form in, a result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from operators.core.resources import open_resources, open_table
from operators.core.targets import Target, as_target, check_places
from operators.engine.progress_bars import progress_bars
from operators.engine.result import RunResult
from operators.engine.runner import run_on_storage
from operators.engine.step import Step
from operators.tables.errors import ParameterError, Problem
from operators.tables.given import Given, as_storage
from operators.tables.storage import MemoryStorage


class Runnable(Step, Protocol):
    def bind(self, **columns: str) -> Self: ...


def run_on_rows(
    operator: Runnable,
    columns: Mapping[str, str],
    rows: Sequence[Given],
    output: Target,
    into: Target,
    rejected: Target,
    resources: Mapping[str, Any] | None,
    progress: bool | None,
) -> RunResult:
    """As `Operator.run` says."""
    if output is not None and into is not None:
        raise ParameterError([Problem("output and into are two names of one thing", suggestion="give one of them")])
    operator = operator.bind(**columns) if columns else operator
    inputs = [as_storage(table, open_table) for table in rows]
    targets = {"output": as_target(output if output is not None else into), "rejected": as_target(rejected)}
    check_places(inputs, targets)
    kept, aside = (target if target is not None else MemoryStorage() for target in targets.values())
    with progress_bars(progress) as progress_of:
        given = open_resources([operator], resources, inputs)
        return run_on_storage(operator, inputs, into=kept, rejected=aside, resources=given, progress=progress_of(operator.name))
