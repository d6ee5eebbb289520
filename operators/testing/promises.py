"""What every operator promises, checked on one run: each function raises Breach where a promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from operators.core.operator import Operator
from operators.engine.batch import TOLD
from operators.engine.report import OtherTable, Report
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

Row: TypeAlias = dict[str, Any]
FAULTS = ("AttributeError", "NameError", "TypeError", "UnboundLocalError", "AssertionError", "NotImplementedError", "ModuleNotFoundError")
"""Errors that speak of the code, not of the row."""


class Breach(AssertionError):
    """A promise was broken; the message says which, and on which rows."""


@dataclass(frozen=True)
class Run:
    """One run of an operator, with what came in and what became of it."""

    operator: Operator
    inputs: Sequence[Storage]
    table: pa.Table
    rejected: pa.Table
    report: Report

    @property
    def came_in(self) -> list[Row]:
        return list(self.inputs[0].read().to_pylist())

    @property
    def kept(self) -> list[Row]:
        return list(self.table.to_pylist())

    @property
    def aside(self) -> list[Row]:
        return list(self.rejected.to_pylist())

    @property
    def columns_in(self) -> list[str]:
        return list(self.inputs[0].schema.names)


def columns_are_as_declared(run: Run) -> None:
    declared = run.operator.schema_out(*(storage.schema for storage in run.inputs))
    demand(run.table.schema == declared, "the table has other columns than schema_out says", declared=declared, made=run.table.schema)


def counts_are_true(run: Run) -> None:
    report = run.report
    counted = (report.rows_in, report.rows_out, report.rejected)
    real = (len(run.came_in), len(run.kept), len(run.aside))
    demand(counted == real, "the report counts other rows than there are (in, out, set aside)", report=counted, tables=real)


def ids_are_unique(run: Run) -> None:
    ids = [row[ROW_ID] for row in run.kept]
    demand(len(set(ids)) == len(ids), "two rows that go on have one row_id", ids=ids)
    aside = [row[ROW_ID] for row in run.aside]
    demand(len(set(aside)) == len(aside), "a row was set aside twice", ids=aside)


def every_row_is_accounted_for(run: Run) -> None:
    """Each row of a table that the operator accounts for goes on, is named as a parent, or is set aside with the reason; and is counted as such."""
    operator = run.operator
    complete = operator.accounts_for == operator.tables or not operator.adds_rows
    demand(complete, "an operator that makes rows accounts for all its tables", accounts_for=operator.accounts_for, tables=operator.tables)
    gone_on = {row[ROW_ID] for row in run.kept} | {parent for row in run.kept for parent in row.get(PARENT_IDS) or ()}
    aside = {row[ROW_ID] for row in run.aside}
    came_in: set[str] = set()
    for name, storage in zip(operator.tables, run.inputs, strict=True):
        if name not in operator.accounts_for:
            continue
        ids = set(storage.read([ROW_ID]).column(ROW_ID).to_pylist())
        lost = ids - gone_on - aside
        demand(not lost, f'of rows of the table "{name}" nothing is said: they neither go on nor are set aside', lost=lost)
        came_in |= ids
        if name != operator.tables[0]:
            expected = OtherTable(len(ids), len(ids - aside))
            said = run.report.other_tables.get(name)
            demand(said == expected, f'the report counts other rows of the table "{name}" than were used', report=said, tables=expected)
    demand(aside <= came_in, "rows were set aside that never came in", ids=aside - came_in)


def rejections_have_reasons(run: Run) -> None:
    for row in run.aside:
        demand(bool(row["rejected_reason"]) and bool(row["rejected_by"]), "a row was set aside without a reason", row=row)


def no_fault_of_the_code(run: Run) -> None:
    """Nulls, empty tables and any text are ordinary input. A row may fail, for a reason that speaks of the row."""
    for row in run.aside:
        fault = row["rejected_as"] == "failed" and str(row["rejected_reason"]).startswith(FAULTS)
        demand(not fault, f"the function raised {row['rejected_reason']}", row=_without(row, TOLD))


def evaluate_adds_columns_to_the_same_rows(run: Run) -> None:
    failed = {row[ROW_ID] for row in run.aside}
    here = {row[ROW_ID] for row in run.came_in}
    demand(all(row["rejected_as"] == "failed" for row in run.aside if row[ROW_ID] in here), "an evaluator set rows aside that did not fail")
    expected = [row for row in run.came_in if row[ROW_ID] not in failed]
    _same_rows(expected, [{name: row.get(name) for name in run.columns_in} for row in run.kept], "the columns that were there are not the same")


def filter_keeps_a_subset_unchanged(run: Run) -> None:
    kept = {row[ROW_ID] for row in run.kept}
    _same_rows([row for row in run.came_in if row[ROW_ID] in kept], run.kept, "rows that are kept were changed or reordered")
    aside = {row[ROW_ID]: row for row in run.aside}
    expected = [row for row in run.came_in if row[ROW_ID] in aside]
    _same_rows(expected, [_without(aside[row[ROW_ID]], TOLD) for row in expected], "rows that are set aside were changed")


def refine_rewrites_only_its_columns(run: Run) -> None:
    rewritten = sorted(run.operator.rewritten_columns())
    failed = {row[ROW_ID] for row in run.aside}
    expected = [row for row in run.came_in if row[ROW_ID] not in failed]
    others = [_without(row, rewritten) for row in expected], [_without(row, rewritten) for row in run.kept]
    _same_rows(*others, f"more was changed than {', '.join(rewritten)}")
    for before, after in zip(expected, run.kept, strict=True):
        was_null = all(before[name] is None for name in rewritten)
        demand(not was_null or all(after[name] is None for name in rewritten), "a null was rewritten: it stays null", before=before, after=after)


def generate_names_the_parents_of_new_rows(run: Run) -> None:
    known = {row[ROW_ID] for row in run.came_in}
    if not run.operator.adds_rows:
        aside = {row[ROW_ID] for row in run.aside}
        expected = [row for row in run.came_in if row[ROW_ID] not in aside]
        _same_rows(expected, [{name: row.get(name) for name in run.columns_in} for row in run.kept], "the columns that were there are not the same")
    elif len(run.operator.tables) == 1:
        for row in run.kept:
            parents = row.get(PARENT_IDS)
            named = row[ROW_ID] in known or (bool(parents) and set(parents or ()) <= known)
            demand(named, "a new row does not name the rows that it was made from", row=row)


OF_EVERY_KIND: tuple[Callable[[Run], None], ...] = (
    columns_are_as_declared,
    no_fault_of_the_code,
    every_row_is_accounted_for,
    counts_are_true,
    ids_are_unique,
    rejections_have_reasons,
)
OF_KIND: Mapping[str, Callable[[Run], None]] = {
    "evaluate": evaluate_adds_columns_to_the_same_rows,
    "filter": filter_keeps_a_subset_unchanged,
    "refine": refine_rewrites_only_its_columns,
    "generate": generate_names_the_parents_of_new_rows,
}


def check_run(run: Run) -> None:
    """All promises, on one run."""
    for check in (*OF_EVERY_KIND, OF_KIND[run.operator.kind]):
        check(run)


def same_tables(first: Run, second: Run, what: str) -> None:
    """That two runs gave the same rows in the same order, and set the same aside for the same reasons (of a batch, the nulls come first)."""
    _same_rows(first.kept, second.kept, what)
    _same_rows(sorted(first.aside, key=_row_id), sorted(second.aside, key=_row_id), f"{what}, among the rows set aside")


def demand(true: bool, what: str, **details: object) -> None:
    if not true:
        raise Breach("\n".join([what, *(f"  {name:<9} {shown(value)}" for name, value in details.items())]))


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}…"


def _same_rows(expected: Sequence[Row], found: Sequence[Row], what: str) -> None:
    if [repr(row) for row in expected] == [repr(row) for row in found]:  # by repr, as NaN is not equal to itself
        return
    for before, after in zip(expected, found, strict=False):
        demand(repr(before) == repr(after), what, expected=before, found=after)
    demand(False, f"{what}: {len(found)} rows instead of {len(expected)}", expected=expected, found=found)


def _row_id(row: Row) -> str:
    return str(row[ROW_ID])


def _without(row: Row, names: Iterable[str]) -> Row:
    left_out = set(names)
    return {name: value for name, value in row.items() if name not in left_out}
