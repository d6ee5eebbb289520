"""Other ways to write an answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import answer_units, exact_match, verdict_of
from operators.core.llm import LLMEvaluate
from operators.rag.questions.prompts import Aliases, AliasesPrompt, SameAnswer, SameAnswerPrompt
from operators.rag.task import LIST_MARK, named_in
from operators.tables.columns import Input, Output


class AnswerAliasesEvaluator(LLMEvaluate):
    """List other ways in which somebody could write the answer: "NYC" for "New York City". An empty list where there are none.

    What is the same by its words already is left out; so is what the question says, what has other numbers, and a part of the answer. With `confirm`
    the model is asked once for each whether it says exactly the same, but for initials, which are seen. Yes, no and lists of answers have no aliases.
    """

    asks = ("list equivalent forms of the gold answer", "aliases for answers so that scoring is fair", "alternative spellings of answers")
    prompt_variables = ("alias",)

    input_question = Input(str)
    input_answer = Input(str)
    output_aliases = Output(list[str], "aliases")

    prompt: PromptTemplate[Aliases] = AliasesPrompt()
    same_prompt: PromptTemplate[SameAnswer] = SameAnswerPrompt()
    confirm: bool = Field(True, description="Whether the model is asked of each alias if it says exactly the same.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        question, answer = values["question"], values["answer"]
        if not answer.strip() or verdict_of(answer) or LIST_MARK in answer:
            return {"aliases": []}
        listed: Aliases = await self.ask(llm, {"question": question, "answer": answer})
        possible = _possible(listed.aliases, answer, question)
        sure = await asyncio.gather(*(self._same(llm, question, answer, alias) for alias in possible))
        return {"aliases": [alias for alias, same in zip(possible, sure, strict=True) if same]}

    async def _same(self, llm: LLMSession, question: str, answer: str, alias: str) -> bool:
        if not self.confirm or initials_of(answer) == as_initials(alias) or initials_of(alias) == as_initials(answer):
            return True
        judged: SameAnswer = await self.ask(llm, {"question": question, "answer": answer, "alias": alias}, prompt=self.same_prompt)
        return judged.same


def initials_of(name: str) -> str | None:
    """ "nyc" for "New York City"; None for a single word.

    >>> initials_of("New York City"), as_initials("N.Y.C."), initials_of("York")
    ('nyc', 'nyc', None)
    """
    units = answer_units(name)
    return "".join(unit[0] for unit in units) if len(units) > 1 else None


def as_initials(text: str) -> str:
    return re.sub(r"[\s.]", "", text).casefold()


def _possible(aliases: Iterable[str], answer: str, question: str) -> list[str]:
    kept: list[str] = []
    for alias in (alias.strip() for alias in aliases):
        new = alias and LIST_MARK not in alias and not exact_match(alias, [answer, *kept])
        if new and _numbers(alias) == _numbers(answer) and not named_in([alias], answer) and not named_in([alias], question):
            kept.append(alias)
    return kept


def _numbers(text: str) -> set[str]:
    return {unit for unit in answer_units(text) if any(map(str.isdigit, unit))}
