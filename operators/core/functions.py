"""The function that a subclass writes: found and checked when the class is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from operators.tables.columns import declared_outputs

Form: TypeAlias = Literal["row", "batch", "table"]
_ENDINGS: dict[Form, str] = {"row": "", "batch": "_batch", "table": "_table"}


@dataclass(frozen=True, slots=True)
class OperatorFunction:
    """What an operator does: to a row, to a batch of rows as Arrow arrays, or to the whole table."""

    name: str
    form: Form
    implementation: Callable[..., Any]
    """The function as its class defines it; its first argument is the operator."""

    @property
    def asynchronous(self) -> bool:
        return inspect.iscoroutinefunction(self.implementation)

    def of(self, operator: object) -> Callable[..., Any]:
        """The function of this operator, to be called with inputs and resources by name."""
        method: Callable[..., Any] = self.implementation.__get__(operator, type(operator))
        return method


def names_of(verb: str) -> list[str]:
    """What the function may be called: "keep", "keep_batch", "keep_table"."""
    return [verb + ending for ending in _ENDINGS.values()]


def find_function(cls: type, verb: str) -> OperatorFunction | None:
    """The function of a class, its own before those that it inherits. A parameter of such a name is no function.

    Raises:
        TypeError: one class defines two of them.
    """
    for base in cls.__mro__:
        found = [
            OperatorFunction(verb + ending, form, value)
            for form, ending in _ENDINGS.items()
            if inspect.isfunction(value := vars(base).get(verb + ending))
        ]
        if len(found) > 1:
            raise TypeError(f"{base.__name__} defines {' and '.join(function.name for function in found)}: define one of them.")
        if found:
            return found[0]
    return None


def check_form(cls: type, function: OperatorFunction, makes_rows: bool) -> None:
    """Raises TypeError: the function returns a coroutine or a generator where its value is wanted."""
    where, implementation = f"{cls.__name__}.{function.name}", function.implementation
    if inspect.isasyncgenfunction(implementation) or (function.asynchronous and function.form != "row"):
        wanted = f"write {function.name} with def" if function.form != "row" else "return a list"
        raise TypeError(f"{where} is asynchronous, and only a function of a row can be, which returns its value: {wanted}.")
    if inspect.isgeneratorfunction(implementation) and (function.form == "batch" or (function.form == "row" and not makes_rows)):
        raise TypeError(f"{where} yields, and only a generator with adds_rows may: return its value.")


def check_arguments(cls: type, function: OperatorFunction, expected: Collection[str]) -> None:
    """Raises TypeError: the function does not take its inputs and needs by name."""
    parameters = inspect.signature(function.implementation).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    given = list(parameters)[1:]
    if set(given) != set(expected):
        wanted = ", ".join(sorted(expected))
        fields = [f"input_{name}" for name in given if f"input_{name}" in getattr(cls, "model_fields", ())]
        annotated = f" {fields[0]} has an annotation, which makes it a parameter: write {fields[0]} = Input(str)." if fields else ""
        raise TypeError(f"{cls.__name__}.{function.name} takes ({', '.join(sorted(given))}); its inputs and needs are ({wanted}).{annotated}")


def refuse_outputs(cls: type, kind: str, why: str) -> None:
    """Raises TypeError: the class declares an output, and its kind makes no column."""
    for short in declared_outputs(cls):
        raise TypeError(f"{cls.__name__} declares output_{short}, and {kind} makes no column: {why}. Write an Evaluate for the column.")
