"""Checks that are known before a stage's table is published: where one fails, the table of the run before stays."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
import pyarrow as pa

from dataflow_assets.checks import CONTRACT, KEEP_RATE, Bounds, keep_rate_check, rows_check
from dataflow_assets.row_checks import RowCheck
from operators.engine.report import Report
from operators.tables.errors import StageFailed

_REMEDIES = {
    CONTRACT: "Change the parameters of the stage, or the data.",
    KEEP_RATE: "Change the parameters of the stage, or the data; or the bounds, `keep_rate` in defs.yaml.",
}
_MOST_TOLD = 3
_OF_ROWS = "Mend the rows or the stage; or change the filter, `checks` in defs.yaml."


class ChecksFailed(StageFailed):
    """Nothing was published. `results` are those of all checks that were made."""

    def __init__(self, stage: str, results: Sequence[dg.AssetCheckResult], report: Report) -> None:
        self.results = tuple(results)
        failed = [result for result in results if not result.passed]
        said = "\n".join(f"{result.check_name}: {result.description}. {_REMEDIES.get(str(result.check_name), _OF_ROWS)}" for result in failed)
        super().__init__(f"{stage}: nothing was published, for a check fails. {said}{_why_aside(report)}")


def _why_aside(report: Report) -> str:
    """Who dropped rows, and the commonest errors: the rows themselves are not kept."""
    dropped = [f"{count:,} by {operator}" for operator, count in report.rejected_by.most_common(_MOST_TOLD)]
    failed = [f"{count:,} failed: {error}" for error, count in report.failures.most_common(_MOST_TOLD)]
    return "".join(f"\n  {line}" for line in (["dropped: " + ", ".join(dropped)] if dropped else []) + failed)


class BeforePublishing:
    """Sees the rows of a stage's table as they are written, and decides whether the table is published.

    Args:
        stage: how the stage is named to people.
        may_be_empty: other branches, or other shards, go on without it.
    """

    def __init__(self, stage: str, bounds: Bounds | None, row_checks: Sequence[RowCheck], may_be_empty: bool) -> None:
        self._stage, self._bounds, self._may_be_empty = stage, bounds, may_be_empty
        self._counted = [check.counted() for check in row_checks]
        self.results: tuple[dg.AssetCheckResult, ...] = ()

    def see(self, rows: pa.RecordBatch) -> None:
        for counted in self._counted:
            counted.see(rows)

    def decide(self, report: Report) -> None:
        """Raises ChecksFailed."""
        of_rate = [keep_rate_check(report, self._bounds, self._may_be_empty)] if self._bounds is not None else []
        self.results = (*of_rate, *(counted.result() for counted in self._counted))
        made = self.results if report.rows_out or self._may_be_empty else (rows_check(report), *self.results)
        if not all(result.passed for result in made):
            raise ChecksFailed(self._stage, made, report)
