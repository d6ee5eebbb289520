"""Running the stages of a plan over the warehouse: what assets do in Dagster and `dataflow run` does without it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from dataflow_assets.running.export_record import record
from dataflow_assets.running.exports import write_export
from dataflow_assets.running.in_force import in_force
from dataflow_assets.running.stage_inputs import Pinned, of_run, stage_inputs, version_of
from dataflow_assets.running.workers import Workers
from operators.asking.usage_label import usage_label
from operators.engine.garbage import leave_out_what_is_loaded
from operators.engine.report import Progress, Report
from operators.engine.runner import run_operator
from operators.pipeline.plan import Plan
from operators.pipeline.source_rows import BAD_ROWS_SCHEMA, bad_rows_batch, limited
from operators.tables.errors import StageFailed, stage_named
from operators.tables.files import FileStorage
from operators.tables.row_ids import with_row_ids
from operators.tables.storage import Storage
from resources.sources import MAX_UNREADABLE
from resources.warehouse import VersionStorage, VersionWriter, Warehouse


@dataclass(frozen=True)
class StageResult:
    """A published table (or shard of one), how it came about, and the tables that it was made from, each pinned to its version."""

    stage: str
    report: Report
    table: VersionStorage
    inputs: tuple[Pinned, ...] = ()
    shard: str | None = None

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the version says of the run that made it."""
        return self.table.run_facts()

    @property
    def content_hash(self) -> str:
        """The same for equal tables, whenever and wherever they were made."""
        return str(self.facts["content_hash"])


class Gate(Protocol):
    """Decides whether a table is published."""

    def see(self, rows: pa.RecordBatch) -> None:
        """Rows that are written."""

    def decide(self, report: Report) -> None:
        """All rows are written. Raises StageFailed where they must not be published."""


def load_source(
    warehouse: Warehouse,
    pipeline: str,
    name: str,
    source: Storage,
    *,
    limit: int | None = None,
    max_unreadable: float = MAX_UNREADABLE,
    progress: Progress | None = None,
    shard: str | None = None,
    expected: pa.Schema | None = None,
    may_be_empty: bool = True,
) -> StageResult:
    """Copy a source, or a shard of it, into the warehouse, with row ids. Rows that cannot be read are set aside, up to the share `max_unreadable`.

    `expected` are the columns of a table without rows where the source, an empty file, does not say them. Such a table is refused unless it
    `may_be_empty`.
    """
    started = time.perf_counter()
    report = Report(type(source).__name__)
    table = warehouse.table(pipeline, name, shard)
    batches = iter(with_row_ids(limited(source.batches(), limit), shard or ""))
    first = next(batches, None)
    empty = expected if expected is not None and not source.schema.names else source.schema
    schema = first.schema if first is not None else next(iter(with_row_ids([pa.RecordBatch.from_pylist([], schema=empty)]))).schema
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
        if bad > max_unreadable * report.rows_in:
            shown = "; ".join(f"{row.path}:{row.line}: {row.error}" for row in bad_rows[:3])
            raise StageFailed(
                f"{bad} of {report.rows_in} rows of the source cannot be read, more than max_unreadable={max_unreadable:g} allows. {shown}. "
                f"Mend the file, or raise max_unreadable of the source {name} (--max-unreadable of dataflow run)."
            )
        if not report.rows_out and not may_be_empty:
            raise StageFailed(f"{pipeline}.{name}: the source has no row, and nothing was published. Look at what it reads and at its limit.")
        if bad_rows:
            version.reject(bad_rows_batch(bad_rows))
        report.seconds = time.perf_counter() - started
        version.run.update(_facts(report, fingerprint="", inputs={}), kind="source")
        if isinstance(source, FileStorage):
            version.run["read_from"] = str(Path(source.path).absolute())
    return StageResult(name, report, table.at(version.version), shard=shard)


