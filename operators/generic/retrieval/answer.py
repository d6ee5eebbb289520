"""Answers to questions, from passages."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.core.operator import Need
from operators.generic.retrieval.prompts import FromPassagesPrompt
from operators.retrieval.passages import PASSAGES, NotRetrieved, Query
from operators.retrieval.retriever import Retriever
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed


class AnswerFromPassages(LLMGenerate):
    """Answer each question from the passages beside it, which RetrieveFromTable or RetrievePassages found."""

    asks = ("answer questions from retrieved context", "the generation step of RAG", "write an answer grounded in passages")

    input_question = Input(str, "question")
    input_passages = Input(PASSAGES, "passages")
    output_answer = Output(str, "answer")

    prompt: PromptTemplate[str] = FromPassagesPrompt()


class RetrievalGenerator(LLMGenerate):
    """Find passages for each question with a retriever, and answer from them: RAG in one stage, with the passages beside the answer.

    A question whose passages cannot be fetched, or that the model does not answer, is set aside with the reason. Where the corpus is a table of the
    pipeline, use RetrieveFromTable and AnswerFromPassages.
    """

    covers = ("RetrievalGenerator",)
    asks = ("answer each question with RAG over my index", "ask a model with retrieved documents", "generate from passages as LightRAG does")
    needs: ClassVar[tuple[Need, ...]] = ("llm", "retriever")
    prompt_variables = ("passages",)

    input_question = Input(str, "question")
    output_answer = Output(str, "answer")
    output_passages = Output(PASSAGES, "passages", description="id, text and score of each, the best first")
    output_ids = Output(list[str], "passage_ids", description="their ids, in the same order")

    retriever: str = Field("retriever", description="Name of the retriever resource.")
    prompt: PromptTemplate[str] = FromPassagesPrompt()
    top: int = Field(5, ge=1, le=100, description="Passages for a question, at most.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        retriever: Retriever = values.pop("retriever")
        found = await retriever.retrieve_soon(Query(values["question"]), self.top)
        if isinstance(found, NotRetrieved):
            raise RowFailed(found.reason)
        passages = [{"id": one.id, "text": one.text, "score": one.score} for one in found]
        answer = await self.ask(llm, {**values, "passages": passages})
        return {"answer": answer, "passages": passages, "ids": [one.id for one in found]}
