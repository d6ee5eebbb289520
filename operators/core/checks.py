"""What can be known to be wrong with an operator before any data is read."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from operators.core.errors import Problem, closest
from operators.core.prompt import PromptTemplate
from operators.core.types import PARENT_IDS, ROW_ID, fits, type_name

if TYPE_CHECKING:
    from operators.core.operator import Operator


def column_problems(operator: Operator, tables: Sequence[pa.Schema]) -> list[Problem]:
    """Missing columns, wrong types, outputs that would overwrite a column."""
    if len(tables) != len(operator.tables):
        wanted = f"{len(operator.tables)} ({', '.join(operator.tables)})"
        return [Problem(f"{operator.name} takes {wanted} table{'s' if len(operator.tables) > 1 else ''}, not {len(tables)}")]
    return [*_input_problems(operator, tables[0]), *_output_problems(operator, tables[0])]


def _input_problems(operator: Operator, table: pa.Schema) -> list[Problem]:
    problems = []
    columns = operator.input_columns()
    for short, declared in operator.inputs().items():
        column = columns[short]
        argument = ("argument", f'input_{short}="{column}" of {operator.name}')
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


def _output_problems(operator: Operator, table: pa.Schema) -> list[Problem]:
    problems = []
    taken = dict.fromkeys(table.names, "the table has it already") | {
        ROW_ID: "it identifies the rows",
        PARENT_IDS: "it holds the parents of rows",
    }
    if getattr(operator, "adds_rows", False):
        carried = getattr(operator, "carry", "all")
        taken = {name: why for name, why in taken.items() if name in (ROW_ID, PARENT_IDS) or carried == "all" or name in carried}
    for short, column in operator.output_columns().items():
        if column in taken:
            argument = ("argument", f'output_{short}="{column}" of {operator.name}')
            problems.append(
                Problem(
                    f'output "{column}" would overwrite a column: {taken[column]}',
                    details=(argument,),
                    suggestion=f'bind it to another name: output_{short}="{column}_2"',
                )
            )
        taken[column] = f"output_{short} is bound to it as well"
    return problems


def prompt_problems(operator: Operator) -> list[Problem]:
    """Variables of a prompt that are neither an input nor a parameter of the operator."""
    problems = []
    known = {*operator.inputs(), *type(operator).model_fields, *getattr(operator, "prompt_variables", ())}
    for name, prompt in operator:
        if not isinstance(prompt, PromptTemplate):
            continue
        for variable in sorted(prompt.variables() - known):
            argument = ("argument", f"{name}={type(prompt).__name__} of {operator.name}")
            inputs = ("inputs", ", ".join(operator.inputs()))
            problems.append(
                Problem(f'prompt variable "{variable}" is not bound', details=(argument, inputs), suggestion=closest(variable, operator.inputs()))
            )
    return problems


def package_problems(operator: Operator) -> list[Problem]:
    """Optional packages that are not installed."""
    missing = [package for package in operator.needed_packages if importlib.util.find_spec(package.partition(".")[0]) is None]
    if not missing:
        return []
    install = f"pip install 'dataflow-dagster[{operator.extra}]'" if operator.extra else f"pip install {' '.join(missing)}"
    return [Problem(f"{operator.name} needs {', '.join(missing)}, which is not installed", suggestion=f"install it: {install}")]
