"""Operators that are nothing but a prompt: their columns are the variables of its template."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, model_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.prompted import AnswersInFields, ColumnsFromPrompt
from operators.bases.ratings import Rating, on_scale
from operators.bases.refusals import refusal_in
from operators.bases.votes import DrawsSamples, count_votes
from operators.core.llm import LLMEvaluate, LLMFilter, LLMRefine
from operators.tables.columns import Input, Output
from operators.tables.errors import closest


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


class PromptedGenerator(ColumnsFromPrompt, AnswersInFields):
    """Write something for each row as the prompt asks: `PromptedGenerator(prompt="Summarise {{ text }} for {{ audience }}")`.

    A text in the column "generated"; or, with `fields={"title": "str", "year": "int"}`, an answer of these fields in a column each, asked for as
    JSON and validated.
    """

    covers = ("PromptedGenerator", "FormatStrPromptedGenerator")
    asks = ("run a custom prompt over a table", "extract fields from text with an LLM", "summarize or translate into a new column")

    prompt: PromptTemplate[str] = GeneratePrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        return await self.answer_in_fields(llm, values)


class PromptedEvaluator(ColumnsFromPrompt, LLMEvaluate):
    """Judge each row as the prompt asks: a number from `lowest` to `highest`, with the reason. A number outside is asked for again."""

    covers = ("PromptedEvaluator",)
    asks = ("use my own prompt to grade every record", "LLM as a judge with a custom rubric", "have GPT give each record marks")

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
    asks = ("let an LLM decide yes or no for every record", "throw away what my prompt calls bad", "screen samples with a custom question to a model")

    prompt: PromptTemplate[Decision] = DecidePrompt()

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        decisions: list[Decision] = [one.answer for one in await self.draw_samples(llm, values) if one is not None]
        vote = count_votes([decision.keep for decision in decisions])
        against = [decision.reason for decision in decisions if not decision.keep]
        if self.samples == 1 or not against:
            return bool(vote.winner), next(iter(against), None)
        return bool(vote.winner), f"{len(against)} of {len(decisions)} votes against it: {against[0]}"


class PromptedRefiner(ColumnsFromPrompt, LLMRefine):
    """Rewrite a column as the prompt asks: that of the variable `rewritten`. The others are only read.

    An answer that is empty, or that refuses where the text itself does not, is asked for again, and in the end sets the row aside.
    """

    covers = ("PromptedRefiner",)
    asks = ("edit a column in place with my own prompt", "let an LLM clean up or translate the text itself")

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
        return str(await self.ask(llm, values, check=None if refusal_in(text) else _refuses)) if text.strip() else text


def _refuses(answer: str) -> str | None:
    return f'it refuses: "{refusal}"' if (refusal := refusal_in(answer)) else None
