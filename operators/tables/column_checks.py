"""What can be known to be wrong with bound columns before any row is read: missing ones, wrong types, outputs that would overwrite."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import pyarrow as pa

from operators.tables.columns import HasColumns
from operators.tables.errors import Problem, closest
from operators.tables.types import PARENT_IDS, ROW_ID, fits, type_name

_OF_THE_ROWS: Final[dict[str, str]] = {ROW_ID: "it identifies the rows", PARENT_IDS: "it holds the parents of rows"}
"""Columns that no operator makes or rewrites, and why."""


def column_problems(bound: HasColumns, table: pa.Schema, carried: Collection[str], rewritten: Collection[str] = ()) -> list[Problem]:
    """What is wrong with running on a table of this schema, of which the columns `carried` go on and may not be overwritten, but `rewritten` are."""
    return [*_input_problems(bound, table), *_rewriting_problems(bound, rewritten), *_output_problems(bound, carried)]


def _rewriting_problems(bound: HasColumns, rewritten: Collection[str]) -> list[Problem]:
    return [
        Problem(
            f'column "{column}" would be rewritten: {_OF_THE_ROWS[column]}',
            details=(("argument", ", ".join(f'input_{short}="{column}"' for short, name in bound.input_columns().items() if name == column)),),
            suggestion="bind the input to another column",
        )
        for column in sorted(_OF_THE_ROWS.keys() & set(rewritten))
    ]


def _input_problems(bound: HasColumns, table: pa.Schema) -> list[Problem]:
    problems = []
    columns = bound.input_columns()
    for short, declared in bound.inputs().items():
        column = columns[short]
        argument = ("argument", f'input_{short}="{column}" of {bound.name}')
        if column not in table.names:
            if not declared.optional:
                listed = ("columns", ", ".join(table.names))
                problems.append(Problem(f'column "{column}" does not exist', details=(argument, listed), suggestion=closest(column, table.names)))
        elif not fits(declared.type, table.field(column).type):
            actual, wanted = type_name(table.field(column).type), type_name(declared.type)
            near = next((name for name in table.names if name not in (ROW_ID, column) and fits(declared.type, table.field(name).type)), "")
            suggestion = f'a column of this type is "{near}"' if near else ""
            problems.append(Problem(f'column "{column}" is {actual}, but {wanted} is needed', details=(argument,), suggestion=suggestion))
    return problems


def _output_problems(bound: HasColumns, carried: Collection[str]) -> list[Problem]:
    problems = []
    taken: Mapping[str, str] = dict.fromkeys(carried, "the table has it already") | _OF_THE_ROWS
    for short, column in bound.output_columns().items():
        if column in taken:
            argument = ("argument", f'output_{short}="{column}" of {bound.name}')
            problems.append(
                Problem(
                    f'output "{column}" would overwrite a column: {taken[column]}',
                    details=(argument,),
                    suggestion=f'bind it to another name: output_{short}="{column}_2"',
                )
            )
        taken = {**taken, column: f"output_{short} is bound to it as well"}
    return problems
