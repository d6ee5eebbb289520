"""What a run of a pipeline gives back: the tables of all stages, what was set aside where and why, and what each stage did in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from operators.engine.report import Report
from operators.engine.result import frame_of
from operators.engine.shown import as_html, as_text
from operators.pipeline.plan import Plan
from operators.pipeline.row_story import Row, Story, tell_story
from operators.pipeline.set_aside import SetAside
from operators.tables.errors import closest
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class StageOutcome:
    """What a stage, or a source, made: its table, the rows set aside, and what was counted."""

    report: Report
    table: Storage
    rejected: Storage


class PipelineResult:
    """`table` is what `forward` returns, `result["stage"]` the table of a stage or source, `rejected` all rows set aside, with stage and reason."""

    def __init__(self, plan: Plan, outcomes: Mapping[str, StageOutcome]) -> None:
        self.plan = plan
        self._outcomes = outcomes

    @cached_property
    def report(self) -> dict[str, Report]:
        """Source or stage -> what was done, in the order of the pipeline."""
        return {name: outcome.report for name, outcome in self._outcomes.items()}

    @cached_property
    def table(self) -> pa.Table:
        """The result. Raises ValueError where `forward` returns several: take each by its stage."""
        if len(self.plan.outputs) > 1:
            names = ", ".join(f'result["{name}"]' for name in self.plan.outputs)
            raise ValueError(f"{self.plan.name} has {len(self.plan.outputs)} results: take {names}.")
        return self[self.plan.outputs[0]]

    @cached_property
    def rejected(self) -> pa.Table:
        """All rows set aside: `stage`, the row as it came to the stage, `rejected_as`, `rejected_by` (the operator) and `rejected_reason`."""
        return SetAside({name: outcome.rejected for name, outcome in self._outcomes.items()}).read()

    def __getitem__(self, stage: str) -> pa.Table:
        return self._outcome(stage).table.read()

    def __iter__(self) -> Iterator[str]:
        return iter(self._outcomes)

    def __contains__(self, stage: object) -> bool:
        return stage in self._outcomes

    def to_pandas(self, stage: str | None = None) -> pd.DataFrame:
        """The result, or the table of a stage, as a data frame of Arrow-backed columns."""
        return frame_of(self.table if stage is None else self[stage])

    def rejected_to_pandas(self) -> pd.DataFrame:
        return frame_of(self.rejected)

    def trace(self, row_id: str) -> Story:
        """What each stage did to a row: kept, changed, made, dropped, and why. The first characters of its id are enough.

        Raises:
            KeyError: no stage had such a row, or the characters begin the ids of several.
        """
        stages = [_StageRows(name, outcome, self._inputs(name)) for name, outcome in self._outcomes.items()]
        if len(ids := sorted({found for stage in stages for found in stage.ids_starting_with(row_id)})) > 1:
            raise KeyError(f"{len(ids)} rows begin with {row_id}: {', '.join(ids[:5])}. Give more characters.")
        story = tell_story(self.plan.name, stages, ids[0]) if ids else None
        if story is None:
            raise KeyError(f'no stage of {self.plan.name} had a row {row_id}. Ids are in the column "{ROW_ID}" of every table.')
        return story

    def _inputs(self, name: str) -> Sequence[str]:
        return () if name in self.plan.sources else self.plan[name].inputs

    def _outcome(self, name: str) -> StageOutcome:
        if name not in self._outcomes:
            raise KeyError(f'{self.plan.name} has no stage "{name}"; it has {", ".join(self._outcomes)}. {closest(name, self._outcomes)}'.strip())
        return self._outcomes[name]

    def __repr__(self) -> str:
        return as_text(self._title(), _COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        results = {name: self[name] for name in self.plan.outputs}
        return as_html(self._title(), _COLUMNS, self._rows(), {**results, "set aside": self.rejected})

    def _title(self) -> str:
        made = ", ".join(f"{self._outcomes[name].report.rows_out:,} rows in {name}" for name in self.plan.outputs)
        return f"{self.plan.name}: {made}"

    def _rows(self) -> list[list[str]]:
        return [_shown(name, report) for name, report in self.report.items()]


_COLUMNS = ("stage", "operator", "in", "out", "set aside", "most by")


def _shown(name: str, report: Report) -> list[str]:
    by = [f"{operator} {count:,}" for operator, count in report.rejected_by.most_common(2)]
    by += [f"failed {report.failed:,}"] if report.failed else []
    by += [f"{usage.calls:,} calls of {resource}, {usage.cached:,} cached" for resource, usage in report.usage.items()]
    return [name, report.operator, f"{report.rows_in:,}", f"{report.rows_out:,}", f"{report.rejected:,}", ", ".join(by)]


class _StageRows:
    """The tables of one stage, as far as the story of a row is concerned."""

    def __init__(self, name: str, outcome: StageOutcome, inputs: Sequence[str]) -> None:
        self.name = name
        self.operator = outcome.report.operator
        self.inputs = inputs
        self._table = outcome.table
        self._rejected = outcome.rejected

    def find(self, row_id: str) -> Row | None:
        return _first(self._table, row_id)

    def find_rejected(self, row_id: str) -> Row | None:
        return _first(self._rejected, row_id)

    def children(self, row_id: str) -> list[str]:
        if PARENT_IDS not in self._table.schema.names:
            return []
        rows = self._table.read([ROW_ID, PARENT_IDS]).to_pylist()
        return [row[ROW_ID] for row in rows if row_id in (row[PARENT_IDS] or ())]

    def ids_starting_with(self, prefix: str) -> list[str]:
        found: list[str] = []
        for storage in (self._table, self._rejected):
            if ROW_ID in storage.schema.names:
                ids = storage.read([ROW_ID]).column(ROW_ID)
                found += ids.filter(pc.starts_with(ids, prefix)).to_pylist()
        return found


def _first(storage: Storage, row_id: str) -> Row | None:
    if ROW_ID not in storage.schema.names:
        return None
    table = storage.read()
    rows: list[Row] = table.filter(pc.equal(table.column(ROW_ID), row_id)).slice(0, 1).to_pylist()
    return rows[0] if rows else None
