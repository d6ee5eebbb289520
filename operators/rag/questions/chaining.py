"""One hop more: a question is joined with another one, over a name that stands in a second document."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import SaidWords, answer_units
from operators.bases.implausible_answers import as_said
from operators.bases.numbered_sentences import QuotesSentences
from operators.bases.quotes import find_quote
from operators.bases.verified_quotes import VerifiedQuote
from operators.core.asks import AsksLLM
from operators.core.kinds import Filter
from operators.rag.questions.prompts import ComposePrompt, WrittenQuestion
from operators.rag.task import FOUND, MakesQuestions, Step, Task, as_task, leads_on, named_in
from operators.tables.columns import Input
from operators.tables.errors import RowFailed

_ASKING: Final = frozenset("what which who whom whose when where why how was were are does did has have had the and for that this many much".split())
"""Words of questions that do not say what is asked."""


def bridges(name: str, passages: Sequence[Mapping[str, Any]], known: Sequence[str], documents: Sequence[str]) -> list[Mapping[str, Any]]:
    """The passages that name a thing and are none of the documents that are there already, in their order."""
    texts = set(map(as_said, documents))
    return [one for one in passages if one["id"] not in known and as_said(one["text"]) not in texts and named_in([name], one["text"])]


class BridgeFilter(Filter):
    """Keep questions that can be led on: their `bridge` is a name or term that another document found for it says too. No model is asked.

    The bridge of a chain is the answer, that of a depth extension the topic. A topic has to stand in the question: `in_question`.
    """

    asks = ("which questions can be chained over an entity", "find bridge entities between documents", "keep answers that other passages mention")

    input_bridge = Input(str, "answer")
    input_question = Input(str)
    input_passages = Input(FOUND, "passages")
    input_documents = Input(list[str])
    input_document_ids = Input(list[str])

    in_question: bool = Field(False, description="Whether the question has to name the bridge, as a depth extension needs it.")

    def keep(self, bridge: str, question: str, passages: list[Any], documents: list[str], document_ids: list[str]) -> tuple[bool, str | None]:
        if not leads_on(bridge):
            return False, f'"{bridge}" leads nowhere: it is a number, a yes or no, or no name'
        if self.in_question and not named_in([bridge], question):
            return False, f'the question does not name "{bridge}"'
        if not bridges(bridge, passages, document_ids, documents):
            return False, f'no other document that was found says "{bridge}"'
        return True, None


@dataclass(frozen=True)
class Found:
    """What the second document gives: the question over the bridge, its answer and quote, and the thing that the joined question names."""

    question: str
    answer: str
    quote: VerifiedQuote
    topic: str


class JoinsQuestions(AsksLLM, abstract=True):
    """Makes one question of two, over the name that the outer one says and the inner one asks for."""

    compose_prompt: PromptTemplate[WrittenQuestion] = ComposePrompt()

    async def composed(self, llm: LLMSession, outer: str, inner: str, bridge: str, unsaid: Sequence[str]) -> str:
        """The joined question: without the bridge, and without what `unsaid` lists. It is asked for again, with what is wrong."""

        def check(written: WrittenQuestion) -> str | None:
            said = named_in([bridge, *unsaid], written.question)
            if said:
                return f'the new question must not say "{said[0]}"'
            for question in (outer, inner):
                if lost := lost_words(question, written.question, bridge):
                    return f'the new question has lost what "{question}" asks: {", ".join(lost)}'
            return not_one_question(written.question)

        asked = {"outer": outer, "inner": inner, "bridge": bridge}
        written: WrittenQuestion = await self.ask(llm, asked, prompt=self.compose_prompt, check=check)
        return written.question.strip()


class ExtendsQuestions(QuotesSentences, JoinsQuestions, MakesQuestions, abstract=True):
    """Adds one document to a question: the first of the passages found that names the bridge, and gives a question whose quote stands."""

    prompt_variables = ("passage", "bridge", "outer", "inner", "sentences")

    input_question = Input(str)
    input_answer = Input(str)
    input_kind = Input(str)
    input_topic = Input(str)
    input_documents = Input(list[str])
    input_document_ids = Input(list[str])
    input_quotes = Input(list[VerifiedQuote])
    input_steps = Input(list[Step])
    input_hidden = Input(list[str])
    input_passages = Input(FOUND, "passages")

    characters: int = Field(6000, ge=1, description="How much of a document the model sees.")
    tries: int = Field(1, ge=1, le=10, description="Documents that are tried, one after the other, until one gives a question.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        task = as_task(values)
        bridge = self.bridge(task)
        found = bridges(bridge, values["passages"], task.document_ids, task.documents) if leads_on(bridge) else []
        failed: RowFailed | None = None
        for passage in found[: self.tries]:
            try:
                return [(await self._extended(llm, task, bridge, passage)).as_row()]
            except RowFailed as failure:
                failed = failure
        if failed is not None:
            raise failed
        return []

    async def _extended(self, llm: LLMSession, task: Task, bridge: str, passage: Mapping[str, Any]) -> Task:
        there = await self.found(llm, task, bridge, passage["text"])
        question = await self.question(llm, task, bridge, there)
        place = len(task.documents)
        return Task(
            question=question,
            answer=self.answer(task, there),
            kind=self.makes(),
            topic=there.topic,
            documents=[*task.documents, passage["text"]],
            document_ids=[*task.document_ids, passage["id"]],
            quotes=[*task.quotes, there.quote.model_copy(update={"source": place})],
            steps=self.steps(task, Step(question=there.question, answer=there.answer, document=place)),
            hidden=list(dict.fromkeys([*task.hidden, bridge])),
        )

    @abstractmethod
    def makes(self) -> Any:
        """The kind of the new question."""

    @abstractmethod
    def bridge(self, task: Task) -> str:
        """The name over which it is led on."""

    @abstractmethod
    async def found(self, llm: LLMSession, task: Task, bridge: str, passage: str) -> Found:
        """What the second document gives.

        Raises:
            RowFailed: nothing that fits.
        """

    @abstractmethod
    async def question(self, llm: LLMSession, task: Task, bridge: str, there: Found) -> str:
        """The joined question."""

    @abstractmethod
    def answer(self, task: Task, there: Found) -> str:
        """Its answer."""

    @abstractmethod
    def steps(self, task: Task, new: Step) -> list[Step]:
        """The steps of both, in the order in which they have to be answered."""


def lost_words(question: str, joined: str, bridge: str) -> list[str]:
    """The words of a question that say what it asks, but for its bridge, where a question that should ask it too has half of them or fewer.

    >>> lost_words("In which city was Ada born?", "In which city was the writer of the notes?", "Ada")
    ['born']
    >>> lost_words("In which city was Ada born?", "In which city was the writer of the notes born?", "Ada")
    []
    """
    said, named = SaidWords(joined).units, SaidWords(bridge).units
    asks = dict.fromkeys(
        unit for unit in answer_units(question) if unit not in named and unit not in _ASKING and (len(unit) > 2 or not unit.isascii())
    )
    lost = [unit for unit in asks if unit not in said]
    return lost if 2 * len(lost) >= len(asks) else []


def not_one_question(question: str) -> str | None:
    """What to tell a model that wrote several questions."""
    return "these are several questions: write one" if question.count("?") + question.count("？") > 1 else None


def stands(quote: str, text: str) -> str | None:
    """What to tell a model whose quote is none; None where it stands."""
    return None if find_quote(quote, text) else "the quote does not stand in the text: copy a sentence of it word for word"
