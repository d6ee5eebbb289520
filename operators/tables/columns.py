"""How an operator declares the columns that it reads and makes, and how callers bind them to others."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, TypeAlias

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from operators.tables.errors import ColumnError, Problem, closest

_INPUT, _OUTPUT = "input_", "output_"

Bindings: TypeAlias = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(lambda value: tuple(sorted(value.items())) if isinstance(value, Mapping) else value),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
"""Which columns the inputs and outputs are bound to, where not their defaults: {"input_text": "body"}."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column that an operator reads: `input_text = Input(str)` reads the column "text" unless bound to another.

    Args:
        type: a Python type, pydantic model, Arrow type, or `Any`.
        column: the default column; the name after `input_` if not given.
        optional: the table may lack the column; the operator's function then gets None.
        nulls: "skip" never calls the operator's function with a null in this column, "pass" hands it None.
    """

    type: Any = str
    column: str = ""
    optional: bool = False
    nulls: Literal["skip", "pass"] = "skip"
    description: str = ""

    def __post_init__(self) -> None:
        if self.nulls not in ("skip", "pass"):
            raise ValueError(f'nulls is {self.nulls!r}: an Input skips nulls ("skip") or is given them ("pass")')


@dataclass(frozen=True, slots=True)
class Output:
    """A column that an operator makes.

    Args:
        type: as for `Input`.
        column: the default column; the name after `output_` if not given.
        from_field: for language model operators, the field of the prompt's answer; the name after `output_` if not given.
    """

    type: Any = str
    column: str = ""
    from_field: str = ""
    description: str = ""


@functools.cache
def declared_inputs(cls: type) -> dict[str, Input]:
    """Short name (without `input_`) -> declaration, base classes first."""
    return {name.removeprefix(_INPUT): value for name, value in _declared(cls, _INPUT, Input).items()}


@functools.cache
def declared_outputs(cls: type) -> dict[str, Output]:
    return {name.removeprefix(_OUTPUT): value for name, value in _declared(cls, _OUTPUT, Output).items()}


def _declared(cls: type, prefix: str, of: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, of):
                if not name.startswith(prefix):
                    raise TypeError(f'{cls.__name__}.{name}: an {of.__name__} is named "{prefix}...", so that callers can bind it.')
                found[name] = value
            elif name in found:
                del found[name]
    return found


class HasColumns(Protocol):
    """What is bound to columns of a table."""

    @property
    def name(self) -> str: ...
    def inputs(self) -> dict[str, Input]: ...
    def outputs(self) -> dict[str, Output]: ...
    def input_columns(self) -> dict[str, str]: ...
    def output_columns(self) -> dict[str, str]: ...


class BoundColumns:
    """What declares inputs and outputs as class attributes, and says to which columns of a table they are bound."""

    @property
    def name(self) -> str:
        return type(self).__name__

    def bindings(self) -> Mapping[str, str]:
        """Input or output -> column, where that is not the default."""
        return {}

    def inputs(self) -> dict[str, Input]:
        """The columns read, by short name. Operators whose columns depend on their parameters override this."""
        cls: type = type(self)
        return declared_inputs(cls)

    def outputs(self) -> dict[str, Output]:
        """The columns made, by short name."""
        cls: type = type(self)
        return declared_outputs(cls)

    def bindable(self) -> set[str]:
        return {f"{_INPUT}{short}" for short in self.inputs()} | {f"{_OUTPUT}{short}" for short in self.outputs()}

    def input_columns(self) -> dict[str, str]:
        """Short name -> the column of the table that it is bound to."""
        bound = self.bindings()
        return {short: bound.get(f"{_INPUT}{short}") or declared.column or short for short, declared in self.inputs().items()}

    def output_columns(self) -> dict[str, str]:
        bound = self.bindings()
        return {short: bound.get(f"{_OUTPUT}{short}") or declared.column or short for short, declared in self.outputs().items()}

    def check_bindings(self, columns: Mapping[str, object]) -> None:
        """Raises ColumnError: no such input or output, or a column that is not a name."""
        known = self.bindable()
        problems = [
            _binding_problem(self.name, name, column, known) for name, column in columns.items() if name not in known or not isinstance(column, str)
        ]
        if problems:
            raise ColumnError(problems)


def _binding_problem(operator: str, name: str, column: object, known: set[str]) -> Problem:
    if name in known:
        return Problem(f"{name} of {operator} is bound to {column!r}: give the name of a column as text")
    listed = ("columns", ", ".join(sorted(known)))
    return Problem(f'{operator} has no input or output "{name}"', details=(listed,), suggestion=closest(name, known))
