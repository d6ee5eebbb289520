"""Pairs of a proven answer and a wrong one, for preference training."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.implausible_answers import as_said
from operators.bases.verified_quotes import VerifiedQuote
from operators.core.llm import LLMGenerate
from operators.knowledge.questions.prompts import ClosedBookPrompt
from operators.knowledge.questions.support import unsupported
from operators.tables.columns import Input, Output


class ClosedBookPreferenceGenerator(LLMGenerate):
    """Ask a question without its text, and put the answer beside the proven one, as `prompt`, `chosen` and `rejected`, which trainers read.

    `rejected` is null where the answer from memory may be right: the quotes hold its numbers, names and words. Follow with PresentFilter to keep the
    pairs, and see from the others what the model knows already.
    """

    source = "factuality-aware preferences (Lin et al. 2024)"
    asks = ("preference pairs of grounded and hallucinated answers", "DPO data from documents", "what does the model answer without the source")

    input_question = Input(str)
    input_answer = Input(str)
    input_quotes = Input(list[VerifiedQuote])
    output_prompt = Output(str)
    output_chosen = Output(str)
    output_rejected = Output(str)

    prompt: PromptTemplate[str] = ClosedBookPrompt()
    needed: float = Field(0.6, ge=0, le=1, description="Share of the words that the quotes have to hold for an answer that may be right.")
    max_tokens: int | None = Field(200, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str | None]:
        question, answer = str(values["question"]), str(values["answer"])
        said = str(await self.ask(llm, {"question": question})).strip()
        quotes = [quote["quote"] for quote in values["quotes"]]
        wrong = as_said(answer) not in as_said(said) and unsupported(said, question, quotes, self.needed) is not None
        return {"prompt": question, "chosen": answer, "rejected": said if wrong else None}
