"""How hard a question is: how often a model answers it rightly from its documents."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field

from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.rag.checks.answering import AnswersFromDocuments, gold_answers
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed


class SolvedShareEvaluator(AnswersFromDocuments, LLMEvaluate):
    """Let a model answer each question `samples` times from all its documents: the share of right answers, 1 easy to 0 never, and what was said.

    To keep a range of it: ScoreFilter. Difficulty is that of the model named `llm`; keep its name beside it with `model_column`.
    """

    asks = ("how hard is a RAG question for a model", "pass rate of n sampled answers with documents", "difficulty of questions by sampling")
    prompt_variables = ("said", "golds")

    input_question = Input(str)
    input_answer = Input(str)
    input_aliases = Input(list[str], "aliases", optional=True, nulls="pass")
    input_documents = Input(list[str])
    output_solved = Output(float, "solved_share", description="share of the samples that were right, 0 to 1")
    output_sampled = Output(list[str], "sampled_answers")

    samples: int = Field(4, ge=1, le=1000, description="How often to ask the same question; more than once needs a temperature above 0.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        golds = gold_answers(values["answer"], values.get("aliases"))
        if not golds or None in values["documents"]:
            raise RowFailed("the answer is empty, or a document is null")
        said = await self.answers(llm, values["question"], values["documents"])
        right = await asyncio.gather(*(self.right(llm, values["question"], one, golds) for one in said))
        return {"solved": sum(right) / len(right), "sampled": said}
