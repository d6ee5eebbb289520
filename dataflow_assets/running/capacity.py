"""What a pipeline takes on many rows and cores: of each stage core hours, memory and disk, told from what it cost here on two samples.

What a stage costs is a part that every run pays (opening, writing a version) and a part for each row that comes in; two samples of different sizes
tell them apart. Stages of rows, and the sketches of stages that decide on the whole table by them, are divided among all cores; what has to see the
whole table at once runs on one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dataflow_assets.running.estimate import draw
from dataflow_assets.running.source_run import SourceRun
from operators.core.operator import Operator
from operators.engine.rows_reader import RowsReader
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import Storage
from resources.warehouse import Warehouse

EFFICIENCY = 0.85
"""Of each core, where several divide a stage among them."""
SMALLER = 4
"""So many times smaller is the first sample."""
FEWEST = 40
"""Rows of a source that anything is told from."""
BASE_BYTES = 400_000_000
"""Of a process that holds a batch and the compiled kernels."""

Memory = Literal["row", "sketch", "table"]
"""What a stage holds of its tables: a batch; a sketch of each row; or the columns that it reads, of all rows."""


@dataclass(frozen=True)
class StageCapacity:
    """Of one stage (or source) on all rows. `hours` are those of a clock, on all the cores that it can use."""

    stage: str
    operator: str
    memory: Memory
    rows: float
    core_hours: float
    hours: float
    memory_bytes: float
    disk_bytes: float
    calls: float
    tokens: float | None
    """None where all answers came from the cache, and so nothing is known of them."""


@dataclass(frozen=True)
class Capacity:
    pipeline: str
    source_rows: float
    cores: int
    sampled_rows: int
    stages: tuple[StageCapacity, ...]

    @property
    def core_hours(self) -> float:
        return sum(stage.core_hours for stage in self.stages)

    @property
    def hours(self) -> float:
        return sum(stage.hours for stage in self.stages)

    @property
    def memory_bytes(self) -> float:
        """Of the stage that holds most; of a stage that is divided, of all processes together."""
        return max((stage.memory_bytes for stage in self.stages), default=0.0)

    @property
    def disk_bytes(self) -> float:
        return sum(stage.disk_bytes for stage in self.stages)

    def as_data(self) -> dict[str, Any]:
        sums = {"core_hours": self.core_hours, "hours": self.hours, "memory_bytes": self.memory_bytes, "disk_bytes": self.disk_bytes}
        return {**asdict(self), **sums}


@dataclass(frozen=True)
class _Seen:
    """Of one stage in one sample."""

    operator: str
    rows: int
    seconds: float
    disk_bytes: int
    calls: int
    tokens: float | None


def capacity(plan: Plan, sources: Mapping[str, Storage], rows: float, cores: int, sample: int = 4000, seed: int = 0) -> Capacity:
    """Run the pipeline on a sample of its source and on a quarter of it, and tell from both what `rows` rows take on `cores` cores.

    The answers of models are paid for once and kept, as in an estimate.

    Raises:
        ParameterError: the pipeline has several sources, or its source has too few rows to tell anything from.
    """
    if len(sources) != 1:
        raise ParameterError([Problem(f"{plan.name} has {len(sources)} sources: a plan draws its sample from one")])
    ((name, source),) = sources.items()
    large, total = draw(source, sample, seed)
    small, _ = draw(source, max(1, large.count_rows() // SMALLER), seed)
    if total < FEWEST:
        raise ParameterError([Problem(f"the source has {total} rows, too few to tell anything from: give {FEWEST} or more", "input")])
    _measured(plan, name, small)  # loads models and compiles, which a long run does once
    fewer, _ = _measured(plan, name, small)
    more, held = _measured(plan, name, large)
    factor = rows / large.count_rows()
    stages = tuple(_told(plan, stage, fewer[stage], more[stage], held.get(stage, 0.0), factor, cores) for stage in more)
    return Capacity(plan.name, rows, cores, large.count_rows(), stages)


def _told(plan: Plan, stage: str, fewer: _Seen, more: _Seen, bytes_a_row: float, factor: float, cores: int) -> StageCapacity:
    rows = more.rows * factor
    operator = None if stage in plan.sources else plan[stage].operator
    memory: Memory = "row" if operator is None else operator.memory
    added = more.rows - fewer.rows
    core_hours = _with_more(fewer.seconds, more.seconds, added, rows - more.rows) / 3600
    divided = operator is not None and memory != "table" and cores > 1
    return StageCapacity(
        stage=stage,
        operator=more.operator,
        memory=memory,
        rows=rows,
        core_hours=core_hours,
        hours=core_hours / (cores * EFFICIENCY) if divided else core_hours,
        memory_bytes=BASE_BYTES * (cores if divided else 1) + bytes_a_row * rows,
        disk_bytes=_with_more(fewer.disk_bytes, more.disk_bytes, added, rows - more.rows),
        calls=more.calls * factor,
        tokens=None if more.tokens is None else more.tokens * factor,
    )


def _with_more(fewer: float, more: float, added: int, rows: float) -> float:
    """What the larger sample took and `rows` rows more, each of which takes what the `added` rows did between the two samples."""
    return max(0.0, more + max(0.0, more - fewer) / added * rows) if added > 0 else more


def _measured(plan: Plan, name: str, sample: Storage) -> tuple[dict[str, _Seen], dict[str, float]]:
    """Of each stage what was seen, and what it holds of a row, in bytes."""
    seen, held = {}, {}
    with tempfile.TemporaryDirectory(prefix="dataflow-plan-") as folder:
        tables = Warehouse(folder)
        run = SourceRun(plan, {name: sample}, {}, {})
        before, stored = _cpu_seconds(), 0
        for result in run.results(tables, lambda _: lambda done, total, report: None):
            report, used = result.report, list(result.report.usage.values())
            calls = sum(one.calls for one in used)
            asked = calls + sum(one.cached for one in used)
            tokens = sum(one.prompt_tokens + one.completion_tokens for one in used)
            seconds, bytes_there = _cpu_seconds() - before, _bytes_below(Path(folder))
            told = tokens * asked / calls if calls else None if asked else 0.0
            seen[result.stage] = _Seen(report.operator, report.rows_in, seconds, bytes_there - stored, asked, told)
            if result.stage not in plan.sources:
                operator = plan[result.stage].operator
                held[result.stage] = _held_bytes(operator, plan, result.stage, tables)
            before, stored = _cpu_seconds(), bytes_there
    return seen, held


def _held_bytes(operator: Operator, plan: Plan, stage: str, tables: Warehouse) -> float:
    if operator.memory == "row":
        return 0.0
    readers = [RowsReader(operator, tables.table(plan.name, name).current()) for name in plan[stage].inputs]
    held: int = sum(batch.nbytes for reader in readers for batch in (reader.sketches() if operator.memory == "sketch" else reader.batches()))
    return held / max(1, readers[0].count_rows())


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
