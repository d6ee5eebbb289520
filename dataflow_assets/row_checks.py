"""Checks that every row of a stage's table passes a filter: `checks` in defs.yaml. A row that does not stops the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pyarrow as pa
from pydantic import ValidationError

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

    def counted(self) -> RowsSeen:
        return RowsSeen(self)


class RowsSeen:
    """What the filter of a check says of the rows of a table, as they are written."""

    def __init__(self, check: RowCheck) -> None:
        self._check = check
        self._rows, self._rejected, self._reasons = 0, 0, list[str]()

    def see(self, rows: pa.RecordBatch) -> None:
        self._rows += len(rows)
        columns = [column for column in self._check.operator.input_columns().values() if column in rows.schema.names]
        for rejection in self._check.operator.process(Batch(rows.select(list(dict.fromkeys([ROW_ID, *columns])))), {}).rejections:
            self._rejected += len(rejection.rows)
            self._reasons += rejection.reasons[: _SHOWN - len(self._reasons)]

    def result(self) -> dg.AssetCheckResult:
        share = f"{1 - self._rejected / self._rows:.1%}" if self._rows else "all"
        said = f"{self._rejected:,} of {self._rows:,} rows do not pass: {'; '.join(self._reasons)}" if self._rejected else None
        return dg.AssetCheckResult(
            check_name=self._check.name,
            passed=not self._rejected,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"rows": self._rows, "rows that pass": f"{share} of {self._rows:,}"},
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
