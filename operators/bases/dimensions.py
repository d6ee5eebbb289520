"""Rating the same thing on several dimensions with one question: any number of them, each in columns of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from operators.asking.serving import LLMSession
from operators.bases.ratings import on_dimensions
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Output


class Dimension(BaseModel):
    """Something to rate, with examples of texts and their grades where that helps.

    >>> print(Dimension(name="wit", description="is it witty?", examples=(("A pun.", 2),)))
    - wit: is it witty?
      grade 2: "A pun."
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[a-z][a-z0-9_]*$", description="In lower case with underscores: it names a column.")
    description: str
    examples: tuple[tuple[str, int], ...] = Field((), description="Text and grade.")

    def __str__(self) -> str:
        shown = "".join(f'\n  grade {grade}: "{text}"' for text, grade in self.examples)
        return f"- {self.name}: {self.description}{shown}"


class RatesDimensions(LLMEvaluate, abstract=True):
    """Asks for a whole number on each dimension, and with `reasons` for a sentence that says why.

    A subclass says what is rated: its inputs, its prompt (which uses `rubric`, the text of all dimensions) and its default `dimensions`.
    """

    prompt_variables: ClassVar[tuple[str, ...]] = ("rubric",)
    scale: ClassVar[tuple[int, int]] = (1, 5)
    """The lowest and the highest grade."""

    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    prefix: str = Field("rating_", description="What the columns begin with.")
    reasons: bool = Field(False, description="Ask for the reason of each grade, and keep it in a column.")

    @field_validator("dimensions")
    @classmethod
    def _different(cls, dimensions: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
        names = [dimension.name for dimension in dimensions]
        if len(set(names)) < len(names):
            raise ValueError(f"two dimensions have the same name: {', '.join(names)}")
        return dimensions

    def outputs(self) -> dict[str, Output]:
        made = {}
        for dimension in self.dimensions:
            made[dimension.name] = Output(int, f"{self.prefix}{dimension.name}", description=dimension.description)
            if self.reasons:
                made[f"{dimension.name}_reason"] = Output(str, f"{self.prefix}{dimension.name}_reason")
        return {**made, **super().outputs()}

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        names = tuple(dimension.name for dimension in self.dimensions)
        prompt = self.prompt.answering(on_dimensions(names, *self.scale, self.reasons))
        answer: BaseModel = await self.ask(llm, {"rubric": "\n".join(map(str, self.dimensions)), **values}, prompt=prompt)
        rated: dict[str, Any] = answer.model_dump()
        if not self.reasons:
            return rated
        return {column: value for name in names for column, value in ((name, rated[name]["score"]), (f"{name}_reason", rated[name]["reason"]))}
