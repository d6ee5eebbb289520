"""`Pipeline.run`: sources of any form in; everything checked first; the tables of all stages out."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from operators.asking.usage_label import usage_label
from operators.core import extensions
from operators.core.operator import Operator
from operators.core.resources import names_that_can_be_given, open_resources, open_table
from operators.core.targets import Target, as_target, check_places
from operators.engine.progress_bars import ProgressOf, progress_bars
from operators.engine.report import Progress, Report
from operators.engine.runner import run_operator
from operators.pipeline.plan import Plan, Stage
from operators.pipeline.result import PipelineResult, StageOutcome
from operators.pipeline.set_aside import SetAside
from operators.pipeline.source_rows import BAD_ROWS_SCHEMA, bad_rows_batch, limited
from operators.tables.errors import CompileError, ParameterError, Problem, ProblemsFound, closest, stage_named
from operators.tables.files import FileStorage
from operators.tables.files.unreadable import check_unreadable
from operators.tables.given import Given, as_storage
from operators.tables.row_ids import with_row_ids
from operators.tables.storage import MemoryStorage, Storage


class Compiles(Protocol):
    """A pipeline, as far as running it is concerned."""

    @property
    def name(self) -> str: ...
    def operators(self) -> dict[str, Operator]: ...
    def source_names(self) -> list[str]: ...
    def compile(self, sources: Mapping[str, Storage], resources: Collection[str]) -> Plan: ...


Place: TypeAlias = "str | os.PathLike[str]"
Runner: TypeAlias = Callable[[Plan, Mapping[str, Storage], Mapping[str, Any], Place, ProgressOf, int | None], Mapping[str, StageOutcome]]
"""Runs a plan where its tables are kept: (plan, sources, resources that are given, place, progress, limit) -> outcomes. It opens the resources that
are not given. Declared under "dataflow.runners"."""


def run_pipeline(
    pipeline: Compiles,
    sources: Mapping[str, Given],
    *,
    output: Target | Mapping[str, Target],
    rejected: Target,
    warehouse: Place | None,
    resources: Mapping[str, Any] | None,
    limit: int | None,
    progress: bool | None,
) -> PipelineResult:
    """As `Pipeline.run` says."""
    problems: list[Problem] = []
    storages = _open_sources(pipeline, sources, problems)
    operators = [operator for operator in pipeline.operators().values() if not operator.is_stand_in]
    plan = _compile(pipeline, storages, names_that_can_be_given(operators, resources or {}, storages.values()), problems)
    targets, aside = _open_targets(pipeline, plan, output, rejected, storages, problems)
    if problems or plan is None:
        raise CompileError(list(dict.fromkeys(problems)))
    runner = _runner() if warehouse is not None else None
    with progress_bars(progress) as progress_of:
        if runner is not None and warehouse is not None:
            outcomes = runner(plan, storages, resources or {}, warehouse, progress_of, limit)
        else:
            opened = open_resources([stage.operator for stage in plan.stages], resources, storages.values())
            outcomes = run_in_memory(plan, storages, opened, progress_of, limit)
    _write(outcomes, targets, aside)
    return PipelineResult(plan, outcomes)


def run_in_memory(
    plan: Plan, sources: Mapping[str, Storage], resources: Mapping[str, Any], progress_of: ProgressOf, limit: int | None
) -> dict[str, StageOutcome]:
    """Source or stage -> what it made, all of it held in memory."""
    outcomes = {name: _read(sources[name], expected, limit, progress_of(name)) for name, expected in plan.sources.items()}
    for stage in plan.stages:
        with usage_label(plan.name, stage.name), stage_named(f"{plan.name}.{stage.name}"):
            outcomes[stage.name] = _run_stage(stage, [outcomes[parent].table for parent in stage.inputs], resources, progress_of(stage.name))
    return outcomes


def _run_stage(stage: Stage, inputs: list[Storage], resources: Mapping[str, Any], progress: Progress) -> StageOutcome:
    table, rejected = MemoryStorage(), MemoryStorage()
    schemas = [storage.schema for storage in inputs]
    with table.writer(stage.operator.schema_out(*schemas)) as kept, rejected.writer(stage.operator.schema_aside(*schemas)) as aside:
        report = run_operator(stage.operator, inputs, kept, aside, resources=resources, progress=progress)
    return StageOutcome(report, table, rejected)


def _read(source: Storage, expected: pa.Schema, limit: int | None, progress: Progress) -> StageOutcome:
    """A source with row ids; `expected` are the columns where the source, an empty file, does not say them."""
    started = time.perf_counter()
    report = Report(type(source).__name__.strip("_"))
    schema = source.schema if source.schema.names else expected
    table, rejected = MemoryStorage(), MemoryStorage(pa.Table.from_batches([], schema=BAD_ROWS_SCHEMA))
    nothing = pa.RecordBatch.from_pylist([], schema=schema)
    batches = with_row_ids(itertools.chain([nothing], limited(source.batches(), limit)))
    first = next(batches)
    with table.writer(first.schema) as kept:
        for rows in batches:
            kept.write(rows)
            report.rows_out += rows.num_rows
            progress(report.rows_out, report.rows_out, report)
    report.rows_in = report.rows_out
    if isinstance(source, FileStorage):
        bad = check_unreadable(source)
        report.rows_in += bad.count
        report.failures.update(row.error for row in bad.rows)
        if bad.count > len(bad.rows):
            report.failures["further unreadable rows"] = bad.count - len(bad.rows)
        rejected.write(bad_rows_batch(bad.rows))
    report.seconds = time.perf_counter() - started
    return StageOutcome(report, table, rejected)


# What is checked before anything runs


def _open_sources(pipeline: Compiles, sources: Mapping[str, Given], problems: list[Problem]) -> dict[str, Storage]:
    names = pipeline.source_names()
    storages = {}
    for name, rows in sources.items():
        if name not in names:
            near = closest(name, names) or "give rows by the names of the arguments of forward"
            problems.append(Problem(f'there is no source "{name}"', pipeline.name, (("sources", ", ".join(names)),), near))
            continue
        try:
            storage = as_storage(rows, open_table)
            _ = storage.schema  # a file is looked at here, to be among the problems that are reported together
            storages[name] = storage
        except ProblemsFound as error:
            problems += [problem.at(f"{pipeline.name}.{name}") for problem in error.problems]
        except (OSError, ValueError) as error:
            problems.append(Problem(str(error), f"{pipeline.name}.{name}"))
    problems += [
        Problem(f'the source "{name}" is not given', pipeline.name, suggestion=f'run({name}="pages.jsonl")') for name in names if name not in sources
    ]
    return storages


def _compile(pipeline: Compiles, storages: Mapping[str, Storage], resources: set[str], problems: list[Problem]) -> Plan | None:
    try:
        return pipeline.compile(storages, resources=resources)
    except CompileError as error:
        problems += error.problems
        return None


def _open_targets(
    pipeline: Compiles,
    plan: Plan | None,
    output: Target | Mapping[str, Target],
    rejected: Target,
    storages: Mapping[str, Storage],
    problems: list[Problem],
) -> tuple[dict[str, Storage], Storage | None]:
    """Stage -> where its table is written; and where the rows set aside are."""
    targets: dict[str, Storage] = {}
    aside = None
    wanted = _by_stage(pipeline, plan, output, problems)
    try:
        aside = as_target(rejected)
        targets = {stage: storage for stage, target in wanted.items() if (storage := as_target(target)) is not None}
        check_places(storages.values(), {**{f"output of {stage}": target for stage, target in targets.items()}, "rejected": aside})
    except ParameterError as error:
        problems += [problem.at(pipeline.name) for problem in error.problems]
    return targets, aside


def _by_stage(pipeline: Compiles, plan: Plan | None, output: Target | Mapping[str, Target], problems: list[Problem]) -> Mapping[str, Target]:
    if output is None:
        return {}
    if plan is None:
        return output if isinstance(output, Mapping) else {"result": output}
    if not isinstance(output, Mapping):
        if len(plan.outputs) == 1:
            return {plan.outputs[0]: output}
        example = ", ".join(f'"{name}": "{name}.parquet"' for name in plan.outputs)
        problems.append(Problem(f"forward returns {len(plan.outputs)} tables", pipeline.name, suggestion=f"output={{{example}}}"))
        return {}
    known = [*plan.sources, *(stage.name for stage in plan.stages)]
    for name in output:
        if name not in known:
            problems.append(Problem(f'output: there is no stage "{name}"', pipeline.name, (("stages", ", ".join(known)),), closest(name, known)))
    return output


def _runner() -> Runner:
    runners = extensions.load(extensions.RUNNERS)
    if "warehouse" not in runners:
        remedy = "install dataflow-dagster (pip install -e .), or leave out warehouse"
        raise ParameterError([Problem("no installed package keeps tables in a warehouse", suggestion=remedy)])
    runner: Runner = runners["warehouse"]
    return runner


def _write(outcomes: Mapping[str, StageOutcome], targets: Mapping[str, Storage], aside: Storage | None) -> None:
    """All files appear at the end, or none does."""
    set_aside = SetAside({name: outcome.rejected for name, outcome in outcomes.items()}) if aside is not None else None
    with ExitStack() as stack:
        for name, target in targets.items():
            table = outcomes[name].table
            writer = stack.enter_context(target.writer(table.schema))
            for batch in table.batches():
                writer.write(batch)
        if aside is not None and set_aside is not None:
            writer = stack.enter_context(aside.writer(set_aside.schema))
            for batch in set_aside.batches():
                writer.write(batch)
