"""Operators that ask a language model: a prompt and the columns its answer goes to, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from operators.asking.serving import LLMSession
from operators.core.answering_model import MODEL, NamesItsModel
from operators.core.asks import AsksLLM
from operators.core.kinds import Evaluate, Filter, Generate, Refine

__all__ = ["AsksLLM", "LLMEvaluate", "LLMFilter", "LLMGenerate", "LLMRefine"]


class AddsAnswers(NamesItsModel, abstract=True):
    """Puts the fields of an answer into columns."""

    def columns_of(self, answer: Any) -> dict[str, Any]:
        """An answer by output name: of each output its `from_field`, or the field of its name; a plain text goes to the only output."""
        outputs = {short: declared for short, declared in self.outputs().items() if short != MODEL}
        if not isinstance(answer, BaseModel):
            return {next(iter(outputs)): answer}
        return {short: getattr(answer, declared.from_field or short) for short, declared in outputs.items()}


class LLMEvaluate(Evaluate, AddsAnswers, abstract=True):
    """Ask about each row; the answer's fields become new columns."""

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        return self.columns_of(await self.ask(llm, values))


class LLMGenerate(Generate, AddsAnswers, abstract=True):
    """Ask for something new about each row: new columns, or with `adds_rows` the rows that `new_rows` takes from the answer."""

    async def generate(self, llm: LLMSession, **values: Any) -> Any:
        answer = await self.ask(llm, values)
        return list(self.new_rows(answer)) if self.adds_rows else self.columns_of(answer)

    def new_rows(self, answer: Any) -> Iterable[Mapping[str, Any]]:
        """The new rows in an answer, by output name. Here: the answer's only list."""
        lists = [value for _, value in answer if isinstance(value, list)]
        return [item.model_dump() if isinstance(item, BaseModel) else {next(iter(self.outputs())): item} for item in lists[0]]


class LLMRefine(Refine, AsksLLM, abstract=True):
    """Ask for a better version of a column."""

    async def refine(self, llm: LLMSession, **values: Any) -> Any:
        answer = await self.ask(llm, values)
        return next(iter(dict(answer).values())) if isinstance(answer, BaseModel) else answer


class LLMFilter(Filter, AsksLLM, abstract=True):
    """Ask whether to keep each row. The answer has the fields `keep` and, for the rejected rows, `reason`."""

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        answer = await self.ask(llm, values)
        return bool(answer.keep), getattr(answer, "reason", None)
