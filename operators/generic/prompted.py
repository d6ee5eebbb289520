"""Operators that are nothing but a prompt: their columns are the variables of its template."""

from __future__ import annotations

import functools
from typing import Any, Final

from pydantic import BaseModel, Field, create_model, field_validator, model_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.ratings import Rating, on_scale
from operators.bases.votes import DrawsSamples, count_votes
from operators.core.llm import AsksLLM, LLMEvaluate, LLMFilter, LLMGenerate, LLMRefine
from operators.tables.columns import Bindings, Input, Output
from operators.tables.errors import closest

TYPES: Final[dict[str, Any]] = {"str": str, "int": int, "float": float, "bool": bool, "list[str]": list[str], "list[int]": list[int]}


class Decision(BaseModel):
    reason: str = Field(max_length=200, description="one short sentence")
    keep: bool


class GeneratePrompt(PromptTemplate[str]):
    system = "You are a helpful assistant."
    user = "{{ text }}"


class JudgePrompt(PromptTemplate[Rating]):
    system = "You judge the quality of a text from {{ lowest }} (worst) to {{ highest }} (best)."
    user = "Text:\n{{ text }}\n\nJudge it. Give the reason first, then the score."


class DecidePrompt(PromptTemplate[Decision]):
    system = "You decide whether a text is worth keeping for training a language model."
    user = "Text:\n{{ text }}"


class RewritePrompt(PromptTemplate[str]):
    system = "You correct the spelling and grammar of texts and change nothing else. You answer with the corrected text alone."
    user = "{{ text }}"


class ColumnsFromPrompt(AsksLLM, abstract=True):
    """Reads a column for each variable of the prompt that is no parameter: "{{ question }}" reads "question", or what input_question is bound to.

    A value is put in once and as it is: what a cell contains is never filled in again. A row with a null in one of the columns is not asked about.
    """

    def inputs(self) -> dict[str, Input]:
        own = {name for name in type(self).model_fields if name != "prompt"}
        return {name: Input(Any) for name in sorted(self.prompt.variables() - own)}


class PromptedGenerator(ColumnsFromPrompt, LLMGenerate):
    """Write something for each row as the prompt asks: `PromptedGenerator(prompt="Summarise {{ text }} for {{ audience }}")`.

    A text in the column "generated"; or, with `fields={"title": "str", "year": "int"}`, an answer of these fields in a column each, asked for as
    JSON and validated.
    """

    covers = ("PromptedGenerator", "FormatStrPromptedGenerator")

    prompt: PromptTemplate[str] = GeneratePrompt()
    fields: Bindings = Field(default=(), description=f"Field of the answer -> its type: {', '.join(TYPES)}.")

    @field_validator("fields")
    @classmethod
    def _known_types(cls, fields: Bindings) -> Bindings:
        for name, type_ in fields:
            if type_ not in TYPES:
                raise ValueError(f'field "{name}": there is no type "{type_}", only {", ".join(TYPES)}. {closest(type_, TYPES)}')
        return fields

    def outputs(self) -> dict[str, Output]:
        made = {name: Output(TYPES[type_]) for name, type_ in self.fields} or {"generated": Output(str)}
        return {**made, **super().outputs()}

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        if not self.fields:
            return {"generated": await self.ask(llm, values)}
        answer = await self.ask(llm, values, prompt=self.prompt.answering(_with_fields(self.fields)))
        return answer.model_dump()


class PromptedEvaluator(ColumnsFromPrompt, LLMEvaluate):
    """Judge each row as the prompt asks: a number from `lowest` to `highest`, with the reason. A number outside is asked for again."""

    covers = ("PromptedEvaluator",)

    output_score = Output(float, "score")
    output_reason = Output(str, "score_reason")

    prompt: PromptTemplate[Rating] = JudgePrompt()
    lowest: float = 1
    highest: float = 5

    @model_validator(mode="after")
    def _ordered(self) -> PromptedEvaluator:
        if self.lowest >= self.highest:
            raise ValueError(f"lowest={self.lowest:g} must be below highest={self.highest:g}")
        return self

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        prompt = self.prompt.answering(on_scale(self.prompt.answer, self.lowest, self.highest))
        return self.columns_of(await self.ask(llm, values, prompt=prompt))


class PromptedFilter(ColumnsFromPrompt, DrawsSamples, LLMFilter):
    """Keep the rows that the model would keep, as the prompt asks; the others are set aside with its reason.

    With `samples`, it is asked so often, and a row stays if most answers would keep it; a tie does not. To filter by a score with a threshold:
    PromptedEvaluator, then ScoreFilter.
    """

    covers = ("PromptedFilter",)

    prompt: PromptTemplate[Decision] = DecidePrompt()

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        decisions: list[Decision] = [one.answer for one in await self.draw_samples(llm, values) if one is not None]
        vote = count_votes([decision.keep for decision in decisions])
        against = [decision.reason for decision in decisions if not decision.keep]
        if self.samples == 1 or not against:
            return bool(vote.winner), next(iter(against), None)
        return bool(vote.winner), f"{len(against)} of {len(decisions)} votes against it: {against[0]}"


class PromptedRefiner(ColumnsFromPrompt, LLMRefine):
    """Rewrite a column as the prompt asks: that of the variable `rewritten`. The others are only read. An empty answer sets the row aside."""

    covers = ("PromptedRefiner",)

    prompt: PromptTemplate[str] = RewritePrompt()
    rewritten: str = Field("text", description="Variable of the prompt whose column is rewritten.")

    def inputs(self) -> dict[str, Input]:
        return {name: Input(str) if name == self.rewritten else declared for name, declared in super().inputs().items()}

    @model_validator(mode="after")
    def _asked_about(self) -> PromptedRefiner:
        if self.rewritten not in self.inputs():
            raise ValueError(f'the prompt has no variable "{self.rewritten}" to rewrite. {closest(self.rewritten, self.inputs())}')
        return self

    def rewritten_column(self) -> str:
        return self.input_columns()[self.rewritten]

    async def refine(self, llm: LLMSession, **values: Any) -> str:
        text = str(values[self.rewritten])
        return str(await self.ask(llm, values)) if text.strip() else text


@functools.lru_cache(maxsize=64)
def _with_fields(fields: Bindings) -> type[BaseModel]:
    """An answer of these fields."""
    declared: dict[str, Any] = {name: (TYPES[type_], ...) for name, type_ in fields}
    return create_model("Generated", **declared)
