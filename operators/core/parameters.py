"""Mistakes in the parameters of an operator, as problems that name the parameter, the value and the closest valid name."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from operators.tables.call_site import caller
from operators.tables.errors import ParameterError, Problem, closest

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

collected_problems: ContextVar[list[Problem] | None] = ContextVar("collected_problems", default=None)
"""Where mistakes in parameters go while a pipeline is being built, so that `compile()` can report them all at once."""


class CollectsMistakes(ModelMetaclass):
    """The type of operators: mistakes in parameters are raised, or, inside a pipeline's `__init__`, collected for `compile()`."""

    def __call__(self, *args: Any, **parameters: Any) -> Any:
        try:
            return super().__call__(*args, **parameters)
        except ParameterError as error:
            collected = collected_problems.get()
            if collected is None:
                raise
            collected.extend(problem.at("", ("at", caller())) for problem in error.problems)
            return self.stand_in(parameters)  # type: ignore[attr-defined]


def parameter_problems(operator: str, parameters: Iterable[str], error: ValidationError) -> list[Problem]:
    """One problem for each mistake that pydantic found; `parameters` are the names that the operator has."""
    known = [name for name in parameters if name != "columns"]
    problems = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        parameter = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            listed = ("parameters", ", ".join(known))
            problems.append(Problem(f'{operator} has no parameter "{parameter}"', details=(listed,), suggestion=closest(parameter, known)))
        elif item["type"] == "missing":
            problems.append(Problem(f'{operator} needs the parameter "{parameter}"', suggestion=f"give it: {operator}({parameter}=...)"))
        else:
            message = item["msg"].removeprefix("Value error, ")
            given = (("argument", f"{place}={item['input']!r} of {operator}"),) if place else (("operator", operator),)
            problems.append(Problem(message[:1].lower() + message[1:], details=given))
    return problems
