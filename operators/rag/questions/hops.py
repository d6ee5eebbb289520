"""The two ways to lead a question on: from its answer to a further one, or from what it names to a description of that."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import exact_match
from operators.bases.numbered_sentences import stated_sentences
from operators.rag.questions.chaining import ExtendsQuestions, Found, stands
from operators.rag.questions.prompts import (
    NamingQuestion,
    NamingQuestionPrompt,
    NextQuestion,
    NextQuestionPrompt,
    NumberedNamingQuestion,
    NumberedNamingQuestionPrompt,
    NumberedNextQuestion,
    NumberedNextQuestionPrompt,
)
from operators.rag.task import Step, Task, named_in, quoted


class ChainQuestionGenerator(ExtendsQuestions):
    """Lead questions on by a hop: a document that says the answer is asked about it, and both questions become one that does not name it.

    "Who wrote the notes on the engine?" and, in another document, "In which year was Ada Lovelace born?" make "In which year was the writer of the
    notes on the engine born?". Each stage adds one document; several in a row make chains of as many hops. `passages` are those found for the answer.
    """

    source = "MuSiQue (Trivedi et al. 2022)"
    asks = ("multi-hop questions by chaining over documents", "make two-hop questions from single-hop ones", "questions that need several documents")

    prompt: PromptTemplate[NextQuestion] = NextQuestionPrompt()
    numbered_prompt: PromptTemplate[NumberedNextQuestion] = NumberedNextQuestionPrompt()

    def makes(self) -> str:
        return "chain"

    def bridge(self, task: Task) -> str:
        return task.answer

    async def found(self, llm: LLMSession, task: Task, bridge: str, passage: str) -> Found:
        known = stated_sentences([passage], self.characters) if self.by_number else []

        def check(found: NextQuestion | NumberedNextQuestion) -> str | None:
            quote = self.quote_of(found, known)
            if fault := stands(quote, passage):
                return fault
            if not named_in([found.answer], quote):
                return "the answer does not stand in the quote"
            if exact_match(found.answer, [bridge, task.topic, *task.hidden]) or named_in([found.answer], bridge):
                return f'the answer has to be something else than "{bridge}"'
            if not named_in([bridge], found.question):
                return f'the question does not have the words "{bridge}" in it'
            if named_in([found.answer], found.question):
                return "the question says its answer"
            return None

        new: NextQuestion | NumberedNextQuestion = await self.ask(
            llm, {"passage": passage, "bridge": bridge, "sentences": known}, prompt=self.quoting_prompt, check=check
        )
        return Found(new.question.strip(), new.answer.strip(), quoted(passage, self.quote_of(new, known)), task.topic)

    async def question(self, llm: LLMSession, task: Task, bridge: str, there: Found) -> str:
        return await self.composed(llm, there.question, task.question, bridge, [*task.hidden, there.answer])

    def answer(self, task: Task, there: Found) -> str:
        return there.answer

    def steps(self, task: Task, new: Step) -> list[Step]:
        return [*task.steps, new]


class DepthQuestionGenerator(ExtendsQuestions):
    """Make questions deeper: what they name is described by what another document says of it. The answer stays the same.

    "In which year was Ada Lovelace born?" becomes "In which year was the writer of the notes on the engine born?", where another document says who
    wrote them. The description comes from a document that was found, with its quote; nothing is made up. `passages` are those found for the topic.
    """

    covers = ("AgenticRAGDepthQAGenerator",)
    source = "TaskCraft (Shi et al. 2025)"
    asks = (
        "make questions deeper without changing the answer",
        "replace an entity by a description from another document",
        "hide the named entity",
    )

    prompt: PromptTemplate[NamingQuestion] = NamingQuestionPrompt()
    numbered_prompt: PromptTemplate[NumberedNamingQuestion] = NumberedNamingQuestionPrompt()

    def makes(self) -> str:
        return "depth"

    def bridge(self, task: Task) -> str:
        return task.topic

    async def found(self, llm: LLMSession, task: Task, bridge: str, passage: str) -> Found:
        unsaid = [bridge, task.answer, *task.hidden]
        known = stated_sentences([passage], self.characters) if self.by_number else []

        def check(found: NamingQuestion | NumberedNamingQuestion) -> str | None:
            quote = self.quote_of(found, known)
            if fault := stands(quote, passage):
                return fault
            if not named_in([bridge], quote):
                return f'the quote does not name "{bridge}"'
            if said := named_in(unsaid, found.question):
                return f'the question must not say "{said[0]}"'
            if exact_match(found.topic, unsaid) or not named_in([found.topic], found.question):
                return f'the topic has to be another name than "{bridge}", and to stand in the question'
            return None

        new: NamingQuestion | NumberedNamingQuestion = await self.ask(
            llm, {"passage": passage, "bridge": bridge, "sentences": known}, prompt=self.quoting_prompt, check=check
        )
        return Found(new.question.strip(), bridge, quoted(passage, self.quote_of(new, known)), new.topic.strip())

    async def question(self, llm: LLMSession, task: Task, bridge: str, there: Found) -> str:
        return await self.composed(llm, task.question, there.question, bridge, [*task.hidden, task.answer])

    def answer(self, task: Task, there: Found) -> str:
        return task.answer

    def steps(self, task: Task, new: Step) -> list[Step]:
        return [new, *task.steps]
