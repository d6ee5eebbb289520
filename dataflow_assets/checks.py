"""Asset checks of a stage: blocking, so that nothing downstream runs on a table that is not what it promises to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.running.stages import StageResult
from operators.core.operator import Operator
from operators.engine.report import Report
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID, type_name


@dataclass(frozen=True)
class Bounds:
    """Which share of the rows that came in a stage should keep, both ends included."""

    low: float = 0.0
    high: float = 1.0


CONTRACT, KEEP_RATE = "contract", "keep_rate"
CHECKS = {
    CONTRACT: "The table is what its stage promises: it has the declared columns and types, an id of its own for each row, at least one row unless "
    "another branch goes on without it, and nothing was done to the rows but what the kind of the operator may do.",
    KEEP_RATE: "The share of rows kept is within the bounds given in defs.yaml.",
}
"""One evaluation says all that the contract asks, for each that Dagster stores costs as much as writing a small table."""


def check_specs(key: dg.AssetKey, bounds: Bounds | None = None) -> list[dg.AssetCheckSpec]:
    names = [CONTRACT, *([KEEP_RATE] if bounds is not None else [])]
    return [dg.AssetCheckSpec(name, asset=key, description=CHECKS[name], blocking=True) for name in names]


def source_checks(result: StageResult) -> Iterator[dg.AssetCheckResult]:
    """What must hold of the rows of a source."""
    yield _contract(table_findings(result))


def stage_checks(operator: Operator, result: StageResult, may_be_empty: bool = False) -> Iterator[dg.AssetCheckResult]:
    """What must hold of the table of this stage. `may_be_empty`: other branches go on without it."""
    yield _contract([*table_findings(result, may_be_empty), *stage_findings(operator, result)])


def keep_rate_check(report: Report, bounds: Bounds, may_be_empty: bool) -> dg.AssetCheckResult:
    """`may_be_empty`: of no rows, none need be kept."""
    rate = report.rows_out / report.rows_in if report.rows_in else 0.0
    within = bounds.low <= rate <= bounds.high or (may_be_empty and not report.rows_in)
    said = f"{rate:.1%} of {report.rows_in:,} rows were kept; defs.yaml allows {bounds.low:.1%} to {bounds.high:.1%}"
    return _result(KEEP_RATE, "" if within else said, {"kept": rate, "bounds": f"{bounds.low:g} to {bounds.high:g}"})


def rows_check(report: Report) -> dg.AssetCheckResult:
    """That the table has rows, as the contract asks of it."""
    empty = "" if report.rows_out else _empty(report)
    return _contract([Finding("rows", f"{report.rows_out:,}", empty)])


@dataclass(frozen=True)
class Finding:
    """One thing that the contract asks of a table."""

    name: str
    seen: str
    broken: str = ""
    """What is wrong; "" where it holds."""


def table_findings(result: StageResult, may_be_empty: bool = False) -> Iterator[Finding]:
    """What must hold of any table."""
    ids = result.table.read([ROW_ID]).column(ROW_ID)
    distinct = len(ids.unique())
    wrong = distinct != len(ids) or ids.null_count
    said = f"{len(ids):,} rows have {distinct:,} different ids, {ids.null_count:,} have none"
    yield Finding("ids", f"{distinct:,} of {len(ids):,} rows have an id of their own", said if wrong else "")
    if result.shard is None:  # nothing left of one shard is no mistake, and must not keep the others from being gathered
        yield Finding("rows", f"{len(ids):,}", "" if len(ids) or may_be_empty else _empty(result.report))


def stage_findings(operator: Operator, result: StageResult) -> Iterator[Finding]:
    """What the operator promises of its table."""
    expected, actual = operator.schema_out(*(storage.schema for storage in result.inputs)), result.table.schema
    differs = f"declared are {_told(expected)}, and there are {_told(actual)}"
    yield Finding("columns", _told(actual), "" if expected.equals(actual) else differs)
    broken = broken_promise(operator, result.table, result.table.rejected(), result.inputs)
    yield Finding("rows of a " + operator.kind, "only what it may do", broken)


def _contract(findings: Iterable[Finding]) -> dg.AssetCheckResult:
    found = list(findings)
    broken = "; ".join(f"{finding.name}: {finding.broken}" for finding in found if finding.broken)
    return _result(CONTRACT, broken, {finding.name: finding.broken or finding.seen for finding in found})


def _empty(report: Report) -> str:
    return f"no row is left of {report.rows_in:,}"


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {type_name(field.type)}" for field in schema)


def broken_promise(operator: Operator, table: Storage, rejected: Storage, inputs: Sequence[Storage]) -> str:
    """How the published tables differ from what the operator's kind promises; "" when they do not."""
    others = [storage for name, storage in zip(operator.tables, inputs, strict=False) if name in operator.accounts_for][1:]
    if operator.adds_rows:
        return _broken_parentage(table, inputs) or _lost_parents(table, rejected, [inputs[0], *others])
    came_in, out, aside = _ids(inputs[0]), _ids(table), _ids(rejected)
    if others:
        known = pa.chunked_array([chunk for storage in others for chunk in _ids(storage).chunks], pa.string())
        first = pc.is_in(aside, value_set=came_in)
        if not _all_in(aside.filter(pc.invert(first)), known):
            return "rows were set aside that did not come in"
        aside = aside.filter(first)
    accounted = pa.chunked_array([*out.chunks, *aside.chunks], pa.string())
    if len(accounted) != len(came_in) or len(accounted.unique()) != len(came_in) or not _all_in(accounted, came_in):
        return f"{len(came_in)} rows came in; {len(out)} went on and {len(aside)} were set aside"
    kept = came_in if len(out) == len(came_in) else came_in.filter(pc.is_in(came_in, value_set=out))
    return "" if kept.equals(out) else "the rows are in another order"


