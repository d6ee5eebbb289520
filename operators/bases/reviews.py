"""Review and improve: a model says what is wrong with an answer, writes a better one, and compares the two. The better one stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import bounded, plain
from operators.bases.implausible_answers import as_said, no_improvement
from operators.bases.preferences import Comparison, Preference, compare
from operators.core.llm import AsksLLM
from operators.tables.columns import Input


class Critique(BaseModel):
    """What is good, what is bad, and what to do about it."""

    strengths: str = Field(max_length=400, description="one sentence")
    weaknesses: str = Field(max_length=400, description="one sentence")
    suggestion: str = Field(max_length=400, description="one sentence")


@dataclass(frozen=True, slots=True)
class Review:
    """What a model said of an answer, the answer that it wrote instead, and which of the two is better.

    `improved` is None where what it wrote could not be an answer at all; `comparison` is None where the two were not compared.
    """

    critique: Critique
    original: str
    improved: str | None
    comparison: Comparison | None

    @property
    def best(self) -> str:
        """The new answer where it is better, or was not compared; else the old one."""
        kept = self.improved is None or (self.comparison is not None and self.comparison.verdict != "better")
        return self.original if kept or self.improved is None else self.improved


class ReviewsAnswers(AsksLLM, abstract=True):
    """Reviews an answer, rewrites it, and with `verify` compares the two in both orders. Two requests a row, four with `verify`.

    A new answer that is the same as the old one, repeats the question, begins with stray JSON or has no word left is not compared: the old one stays.
    """

    prompt_variables = ("strengths", "weaknesses", "suggestion", "improved")

    input_instruction = Input(str)
    input_output = Input(str)

    prompt: PromptTemplate[Critique]
    improve_prompt: PromptTemplate[str]
    compare_prompt: PromptTemplate[Preference]
    max_characters: int | None = Field(None, ge=1, description="Longest critique and answer, enforced; free where None.")
    verify: bool = Field(True, description="Compare old and new in both orders, to see whether the new is better.")
    characters: int = Field(6000, ge=1, description="How much of each text the model sees.")
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens.")

    async def review(self, llm: LLMSession, values: Mapping[str, Any]) -> Review:
        """What becomes of one answer.

        Raises:
            RowFailed: a request failed, an answer does not fit its schema, or the improved answer is empty.
        """
        original = str(values["output"])
        critique: Critique = await self.ask(llm, values, prompt=bounded(self.prompt, self.max_characters))
        improving = bounded(self.improve_prompt, self.max_characters)
        improved = plain(await self.ask(llm, {**values, **critique.model_dump()}, prompt=improving))
        fault = no_improvement(improved, original, str(values["instruction"]))
        if fault is not None:
            same = as_said(improved) == as_said(original)
            return Review(critique, original, improved if same else None, Comparison("equal" if same else "worse", f"not compared: {fault}"))
        return Review(critique, original, improved, await self._compared(llm, values, original, improved) if self.verify else None)

    async def _compared(self, llm: LLMSession, values: Mapping[str, Any], original: str, improved: str) -> Comparison:
        comparing: PromptTemplate[Preference] = bounded(self.compare_prompt, self.max_characters)

        async def preference(first: str, second: str) -> Preference:
            return await self.ask(llm, {**values, "output": first, "improved": second}, prompt=comparing)

        return await compare(preference, original, improved)
