"""Checks that every row of a stage's table passes a filter: `checks` in defs.yaml. A row that does not stops the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from pydantic import ValidationError

from dataflow_assets.running.stages import StageResult
from operators.core import registry
from operators.core.operator import Operator
from operators.engine.batch import Batch
from operators.pipeline.plan import Plan
from operators.tables.errors import ParameterError, Problem, closest
from operators.tables.types import ROW_ID

_SHOWN = 5


@dataclass(frozen=True)
class RowCheck:
    """A filter that has to keep every row."""

    name: str
    operator: Operator

    def spec(self, key: dg.AssetKey) -> dg.AssetCheckSpec:
        said = (type(self.operator).__doc__ or "").strip().split("\n\n")[0]
        return dg.AssetCheckSpec(self.name, asset=key, description=f"Every row passes {self.operator.describe()}: {said}", blocking=True)

    def result(self, result: StageResult) -> dg.AssetCheckResult:
        """What the filter says of the table that was written, read back row by row."""
        rows, reasons, rejected = 0, list[str](), 0
        columns = [column for column in self.operator.input_columns().values() if column in result.table.schema.names]
        for rows_read in result.table.batches(list(dict.fromkeys([ROW_ID, *columns]))):
            rows += len(rows_read)
            for rejection in self.operator.process(Batch(rows_read), {}).rejections:
                rejected += len(rejection.rows)
                reasons += rejection.reasons[: _SHOWN - len(reasons)]
        share = f"{1 - rejected / rows:.1%}" if rows else "all"
        said = f"{rejected:,} of {rows:,} rows do not pass: {'; '.join(reasons)}" if rejected else None
        return dg.AssetCheckResult(
            check_name=self.name,
            passed=not rejected,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"rows": rows, "rows that pass": f"{share} of {rows:,}"},
            description=said,
        )


def row_checks_of(given: Mapping[str, Sequence[Mapping[str, Any]]], plan: Plan) -> dict[str, tuple[RowCheck, ...]]:
    """The checks of each stage.

    Raises:
        ParameterError: no such stage or operator, a wrong parameter, an operator that is no filter of single rows, or a column that is missing.
    """
    stages = [stage.name for stage in plan.stages]
    checks = {}
    for stage, described in given.items():
        if stage not in stages:
            listed = ("stages", ", ".join(stages))
            raise ParameterError([Problem(f'checks: there is no stage "{stage}"', details=(listed,), suggestion=closest(stage, stages))])
        operators = [_filter_of(stage, one, plan) for one in described]
        names = [f"every_row_passes_{operator.name}" for operator in operators]
        checks[stage] = tuple(
            RowCheck(name if names.count(name) == 1 else f"{name}_{number}", operator)
            for number, (name, operator) in enumerate(zip(names, operators, strict=True), 1)
        )
    return checks


def _filter_of(stage: str, described: Mapping[str, Any], plan: Plan) -> Operator:
    try:
        operator = registry.build(described)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ParameterError([Problem(f"checks: {stage}: {described.get('operator')}: {faults}")]) from None
    if operator.kind != "filter" or operator.scope != "row" or operator.needs:
        what = f"checks: {stage}: {operator.name} cannot check a table"
        raise ParameterError([Problem(what, suggestion="name a filter that looks at single rows and needs no model")])
    if problems := operator.problems(plan[stage].schema_out):
        raise ParameterError(
            [Problem(f"checks: {stage}: {problem.message}", details=problem.details, suggestion=problem.suggestion) for problem in problems]
        )
    return operator
