"""Questions with their answers, made of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import at_most
from operators.bases.implausible_answers import as_said, stops_short
from operators.core.llm import LLMGenerate
from operators.tables.errors import RowFailed


class QuestionAndAnswer(BaseModel):
    """One question in full, with its answer. A question that stops short, or an answer that only repeats it, does not fit."""

    question: str = Field(min_length=8, description="a question in full")
    answer: str = Field(min_length=1, description="its answer in full")

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if as_said(self.answer) in ("", as_said(self.question)):
            raise ValueError("the answer repeats the question, or says nothing")
        if stops_short(self.question):
            raise ValueError("the question stops in the middle")
        return self


class Questions(BaseModel):
    """What a model answers that is asked for several of them. A domain that wants more of each pair has a class of its own with the list `pairs`."""

    pairs: list[QuestionAndAnswer] = Field(min_length=1, max_length=20)


def as_conversation(pairs: Iterable[QuestionAndAnswer]) -> str:
    r"""The pairs as one text, for pretraining.

    >>> as_conversation([QuestionAndAnswer(question="What is it? ", answer="A cat.")])
    'Question: What is it?\nAnswer: A cat.'
    """
    return "\n\n".join(f"Question: {pair.question.strip()}\nAnswer: {pair.answer.strip()}" for pair in pairs)


class AsksForPairs(LLMGenerate, abstract=True):
    """Asks for at most `pairs` questions with their answers; the answer cannot hold more. Its prompt answers with a list `pairs`."""

    pairs: int = Field(3, ge=1, le=20, description="How many questions to ask for.")
    characters: int = Field(8000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def pairs_of(
        self, llm: LLMSession, *, asked: PromptTemplate[Any] | None = None, fault_of: Callable[[Any], str | None] | None = None, **values: Any
    ) -> list[Any]:
        """The pairs for one row, at least one and at most `pairs`.

        Args:
            llm: the model.
            asked: another prompt than the operator's own.
            fault_of: what is wrong with a pair, in words that the model is shown. Where something is, it answers once more, and of both answers the
                pairs without fault come first. Those that are left are for a filter to throw out. Where no second answer comes, the first one stays.
            values: variables of the prompt.

        Raises:
            RowFailed: no answer, or none that fits.
        """
        first: list[Any] = []

        def check(answer: Any) -> str | None:
            if fault_of is None or first or not self.max_reasks:
                return None
            faults = [f'"{pair.question}": {fault}' for pair in answer.pairs if (fault := fault_of(pair))]
            first.extend(answer.pairs if faults else ())
            return "; ".join(faults) or None

        try:
            answer = await self.ask(llm, values, prompt=at_most(asked or self.prompt, "pairs", self.pairs), check=check)
        except RowFailed:
            if not first:
                raise
            return first
        if fault_of is None or not first:
            return list(answer.pairs)
        once = {as_said(pair.question): pair for pair in (*first, *answer.pairs) if not fault_of(pair)}
        return [*once.values(), *(pair for pair in answer.pairs if fault_of(pair))][: self.pairs]
