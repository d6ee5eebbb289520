"""Running the stages of a plan over the warehouse: what assets do in Dagster and `dataflow run` does without it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from operators.core.batch import REJECTED_FIELDS, rejected_schema
from operators.core.errors import StageFailed
from operators.core.files import FileStorage
from operators.core.plan import Plan
from operators.core.report import Progress, Report
from operators.core.rows import with_row_ids
from operators.core.runner import run_operator
from operators.core.storage import Storage
from resources.llm.usage_label import usage_label
from resources.warehouse import VersionStorage, VersionWriter, Warehouse

MAX_BAD_ROWS = 0.05
"""Share of the rows of a source that may be unreadable (and are set aside) before reading it fails."""

BAD_ROWS_SCHEMA = pa.schema([pa.field("file", pa.string()), pa.field("line", pa.int64()), pa.field("excerpt", pa.string()), *REJECTED_FIELDS])


@dataclass(frozen=True)
class StageResult:
    """A published table, how it came about, and the tables that it was made from, each pinned to its version."""

    stage: str
    report: Report
    table: VersionStorage
    inputs: tuple[VersionStorage, ...] = ()

    @property
    def content_hash(self) -> str:
        """The same for equal tables, whenever and wherever they were made."""
        return str(self.table.run_facts()["content_hash"])


def load_source(
    warehouse: Warehouse, pipeline: str, name: str, source: Storage, *, limit: int | None = None, progress: Progress | None = None
) -> StageResult:
    """Copy a source into the warehouse, with row ids. Lines that cannot be read are set aside, up to 5 %."""
    started = time.perf_counter()
    report = Report(type(source).__name__)
    table = warehouse.table(pipeline, name)
    batches = iter(with_row_ids(_limited(source.batches(), limit)))
    first = next(batches, None)
    schema = first.schema if first is not None else next(iter(with_row_ids([pa.RecordBatch.from_pylist([], schema=source.schema)]))).schema
    with table.writer_version(schema, rejected_schema=BAD_ROWS_SCHEMA) as version:
        for rows in itertools.chain([] if first is None else [first], batches):
            version.write(rows)
            report.rows_out += rows.num_rows
            if progress is not None:
                progress(report.rows_out, report.rows_out, report)
        bad_rows = source.bad_rows if isinstance(source, FileStorage) else []
        bad = source.bad_row_count if isinstance(source, FileStorage) else 0
        report.failures.update(row.error for row in bad_rows)
        if bad > len(bad_rows):
            report.failures["further unreadable rows"] = bad - len(bad_rows)
        report.rows_in = report.rows_out + bad
        if bad > MAX_BAD_ROWS * report.rows_in:
            shown = "; ".join(f"{row.path}:{row.line}: {row.error}" for row in bad_rows[:3])
            raise StageFailed(f"{bad} of {report.rows_in} rows of the source cannot be read, more than {MAX_BAD_ROWS:.0%}. {shown}. Mend the file.")
        if bad_rows:
            version.reject(_bad_rows_batch(bad_rows))
        report.seconds = time.perf_counter() - started
        version.run.update(_facts(report, fingerprint="", inputs={}))
    return StageResult(name, report, table.at(version.version))


def run_stage(warehouse: Warehouse, plan: Plan, name: str, resources: Mapping[str, Any], *, progress: Progress | None = None) -> StageResult:
    """Run one stage on the current versions of its inputs and publish its table."""
    stage = plan[name]
    inputs = tuple(warehouse.table(plan.name, parent).current() for parent in stage.inputs)
    schemas = [storage.schema for storage in inputs]
    if problems := stage.operator.problems(*schemas):
        raise StageFailed("\n".join(str(problem.at(f"{plan.name}.{name}")) for problem in problems))
    table = warehouse.table(plan.name, name)
    with table.writer_version(stage.operator.schema_out(*schemas), rejected_schema=rejected_schema(schemas[0])) as version:
        with usage_label(plan.name, name):
            report = run_operator(stage.operator, inputs, version, _Aside(version), resources=resources, progress=progress)
        versions = {parent: storage.version for parent, storage in zip(stage.inputs, inputs, strict=True)}
        version.run.update(_facts(report, fingerprint=stage.fingerprint, inputs=versions))
    return StageResult(name, report, table.at(version.version), inputs)


def export_table(warehouse: Warehouse, pipeline: str, stage: str, paths: Sequence[str | Path]) -> dict[str, int]:
    """Write a stage's table to files, each replaced atomically; path -> rows. The columns row_id and parent_ids go along."""
    storage = warehouse.table(pipeline, stage).current()
    written = {}
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        target = FileStorage(path, overwrite=True)
        with target.writer(storage.schema) as writer:
            for rows in storage.batches():
                writer.write(rows)
        written[str(path)] = storage.count_rows()
    return written


class _Aside:
    def __init__(self, version: VersionWriter) -> None:
        self._version = version

    def write(self, batch: pa.RecordBatch) -> None:
        self._version.reject(batch)


def _limited(batches: Iterator[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    left = limit
    for rows in batches:
        if left is None:
            yield rows
            continue
        yield rows.slice(0, left)
        left -= min(left, rows.num_rows)
        if not left:
            return


def _bad_rows_batch(bad_rows: Sequence[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [
            {
                "file": str(bad.path),
                "line": bad.line,
                "excerpt": bad.excerpt,
                "rejected_as": "failed",
                "rejected_by": "source",
                "rejected_reason": bad.error,
            }
            for bad in bad_rows
        ],
        schema=BAD_ROWS_SCHEMA,
    )


def _facts(report: Report, *, fingerprint: str, inputs: Mapping[str, str]) -> dict[str, Any]:
    """What the `run` table of a version says."""
    usage = report.usage.values()
    costs = [used.cost_usd for used in usage if used.cost_usd is not None]
    return {
        **report.as_dict(),
        "fingerprint": fingerprint,
        "inputs": dict(inputs),
        "llm_calls": sum(used.calls for used in usage),
        "llm_cached": sum(used.cached for used in usage),
        "tokens_in": sum(used.prompt_tokens for used in usage),
        "tokens_out": sum(used.completion_tokens for used in usage),
        "cost_usd": sum(costs) if costs else None,
    }