def run_stage(
    warehouse: Warehouse,
    plan: Plan,
    name: str,
    resources: Mapping[str, Any],
    *,
    progress: Progress | None = None,
    shard: str | None = None,
    shards: Sequence[str] = (),
    workers: Workers | None = None,
    gate: Gate | None = None,
) -> StageResult:
    """Run one stage on the current versions of its inputs and publish its table. `workers` do what can be done in parts; else this process does all.

    A `gate` sees what is written, and keeps it from being published by raising an error.

    A stage that runs on each shard needs to know on which (`shard`), one that gathers, which there are (`shards`).
    """
    stage = plan[name]
    if stage.sharded != (shard is not None):
        raise ValueError(f"{plan.name}.{name} {'runs on shards: give one' if stage.sharded else f'does not run on shards, such as {shard}'}.")
    inputs = stage_inputs(warehouse, plan.name, stage, shard, shards)
    schemas = [storage.schema for storage in inputs]
    if problems := stage.operator.problems(*schemas):
        raise StageFailed("\n".join(str(problem.at(f"{plan.name}.{name}")) for problem in problems))
    leave_out_what_is_loaded()
    table = warehouse.table(plan.name, name, shard)
    with table.writer_version(stage.operator.schema_out(*schemas), rejected_schema=stage.operator.schema_aside(*schemas)) as version:
        with usage_label(plan.name, name), stage_named(f"{plan.name}.{name}"):
            executor = None if workers is None else workers.at(version.work)
            kept = version if gate is None else _Seen(version, gate)
            report = run_operator(stage.operator, inputs, kept, _Aside(version), resources=resources, progress=progress, executor=executor)
        if gate is not None:
            gate.decide(report)
        versions = {parent: version_of(storage) for parent, storage in zip(stage.inputs, inputs, strict=True)}
        llms = {name for need, name in stage.resources.items() if need == "llm"}
        version.run.update(_facts(report, fingerprint=stage.fingerprint, inputs=versions, llms=llms))
        version.run.update(kind=stage.operator.kind, in_force=in_force(stage.operator), lineage=stage.column_lineage(*schemas))
        version.run.update(_of_inputs(stage.inputs, inputs, report))
    return StageResult(name, report, table.at(version.version), inputs, shard)


def export_table(
    warehouse: Warehouse,
    pipeline: str,
    stage: str,
    paths: Sequence[str | Path],
    *,
    shard: str | None = None,
    shards: Sequence[str] | None = None,
) -> dict[str, int]:
    """Write a stage's table to files, each replaced atomically; path -> rows. The columns row_id and parent_ids go along.

    Of a table in shards, one `shard`, or all `shards` together.
    """
    storage = of_run(warehouse.table(pipeline, stage, shard)) if shards is None else warehouse.gathered(pipeline, stage, shards)
    written = {}
    for path in paths:
        write_export(storage, path)
        written[str(path)] = storage.count_rows()
    record(warehouse, pipeline, stage, version_of(storage), list(written))
    return written


def _of_inputs(names: Sequence[str], inputs: Sequence[Pinned], report: Report) -> dict[str, Any]:
    """What the inputs were, whatever becomes of their versions, and the models that judged or wrote what is in the table: here, or before."""
    facts = [storage.run_facts() for storage in inputs]
    judged_by = {model: caution for one in facts for model, caution in (one.get("judged_by") or {}).items()}
    judged_by |= {usage.model: usage.caution for usage in report.usage.values() if usage.model}
    return {"input_hashes": {name: one["content_hash"] for name, one in zip(names, facts, strict=True)}, "judged_by": judged_by}


class _Seen:
    """Writes to a version what a gate has seen."""

    def __init__(self, version: VersionWriter, gate: Gate) -> None:
        self._version, self._gate = version, gate

    def write(self, batch: pa.RecordBatch) -> None:
        self._gate.see(batch)
        self._version.write(batch)


class _Aside:
    def __init__(self, version: VersionWriter) -> None:
        self._version = version

    def write(self, batch: pa.RecordBatch) -> None:
        self._version.reject(batch)


def _facts(report: Report, *, fingerprint: str, inputs: Mapping[str, str | Mapping[str, str]], llms: Collection[str] = ()) -> dict[str, Any]:
    """What the `run` table of a version says; `llms` are the names of the language models among those in the report."""
    usage = [used for name, used in report.usage.items() if name in llms]
    costs = [used.cost_usd for used in report.usage.values() if used.cost_usd is not None]
    return {
        **report.as_dict(),
        "fingerprint": fingerprint,
        "inputs": dict(inputs),
        "models": sorted({used.model for used in report.usage.values() if used.model}),
        "llm_calls": sum(used.calls for used in usage),
        "llm_cached": sum(used.cached for used in usage),
        "tokens_in": sum(used.prompt_tokens for used in usage),
        "tokens_out": sum(used.completion_tokens for used in usage),
        "cost_usd": sum(costs) if costs else None,
    }
