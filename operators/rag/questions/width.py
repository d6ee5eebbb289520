"""One question of two that belong together: for both answers, for the greater number, for the one thing that answers both."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import answer_units, currencies, exact_match
from operators.bases.draws import draw
from operators.bases.implausible_answers import as_said
from operators.rag.questions.chaining import not_one_question
from operators.rag.questions.pairs import common_answer
from operators.rag.questions.prompts import BothPrompt, ComparisonPrompt, IntersectionPrompt, WrittenQuestion
from operators.rag.task import LIST_MARK, MakesQuestions, Task, joined, named_in, task_or_none
from operators.tables.columns import Input
from operators.tables.errors import RowFailed

_UNORDERED: Final = frozenset("am pm bc bce".split())
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class JoinsPairs(MakesQuestions, abstract=True):
    """Makes one question of the two of a pair. The answer is known before the model writes the question; where a pair has none, no model is asked."""

    input_pair = Input(list[Task], "pair")

    prompt: PromptTemplate[WrittenQuestion]

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        tasks = [task_or_none(one or {}) for one in values["pair"]]
        if len(tasks) != 2 or tasks[0] is None or tasks[1] is None:
            raise RowFailed("a pair is two questions with their documents, quotes and steps")
        first, second = tasks[0], tasks[1]
        answer = self.answer(first, second)
        if answer is None:
            return []

        def check(written: WrittenQuestion) -> str | None:
            if said := named_in(self.unsaid(first, second, answer), written.question):
                return f'the question must not say "{said[0]}"'
            if missing := [name for name in self.said(first, second) if not named_in([name], written.question)]:
                return f'the question has to name "{missing[0]}"'
            if as_said(written.question) in (as_said(first.question), as_said(second.question)):
                return "the question is only one of the two: it needs both"
            return not_one_question(written.question)

        written: WrittenQuestion = await self.ask(llm, self.asked(first, second, answer), check=check)
        task = Task(
            question=written.question.strip(),
            answer=answer,
            kind=self.makes(),
            topic=LIST_MARK.join(dict.fromkeys((first.topic, second.topic))),
            hidden=list(dict.fromkeys([*first.hidden, *second.hidden, *self.unsaid(first, second, answer)])),
            **joined((first, second)),
        )
        return [task.as_row()]

    def asked(self, first: Task, second: Task, answer: str) -> dict[str, Any]:
        """The variables of the prompt."""
        return {"first": first.question, "second": second.question}

    def said(self, first: Task, second: Task) -> Sequence[str]:
        """What the new question has to name."""
        return ()

    @abstractmethod
    def makes(self) -> Any:
        """The kind of the new question."""

    @abstractmethod
    def answer(self, first: Task, second: Task) -> str | None:
        """The answer of the new question, from those of the pair; None where the pair makes none."""

    @abstractmethod
    def unsaid(self, first: Task, second: Task, answer: str) -> Sequence[str]:
        """What the new question must not name."""


class BothQuestionGenerator(JoinsPairs):
    """Join the two questions of a pair into one that asks for both things. Its answer is both, with "; " between them: half of it is not enough."""

    covers = ("AgenticRAGWidthQAGenerator",)
    source = "TaskCraft (Shi et al. 2025)"
    asks = ("merge two related questions into one", "width extension of questions", "one question that asks for two facts")
    prompt_variables = ("first", "second")

    prompt: PromptTemplate[WrittenQuestion] = BothPrompt()

    def makes(self) -> str:
        return "both"

    def answer(self, first: Task, second: Task) -> str | None:
        return None if exact_match(first.answer, [second.answer]) else f"{first.answer}{LIST_MARK}{second.answer}"

    def unsaid(self, first: Task, second: Task, answer: str) -> Sequence[str]:
        return (first.answer, second.answer)


class ComparisonQuestionGenerator(JoinsPairs):
    """Make of a pair whose answers are numbers of one unit the question which of the two things has the greater or the smaller one.

    The answer is computed: the topic with that number. Whether greater or smaller is asked for is drawn by the `seed` and the questions. A pair of
    other answers, of equal numbers, or of one topic makes none.
    """

    source = "HotpotQA (Yang et al. 2018)"
    asks = ("comparison questions over two documents", "which of two things is larger or earlier", "multi-hop comparison with a computed answer")
    prompt_variables = ("first", "second", "first_topic", "second_topic", "greater")

    prompt: PromptTemplate[WrittenQuestion] = ComparisonPrompt()
    seed: int | None = 0

    def makes(self) -> str:
        return "comparison"

    def answer(self, first: Task, second: Task) -> str | None:
        numbers = _number(first.answer), _number(second.answer)
        if numbers[0] is None or numbers[1] is None or numbers[0][1] != numbers[1][1] or numbers[0][0] == numbers[1][0]:
            return None
        if named_in([first.topic], second.topic) or named_in([second.topic], first.topic):
            return None
        return (first if (numbers[0][0] > numbers[1][0]) == self._greater(first, second) else second).topic

    def asked(self, first: Task, second: Task, answer: str) -> dict[str, Any]:
        named = {"first_topic": first.topic, "second_topic": second.topic, "greater": self._greater(first, second)}
        return {**super().asked(first, second, answer), **named}

    def said(self, first: Task, second: Task) -> Sequence[str]:
        return (first.topic, second.topic)

    def unsaid(self, first: Task, second: Task, answer: str) -> Sequence[str]:
        return (first.answer, second.answer)

    def _greater(self, first: Task, second: Task) -> bool:
        return draw(self.seed or 0, f"{first.question}\0{second.question}") % 2 == 0


class IntersectionQuestionGenerator(JoinsPairs):
    """Make of two questions with several answers the question for the one thing that answers both. The answer is computed: the only common one."""

    source = "QAMPARI (Amouyal et al. 2022)"
    asks = ("intersection questions over two documents", "which thing satisfies two conditions", "questions that two lists answer together")
    prompt_variables = ("first", "second")

    prompt: PromptTemplate[WrittenQuestion] = IntersectionPrompt()

    def makes(self) -> str:
        return "intersection"

    def answer(self, first: Task, second: Task) -> str | None:
        return common_answer(first, second)

    def unsaid(self, first: Task, second: Task, answer: str) -> Sequence[str]:
        return tuple(dict.fromkeys([*first.answer.split(LIST_MARK), *second.answer.split(LIST_MARK)]))


def _number(answer: str) -> tuple[Decimal, tuple[str, ...]] | None:
    """The only number of an answer, and its unit with the signs of currencies: (5, ("mb",)). None where there is no number, or several, and for hours
    and years that a greater number does not make greater: "12 pm", "300 BC"."""
    units = answer_units(answer)
    numbers = [unit for unit in units if _NUMBER.fullmatch(unit)]
    if len(numbers) != 1 or not _UNORDERED.isdisjoint(units):
        return None
    return Decimal(numbers[0]), (*(unit for unit in units if unit != numbers[0]), *currencies(answer))
