"""What a pipeline will do and cost, from a sample of its source: rows, calls, tokens, money and time of each stage, each with its range."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataflow_assets.running.source_run import SourceRun
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem
from operators.tables.files import FileStorage
from operators.tables.files.paths import find_files
from operators.tables.files.streams import atomic_file
from operators.tables.storage import MemoryStorage, Storage
from resources.warehouse import Warehouse, local_folder, warehouse_root

SURE = 1.96
"""Standard errors of a range that holds in 95 of 100 samples."""
FOLDER = ".estimates"


@dataclass(frozen=True)
class Range:
    """A number, with how low and how high it may be."""

    likely: float
    low: float
    high: float

    def times(self, factor: float) -> Range:
        return Range(self.likely * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True)
class StageEstimate:
    """`rows` go into the stage. Tokens and money are None where nothing was paid for in the sample, and so nothing is known of them."""

    stage: str
    operator: str
    sampled_rows: int
    rows: Range
    calls: Range | None = None
    tokens: Range | None = None
    cost_usd: Range | None = None
    hours: Range | None = None
    note: str = ""


@dataclass(frozen=True)
class Estimate:
    """Of a pipeline on all rows of its source."""

    pipeline: str
    source_rows: int
    sampled_rows: int
    stages: tuple[StageEstimate, ...]
    measured_before: bool
    """Whether the sample was run before, and nothing had to be paid now."""


def estimate(plan: Plan, sources: Mapping[str, Storage], rows: int, seed: int = 0) -> Estimate:
    """Run the pipeline on `rows` rows drawn from its source, once: what they did is kept, and answers of models stay in the cache for the real run.

    Raises:
        ParameterError: the pipeline has several sources.
    """
    if len(sources) != 1:
        raise ParameterError([Problem(f"{plan.name} has {len(sources)} sources: an estimate draws its sample from one")])
    ((name, source),) = sources.items()
    file = local_folder(warehouse_root()) / FOLDER / f"{plan.name}-{_key(plan, source, rows, seed)}.json"
    before = file.exists()
    measured = json.loads(file.read_text(encoding="utf-8")) if before else _measure(plan, name, source, rows, seed)
    if not before:
        with atomic_file(str(file), overwrite=True) as written:
            written.write(json.dumps(measured).encode())
    total, sampled = measured["total"], measured["sampled"]
    stages = tuple(_stage(plan, stage.name, measured["reports"][stage.name], total, sampled) for stage in plan.stages)
    return Estimate(plan.name, total, sampled, stages, before)


def as_data(found: Estimate) -> dict[str, Any]:
    return asdict(found)


def _key(plan: Plan, source: Storage, rows: int, seed: int) -> str:
    parts = [stage.fingerprint for stage in plan.stages]
    if isinstance(source, FileStorage):
        paths = sorted(Path(path) for path in find_files(source.path))
        parts += [f"{path} {(found := path.stat()).st_size} {found.st_mtime_ns}" for path in paths]
    else:
        parts.append(repr(source))
    of_models = ("DATAFLOW_LLM_", "DATAFLOW_EMBEDDING_")
    models = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(of_models) and "KEY" not in name]
    return hashlib.blake2b("\0".join([*parts, *models, str(rows), str(seed)]).encode(), digest_size=8).hexdigest()


def _measure(plan: Plan, name: str, source: Storage, rows: int, seed: int) -> dict[str, Any]:
    sample, total = draw(source, rows, seed)
    with tempfile.TemporaryDirectory(prefix="dataflow-estimate-") as folder:
        run = SourceRun(plan, {name: sample}, {}, {})
        reports = run.all_stages(Warehouse(folder), lambda _: lambda done, total, report: None)
    return {"total": total, "sampled": sample.count_rows(), "reports": reports}


def draw(source: Storage, rows: int, seed: int) -> tuple[MemoryStorage, int]:
    """Rows drawn at random from all over the source, in their order; and how many rows there are. Reads the source once, holds the sample."""
    random = np.random.default_rng(seed)
    kept: list[pa.RecordBatch] = []
    marks = np.zeros(0)
    total = 0
    for batch in source.batches():
        total += batch.num_rows
        marks = np.concatenate([marks, random.random(batch.num_rows)])
        kept.append(batch)
        if len(marks) > 4 * rows:  # the rows with the lowest marks stay
            kept, marks = _lowest(kept, marks, rows)
    kept, _ = _lowest(kept, marks, rows)
    table = pa.Table.from_batches(kept) if kept else source.schema.empty_table()
    return MemoryStorage(table), total


def _lowest(batches: list[pa.RecordBatch], marks: np.ndarray[Any, np.dtype[np.float64]], rows: int) -> tuple[list[pa.RecordBatch], Any]:
    if len(marks) <= rows:
        return batches, marks
    places = np.sort(np.argpartition(marks, rows)[:rows])
    return pa.Table.from_batches(batches).take(pa.array(places)).to_batches(), marks[places]


def _stage(plan: Plan, name: str, report: Mapping[str, Any], total: int, sampled: int) -> StageEstimate:
    operator = plan[name].operator
    came_in = int(report["rows_in"])
    rows = share(came_in, sampled).times(total) if came_in <= sampled else _ratio(came_in, sampled).times(total)
    asked = sum(used["calls"] + used["cached"] for used in report["usage"].values())
    paid = sum(used["calls"] for used in report["usage"].values())
    tokens = sum(used["prompt_tokens"] + used["completion_tokens"] for used in report["usage"].values())
    costs = [used["cost_usd"] for used in report["usage"].values() if used["cost_usd"] is not None]
    calls = rows.times(asked / came_in) if asked and came_in else None
    seconds_a_row = report["seconds"] / came_in * (asked / paid if paid else 1) if came_in else 0.0
    notes = ["decides on the whole table: a sample tells less"] if operator.scope == "table" else []
    notes += ["all answers came from the cache: tokens, money and time are unknown"] if asked and not paid else []
    return StageEstimate(
        stage=name,
        operator=str(report["operator"]),
        sampled_rows=came_in,
        rows=rows,
        calls=calls,
        tokens=calls.times(tokens / paid) if calls and paid else None,
        cost_usd=calls.times(sum(costs) / paid) if calls and paid and costs else None,
        hours=None if asked and not paid else rows.times(seconds_a_row / 3600),
        note="; ".join(notes),
    )


def share(part: int, whole: int) -> Range:
    """Of a population, the share that a sample shows: Wilson's interval, which is sound for shares near 0 and 1 too."""
    if not whole:
        return Range(0.0, 0.0, 0.0)
    seen, square = part / whole, SURE**2
    middle = (seen + square / (2 * whole)) / (1 + square / whole)
    spread = SURE / (1 + square / whole) * math.sqrt(seen * (1 - seen) / whole + square / (4 * whole**2))
    return Range(seen, min(seen, max(0.0, middle - spread)), max(seen, min(1.0, middle + spread)))


def _ratio(part: int, whole: int) -> Range:
    """Rows made of each row: counts scatter by about their square root."""
    spread = SURE * math.sqrt(part) / whole if whole else 0.0
    seen = part / whole if whole else 0.0
    return Range(seen, max(0.0, seen - spread), seen + spread)
