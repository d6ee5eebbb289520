"""What a pipeline takes on many rows and cores: of each stage core hours, memory and disk, told from what it cost here on two samples.

    the start          imports, models, compiled kernels: what a run in a process of its own takes beyond its stages
    reading            CPU time a row, from reading the source once
    a stage            what every run of it takes (opening, writing a version) and what a row does, which two samples of different sizes tell apart
    its decision       of stages that sketch: on one core, n log n, for it sorts
    the result files   as Parquet

Stages of rows, the making of sketches, and the examining of rows that they leave in doubt, are divided among all cores; what has to see the whole
table at once runs on one.
"""

from __future__ import annotations

import math
import resource
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from dataflow_assets.running.cold_run import ColdRun
from dataflow_assets.running.estimate import draw
from dataflow_assets.running.source_run import SourceRun
from dataflow_assets.running.stages import export_table
from operators.core.operator import Operator
from operators.engine.rows_reader import Places, RowsReader
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import MemoryStorage, Storage
from resources.warehouse import Warehouse

EFFICIENCY = 0.85
"""Of each core, where several divide a stage among them."""
SMALLER = 4
"""So many times smaller is the first sample."""
FEWEST = 40
"""Rows of a source that anything is told from."""
BATCH_BYTES = 400_000_000
"""What a process holds of a table whose file is FULL_BYTES or more, beyond what it holds of a sample: row groups that are read and written, batches,
and what the allocators keep of them; of a smaller one as much less (benchmarks/plan.py)."""
FULL_BYTES = 40_000_000
DECIDING = 1.2
"""Bytes that a decision on all sketches takes, for each byte of a sketch (benchmarks/plan.py)."""
LEAST_SECONDS = 0.1
"""CPU time by which a stage takes longer on the larger sample, below which it is chance that tells what a row takes."""
START, FILES = "(start)", "(result files)"
"""Not stages, but told beside them."""

Memory = Literal["row", "sketch", "table"]
"""What a stage holds of its tables: a batch; a sketch of each row; or the columns that it reads, of all rows."""


@dataclass(frozen=True)
class StageCapacity:
    """Of one stage (or source, START or FILES) on all rows. `hours` are those of a clock, on all the cores that it can use."""

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
    sketch_bytes: int = 0
    """Of each row, as the operator says; 0 where it makes no sketch."""


@dataclass(frozen=True)
class Capacity:
    pipeline: str
    source_rows: float
    cores: int
    sampled_rows: int
    stages: tuple[StageCapacity, ...]
    rough: tuple[str, ...] = ()
    """Stages whose times are told from too little work: no more than their order of magnitude is known."""

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
    """Of one stage in one sample. `deciding` are those of its `seconds` that a decision on all sketches takes."""

    operator: str
    rows: int
    seconds: float
    disk_bytes: int
    calls: int = 0
    tokens: float | None = 0.0
    deciding: float = 0.0
    held_bytes: float = 0.0
    """Of each row, until the stage is done."""


