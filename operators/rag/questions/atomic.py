"""Questions that one text answers: with one answer, or with several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.implausible_answers import as_said
from operators.bases.numbered_sentences import QuotesSentences, stated_sentences
from operators.bases.question_answers import AsksForPairs
from operators.rag.checks.evidence import evidence_fault
from operators.rag.questions.prompts import (
    AtomicQuestion,
    AtomicQuestions,
    AtomicQuestionsPrompt,
    ListQuestion,
    ListQuestionPrompt,
    NumberedAtomicQuestion,
    NumberedAtomicQuestions,
    NumberedAtomicQuestionsPrompt,
    NumberedListQuestion,
    NumberedListQuestionPrompt,
)
from operators.rag.task import LIST_MARK, MakesQuestions, Step, Task, quoted
from operators.tables.columns import Input
from operators.tables.types import ROW_ID

Item = TypeVar("Item")


class AtomicQuestionsGenerator(MakesQuestions, QuotesSentences, AsksForPairs):
    """Make up to `pairs` questions of each text that it answers with a few words: a row for each, with the sentence that answers it, looked up in
    the text. Where one does not stand there, or does not say the answer, the model is told so once, and answers again; what is then still wrong,
    EvidenceFilter throws out. A question that comes twice from a text is made once.
    """

    covers = ("AgenticRAGAtomicTaskGenerator",)
    source = "TaskCraft (Shi et al. 2025)"
    asks = ("make factual questions from chunks with quoted evidence", "single-hop RAG questions from documents", "atomic tasks for a search agent")

    input_text = Input(str)
    input_id = Input(str, ROW_ID)

    prompt: PromptTemplate[AtomicQuestions] = AtomicQuestionsPrompt()
    numbered_prompt: PromptTemplate[NumberedAtomicQuestions] = NumberedAtomicQuestionsPrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        text = values["text"]
        known = stated_sentences([text], self.characters) if self.by_number else []
        if not text.strip() or (self.by_number and not known):
            return []

        def task_of(pair: AtomicQuestion | NumberedAtomicQuestion) -> Task:
            return self._task(pair, self.quote_of(pair, known), text, values["id"])

        def fault_of(pair: AtomicQuestion | NumberedAtomicQuestion) -> str | None:
            row = task_of(pair).as_row()
            return evidence_fault(row["documents"], row["quotes"], row["steps"])

        pairs = await self.pairs_of(llm, asked=self.quoting_prompt, fault_of=fault_of, text=text, sentences=known)
        return [task_of(pair).as_row() for pair in _once(pairs, lambda pair: pair.question)]

    @staticmethod
    def _task(pair: AtomicQuestion | NumberedAtomicQuestion, quote: str, text: str, document: str) -> Task:
        answer, question = pair.answer.strip(), pair.question.strip()
        return Task(
            question=question,
            answer=answer,
            kind="atomic",
            topic=pair.topic.strip(),
            documents=[text],
            document_ids=[document],
            quotes=[quoted(text, quote)],
            steps=[Step(question=question, answer=answer, document=0)],
            hidden=[],
        )


class ListQuestionGenerator(MakesQuestions, QuotesSentences):
    """Make one question of each text that several names in it answer: a row, whose `answer` is the names with "; " between them.

    Two such questions with exactly one name in common make an intersection: see CommonAnswerPairsGenerator.
    """

    source = "QAMPARI (Amouyal et al. 2022)"
    asks = ("questions with several answers from a document", "which-of-these questions for intersections", "list questions with quoted evidence")

    input_text = Input(str)
    input_id = Input(str, ROW_ID)

    prompt: PromptTemplate[ListQuestion] = ListQuestionPrompt()
    numbered_prompt: PromptTemplate[NumberedListQuestion] = NumberedListQuestionPrompt()
    characters: int = Field(8000, ge=1, description="How much of the text the model sees.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        text = values["text"]
        known = stated_sentences([text], self.characters) if self.by_number else []
        if not text.strip() or (self.by_number and not known):
            return []
        found: ListQuestion | NumberedListQuestion = await self.ask(llm, {"text": text, "sentences": known}, prompt=self.quoting_prompt)
        names = [name.strip() for name in _once(found.answers, str)]
        question = found.question.strip()
        task = Task(
            question=question,
            answer=LIST_MARK.join(names),
            kind="list",
            topic=found.topic.strip(),
            documents=[text],
            document_ids=[values["id"]],
            quotes=[quoted(text, self.quote_of(found, known))],
            steps=[Step(question=question, answer=name, document=0) for name in names],
            hidden=[],
        )
        return [task.as_row()]


def _once(items: Iterable[Item], said: Callable[[Item], str]) -> list[Item]:
    """Each that says something new, the first of those that say the same."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(as_said(said(item)), item)
    return list(first.values())
