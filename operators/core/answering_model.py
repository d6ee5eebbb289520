"""The name of the model beside what it wrote: a column that every operator can make that asks and adds columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from pydantic import Field, model_validator

from operators.asking.noted import NotedSession
from operators.core.asks import AsksLLM
from operators.core.kinds.adding import by_output, values_of_row
from operators.tables.columns import Output, declared_outputs

MODEL: Final = "model"
"""The output's short name."""


class NamesItsModel(AsksLLM, abstract=True):
    """Makes the column `model_column`, where that is given: the name of the model that answered, as its server gave it.

    Of several models, in the order of their first answers: "drafter, judge". Null where none was asked. An operator that overrides `outputs` adds
    `super().outputs()` to its own.
    """

    model_column: str | None = Field(
        None, min_length=1, description="Column for the name of the model that answered; none where not given.", repr=False
    )

    def outputs(self) -> dict[str, Output]:
        named = {MODEL: Output(str, self.model_column, description="the model that answered")} if self.model_column else {}
        return {**super().outputs(), **named}

    @model_validator(mode="after")
    def _can_name_the_model(self) -> Self:
        if self.model_column and (MODEL not in self.outputs() or MODEL in declared_outputs(type(self))):
            raise ValueError(
                f"{self.name} cannot name its model: `outputs` should add super().outputs() to its own, and have no output_{MODEL} beside it"
            )
        return self

    def row_function(self) -> Callable[..., Any]:
        function = super().row_function()
        return function if self.model_column is None else self._naming(function)

    def _naming(self, function: Callable[..., Any]) -> Callable[..., Any]:
        own = [short for short in self.outputs() if short != MODEL]
        by_name = by_output if self.adds_rows else values_of_row

        async def named(**given: Any) -> Any:
            models: dict[str, None] = {}
            sessions = {need: NotedSession(given[need], models) for need in self.needs if hasattr(given.get(need), "generate")}
            returned = await function(**{**given, **sessions})
            model = {MODEL: ", ".join(models) or None}

            def with_model(row: Any) -> Mapping[str, Any]:
                return {**by_name(self, row, own), **model}

            return [with_model(row) for row in returned] if self.adds_rows else with_model(returned)

        return named
