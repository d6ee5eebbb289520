"""Operators that ask a language model: a prompt and the columns its answer goes to, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from operators.asking.serving import LLMSession
from operators.core.answer_fields import (
    REASON,
    column_problems_of,
    decision_problems,
    list_of_rows,
    rewriting_problems,
    rewritten_field,
    row_problems,
)
from operators.core.answering_model import MODEL, NamesItsModel
from operators.core.asks import AsksLLM
from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.tables.columns import Output, declared_outputs
from operators.tables.errors import Problem

__all__ = ["AsksLLM", "LLMEvaluate", "LLMFilter", "LLMGenerate", "LLMRefine"]


class AsksOfEachRow(AsksLLM, abstract=True):
    """Asks `prompt` of each row. Its inputs are the variables of the prompt: `user = "Is this polite?\\n{{ text }}"`."""

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        as_written_here = self.function is not None and self.function.implementation.__module__ == __name__
        return [*found, *self._asks_nothing_of_a_row(), *self.answer_problems()] if as_written_here else found

    def answer_problems(self) -> list[Problem]:
        """What the type of the answer lacks for what is made of it."""
        return []

    def _asks_nothing_of_a_row(self) -> list[Problem]:
        asked, inputs = self.prompt, list(self.inputs())
        if not inputs or asked.variables() - set(type(self).model_fields):
            return []  # a variable is an input, or it is unknown and reported as such
        meant = [short for short in inputs if f"{{{short}}}" in asked.user + asked.system] or inputs
        what = "the prompt has no input in it: the same would be asked of every row"
        argument = ("argument", f"prompt={type(asked).__name__} of {self.name}")
        return [Problem(what, details=(argument,), suggestion=f"write {{{{ {meant[0]} }}}} where it belongs")]


class AddsAnswers(AsksOfEachRow, NamesItsModel, abstract=True):
    """Puts the fields of an answer into columns: into `output_score` the field `score`, or the `from_field` of that output."""

    @classmethod
    def check_function(cls) -> None:
        super().check_function()
        if cls.outputs is NamesItsModel.outputs and not declared_outputs(cls):
            raise TypeError(f"{cls.__name__} makes no column of an answer: declare one, such as output_score = Output(int).")

    def answered_outputs(self) -> dict[str, Output]:
        """Those that the answer fills."""
        return {short: declared for short, declared in self.outputs().items() if short != MODEL}

    def answer_problems(self) -> list[Problem]:
        if type(self).columns_of is not AddsAnswers.columns_of:
            return []
        return column_problems_of(self.name, self.answered_outputs(), self.prompt.answer)

    def columns_of(self, answer: Any) -> dict[str, Any]:
        """An answer by output name: of each output its `from_field`, or the field of its name; a plain text goes to the only output."""
        outputs = self.answered_outputs()
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
        """The new rows in an answer, by output name. Here: the items of its only list; of several lists, the one that `list_of_rows` finds."""
        field = list_of_rows(self.name, self.answered_outputs(), type(answer))
        if field is None:
            raise TypeError(f"the answer {type(answer).__name__} does not say which list has the new rows")
        return [self.columns_of(item) for item in getattr(answer, field) or ()]

    def answer_problems(self) -> list[Problem]:
        if not self.adds_rows:
            return super().answer_problems()
        as_written_here = type(self).new_rows is LLMGenerate.new_rows and type(self).columns_of is AddsAnswers.columns_of
        return row_problems(self.name, self.answered_outputs(), self.prompt.answer) if as_written_here else []


class LLMRefine(Refine, AsksOfEachRow, abstract=True):
    """Ask for a better version of a column. It is the answer, or the field of it with the name of the input; without one, its only field of that type
    beside `reason`."""

    async def refine(self, llm: LLMSession, **values: Any) -> Any:
        answer = await self.ask(llm, values)
        if not isinstance(answer, BaseModel):
            return answer
        field = rewritten_field(type(answer), *self._rewritten_input())
        if field is None:
            raise TypeError(f"the answer {type(answer).__name__} does not say which field is the new value")
        return getattr(answer, field)

    def _rewritten_input(self) -> tuple[str, Any]:
        """Short name and type of the input that is rewritten."""
        column = self.rewritten_column()
        short = next(short for short, bound in self.input_columns().items() if bound == column)
        return short, self.inputs()[short].type

    def answer_problems(self) -> list[Problem]:
        return rewriting_problems(self.name, self.prompt.answer, *self._rewritten_input())


class LLMFilter(Filter, AsksOfEachRow, abstract=True):
    """Ask whether to keep each row. The answer has the fields `keep` and, for the rejected rows, `reason`."""

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        answer = await self.ask(llm, values)
        return answer.keep, getattr(answer, REASON, None)

    def answer_problems(self) -> list[Problem]:
        return decision_problems(self.name, self.prompt.answer)