def _broken_parentage(table: Storage, inputs: Sequence[Storage]) -> str:
    """New rows name rows that came in as their parents; a row without parents is one of those that came in."""
    known = pa.chunked_array([chunk for storage in inputs for chunk in _ids(storage).chunks], pa.string())
    rows = table.read([ROW_ID, PARENT_IDS])
    parents = rows.column(PARENT_IDS)
    old = pc.is_in(rows.column(ROW_ID), value_set=known)
    orphans = pc.sum(pc.and_(pc.equal(pc.fill_null(pc.list_value_length(parents), 0), 0), pc.invert(old))).as_py() or 0
    if orphans:
        return f"{orphans} new rows name no parent"
    named = pc.list_flatten(parents.filter(pc.invert(old)))
    return "" if _all_in(named, known) else "new rows name parents that are not among the rows that came in"


def _lost_parents(table: Storage, rejected: Storage, inputs: Sequence[Storage]) -> str:
    """Every row that came in goes on, is named as a parent, or is set aside."""
    rows = table.read([ROW_ID, PARENT_IDS])
    parents = pc.list_flatten(rows.column(PARENT_IDS)).cast(pa.string())
    known = pa.chunked_array([*rows.column(ROW_ID).chunks, *parents.chunks, *_ids(rejected).chunks], pa.string())
    lost = sum(len(ids) - (pc.sum(pc.is_in(ids, value_set=known)).as_py() or 0) for ids in map(_ids, inputs))
    return f"{lost} rows came in of which nothing is said: they are neither parents nor set aside" if lost else ""


def _all_in(values: pa.ChunkedArray, known: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.is_in(values, value_set=known)).as_py() in (True, None))


def _ids(storage: Storage) -> pa.ChunkedArray:
    return storage.read([ROW_ID]).column(ROW_ID) if ROW_ID in storage.schema.names else pa.chunked_array([], pa.string())


def _result(name: str, broken: str, metadata: Mapping[str, Any]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name, passed=not broken, severity=dg.AssetCheckSeverity.ERROR, metadata=dict(metadata), description=broken or None
    )