def capacity(
    plan: Plan,
    sources: Mapping[str, Storage],
    rows: float,
    cores: int,
    cold_run: Callable[[Storage], ColdRun],
    sample: int = 4000,
    seed: int = 0,
) -> Capacity:
    """Run the pipeline on a sample of its source and on one a quarter as large, and tell from both what `rows` rows take on `cores` cores.

    The answers of models are paid for once and kept, as in an estimate. `cold_run` runs all of it once more on the sample, in a process of its own.

    Raises:
        ParameterError: the pipeline has several sources, or its source has too few rows to tell anything from.
    """
    if len(sources) != 1:
        raise ParameterError([Problem(f"{plan.name} has {len(sources)} sources: a plan draws its sample from one")])
    ((name, source),) = sources.items()
    began = _cpu_seconds()
    drawn, total = draw(source, sample + sample // SMALLER + sample // SMALLER**2, seed)
    reading = (_cpu_seconds() - began) / max(1, total)
    if total < FEWEST:
        raise ParameterError([Problem(f"the source has {total} rows, too few to tell anything from: give {FEWEST} or more", "input")])
    large, small, first = _divided(drawn.read(), seed)
    _measured(plan, name, first)  # loads models and compiles, which a long run does once
    fewer, more = _measured(plan, name, small), _measured(plan, name, large)
    cold = cold_run(large)
    start = max(0.0, cold.cpu_seconds - sum(seen.seconds for seen in more.values())) / 3600
    factor = rows / large.count_rows()
    stages = [_told(plan, stage, fewer[stage], more[stage], factor, cores) for stage in more]
    stages = [_with_buffers(stage, cold.peak_bytes, max(stage.disk_bytes for stage in stages), cores) for stage in stages]
    read = reading * rows / 3600
    stages[0] = replace(stages[0], core_hours=stages[0].core_hours + read, hours=stages[0].hours + read)
    begun = StageCapacity(START, "", "row", 0.0, start, start, cold.peak_bytes, 0.0, 0.0, 0.0)
    rough = [one.stage for one in stages if one.core_hours * 3600 > 1 and more[one.stage].seconds - fewer[one.stage].seconds < LEAST_SECONDS]
    return Capacity(plan.name, rows, cores, large.count_rows(), (begun, *stages), tuple(rough))


def _divided(drawn: pa.Table, seed: int) -> list[MemoryStorage]:
    """A sample, one SMALLER times smaller and one as much smaller again. No row is in two: an operator may remember the texts that it met."""
    places = np.random.default_rng(seed).permutation(drawn.num_rows)
    shares = np.array([SMALLER**2, SMALLER, 1]) / (SMALLER**2 + SMALLER + 1)
    return [
        MemoryStorage(drawn.take(pa.array(np.sort(part)))) for part in np.split(places, np.round(np.cumsum(shares)[:2] * len(places)).astype(int))
    ]


def _told(plan: Plan, stage: str, fewer: _Seen, more: _Seen, factor: float, cores: int) -> StageCapacity:
    rows = more.rows * factor
    operator = None if stage in plan.sources or stage == FILES else plan[stage].operator
    memory: Memory = "row" if operator is None else operator.memory
    sampled = (fewer.rows, more.rows)
    by_row = _with_more(fewer.seconds - fewer.deciding, more.seconds - more.deciding, *sampled, rows - more.rows) / 3600
    sorting = max(1.0, math.log(max(rows, 2)) / math.log(max(more.rows, 2)))
    deciding = _with_more(fewer.deciding, more.deciding, *sampled, rows * sorting - more.rows) / 3600
    divided = operator is not None and memory != "table" and cores > 1
    return StageCapacity(
        stage=stage,
        operator=more.operator,
        memory=memory,
        rows=rows,
        core_hours=by_row + deciding,
        hours=(by_row / (cores * EFFICIENCY) if divided else by_row) + deciding,
        memory_bytes=more.held_bytes * rows,
        disk_bytes=_with_more(fewer.disk_bytes, more.disk_bytes, *sampled, rows - more.rows),
        calls=more.calls * factor,
        tokens=None if more.tokens is None else more.tokens * factor,
        sketch_bytes=0 if operator is None else operator.sketch_bytes,
    )


def _with_buffers(stage: StageCapacity, sample_bytes: float, largest_file: float, cores: int) -> StageCapacity:
    """With what each of its processes holds."""
    processes = cores if stage.hours < stage.core_hours else 1
    buffers = processes * (sample_bytes + BATCH_BYTES * min(1.0, largest_file / FULL_BYTES))
    return replace(stage, memory_bytes=stage.memory_bytes + buffers)


def _with_more(fewer: float, more: float, fewer_rows: int, more_rows: int, rows: float) -> float:
    """What the larger sample took and `rows` rows more, each of which takes what those did by which it is larger than the other sample.

    That is no more than the mean of the larger one, in which what every run takes is too: chance may say so where the machine's speed changes. Where
    the larger one took no more than the other, nothing else is known than that mean.
    """
    if more_rows <= fewer_rows:
        return more
    each = min((more - fewer) / (more_rows - fewer_rows), more / more_rows) if more > fewer else more / more_rows
    return max(0.0, more + each * rows)


def _measured(plan: Plan, name: str, sample: Storage) -> dict[str, _Seen]:
    """What was seen of each stage, and of writing the results."""
    seen = {}
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
            one = _Seen(report.operator, report.rows_in, seconds, bytes_there - stored, asked, told)
            if result.stage not in plan.sources:
                operator = plan[result.stage].operator
                readers = [RowsReader(operator, tables.table(plan.name, name).current()) for name in plan[result.stage].inputs]
                one = replace(one, held_bytes=_held_bytes(operator, readers), deciding=min(seconds, _deciding_seconds(operator, readers)))
            seen[result.stage] = one
            before, stored = _cpu_seconds(), bytes_there
        files = {output: Path(folder) / f"{output}.parquet" for output in plan.outputs}
        written = sum(sum(export_table(tables, plan.name, output, [file]).values()) for output, file in files.items())
        seen[FILES] = _Seen("Parquet", written, _cpu_seconds() - before, sum(file.stat().st_size for file in files.values()))
    return seen


def _held_bytes(operator: Operator, readers: Sequence[RowsReader]) -> float:
    """For each row of the first table, what is held of all tables until all is decided."""
    rows = max(1, readers[0].count_rows())
    if operator.memory == "sketch":
        return DECIDING * operator.sketch_bytes * sum(reader.count_rows() for reader in readers) / rows
    return sum(batch.nbytes for reader in readers for batch in reader.batches()) / rows if operator.memory == "table" else 0.0


def _deciding_seconds(operator: Operator, readers: Sequence[RowsReader]) -> float:
    """CPU time of the decision on sketches that are made already, but for examining rows, which all cores divide; 0 where there are no sketches."""
    if not (operator.sketches and operator.combines):
        return 0.0
    examining = 0.0

    def examined(reader: RowsReader, places: Places) -> Iterable[pa.RecordBatch]:
        nonlocal examining
        before = _cpu_seconds()
        made = list(reader.examined(places))
        examining += _cpu_seconds() - before
        return made

    made = [RowsReader(operator, reader.storage, list(reader.sketches()), partial(examined, reader)) for reader in readers]
    before = _cpu_seconds()
    operator.combine(made, {})
    return _cpu_seconds() - before - examining


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    spent = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
