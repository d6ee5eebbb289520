"""What the stages of a run did, as the table that `run` and `report` print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from dataflow_assets.cli.console import output, table

COLUMNS = ("stage", "operator", "rows in", "kept", "rejected", "seconds", "calls", "cached", "tokens")
NUMBERS = COLUMNS[2:]
WIDE = 105
"""Characters that a terminal needs for all columns."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage: rows that came in, went on and were set aside; time; answers asked of a model and taken from the cache; tokens paid for."""

    stage: str
    operator: str
    rows_in: int | None
    rows_out: int | None
    rejected: int | None
    seconds: float | None
    llm_calls: int | None = None
    llm_cached: int | None = None
    tokens: int | None = None
    other_rows: tuple[int, ...] = ()
    """Rows of the other input tables, where branches meet."""

    @classmethod
    def of(cls, stage: str, report: Mapping[str, Any]) -> StageRow:
        """From `Report.as_dict()`, or the facts of a stored version. What is not known is None: a stage without a model has no calls, not none."""
        usage = list((report.get("usage") or {}).values())

        def total(*names: str) -> int | None:
            return sum(int(item[name]) for item in usage for name in names) if usage else None

        filtered, failed = report.get("rows_filtered"), report.get("rows_failed")
        return cls(
            stage,
            str(report.get("operator") or "-"),
            report.get("rows_in"),
            report.get("rows_out"),
            None if filtered is None or failed is None else filtered + failed,
            report.get("seconds"),
            total("calls"),
            total("cached"),
            total("prompt_tokens", "completion_tokens"),
            tuple(int(table["rows"]) for table in (report.get("other_tables") or {}).values()),
        )

    @property
    def all_rows_in(self) -> int | str | None:
        """ "2 + 3" where branches meet."""
        return " + ".join(f"{rows:,}" for rows in (self.rows_in or 0, *self.other_rows)) if self.other_rows else self.rows_in


def stage_table(rows: Iterable[StageRow]) -> Table:
    """In a narrow terminal without the operators, so that no number is cut."""
    cells = [
        (row.stage, row.operator, row.all_rows_in, row.rows_out, row.rejected, row.seconds, row.llm_calls, row.llm_cached, row.tokens) for row in rows
    ]
    places = [index for index, name in enumerate(COLUMNS) if name != "operator" or output().width >= WIDE]
    return table([COLUMNS[index] for index in places], [[cell[index] for index in places] for cell in cells], right=NUMBERS, whole=("stage",))
