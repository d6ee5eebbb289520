"""How an operator declares the columns that it reads and makes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Literal

_INPUT, _OUTPUT = "input_", "output_"


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
