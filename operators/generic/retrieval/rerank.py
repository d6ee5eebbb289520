"""Passages put in a better order by a model."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.generic.retrieval.prompts import Order, RerankPrompt
from operators.retrieval.passages import PASSAGES
from operators.tables.columns import Input, Output


class RerankPassages(LLMEvaluate):
    """Put the passages of each question in the order in which they help to answer it, with one question to a model, and keep the first `top`.

    Passages that the model leaves out are dropped; their scores stay those of the search. A row without passages is not asked about.
    """

    source = "RankGPT (Sun et al. 2023): listwise reranking"
    asks = ("rerank search results with an LLM", "put the most useful passages first", "drop retrieved passages that do not help")

    input_question = Input(str, "question")
    input_passages = Input(PASSAGES, "passages")
    output_passages = Output(PASSAGES, "reranked_passages", description="the most useful first")
    output_ids = Output(list[str], "reranked_ids", description="their ids, in the same order")

    prompt: PromptTemplate[Order] = RerankPrompt()
    top: int = Field(5, ge=1, le=1000, description="Passages that stay, at most.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        passages = values["passages"]
        if not passages:
            return {"passages": [], "ids": []}

        def check(answer: Order) -> str | None:
            wrong = sorted({number for number in answer.order if not 1 <= number <= len(passages)})
            if wrong:
                return f"there is no passage {wrong[0]}, only 1 to {len(passages)}"
            return "a passage is named twice" if len(set(answer.order)) < len(answer.order) else None

        answer = await self.ask(llm, values, check=check)
        ordered = [passages[number - 1] for number in answer.order][: self.top]
        return {"passages": ordered, "ids": [passage["id"] for passage in ordered]}
