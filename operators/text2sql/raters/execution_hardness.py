"""How hard a question is to answer, by trying."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output
from operators.text2sql.reasoning.sampling import AnswersQuestions, agreeing


class SQLExecutionClassifier(AnswersQuestions, LLMEvaluate):
    """Say how hard a question is for a model: of `samples` queries that it writes, how many have the answer of the right query, and a label for that.

    `labels` are from hard to easy, `shares` the bounds between them: a share up to and including the first bound has the first label. By default
    extra up to 0.2, hard up to 0.5, medium up to 0.9, easy above. The number of right ones stays beside the label. A right query that does not run
    is set aside as failed: it has no hardness. Where the row has a prompt (Text2SQLPromptGenerator), that is what is asked.
    """

    covers = ("SQLExecutionClassifier",)
    source = "Text2SQL-Flow (Cai et al. 2025): pass count as difficulty"
    asks = ("how often does my model solve each question", "difficulty by pass rate of sampled SQL", "pass@k labels for text-to-SQL")

    input_prompt = Input(str, "text2sql_prompt", optional=True, nulls="pass")
    output_hardness = Output(str, "execution_hardness")
    output_passes = Output(int, "execution_passes")
    output_samples = Output(int, "execution_samples", description="how many were drawn; those without a query did not pass")

    samples: int = Field(10, ge=1, le=1000, description="How often to ask; more than once needs a temperature above 0.")
    temperature: float | None = Field(0.8, ge=0, le=2, description="How freely queries are drawn; null leaves it to the server.")
    mend: bool = Field(False, description="Tell the model when its query does not run, and let it answer again.")
    labels: tuple[str, ...] = Field(("extra", "hard", "medium", "easy"), min_length=2, description="From hard to easy.")
    shares: tuple[float, ...] = Field((0.2, 0.5, 0.9), description="Greatest share of right samples of each label but the last.")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if len(self.shares) != len(self.labels) - 1:
            raise ValueError(f"shares: {len(self.labels)} labels need {len(self.labels) - 1} bounds between them, not {len(self.shares)}")
        if sorted(set(self.shares)) != list(self.shares) or not all(0 <= share < 1 for share in self.shares):
            raise ValueError("shares: they have to rise, each from 0 to below 1")
        return self

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        prompt_text = values.pop("prompt")
        compared = await self.compared(llm, values, prompt_text)
        passes = agreeing(compared)
        place = next((place for place, bound in enumerate(self.shares) if passes <= bound * len(compared) + 1e-9), len(self.shares))
        return {"hardness": self.labels[place], "passes": passes, "samples": len(compared)}
