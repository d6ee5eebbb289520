"""A language model's opinion of a program."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.code.raters.prompts import CodeQualityPrompt, CodeRating
from operators.code.synthesis.instructions import request_of
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output


class CodeQualityEvaluator(LLMEvaluate):
    """Rate how well a program does what its instruction asks, 1 to 10, with the reason. To filter: ScoreFilter(min=7) on "code_quality".

    A rating proves nothing: run the program's tests where it has any. A row whose rating does not come is set aside, and has no score.
    """

    covers = ("CodeQualitySampleEvaluator", "CodeQualityScoreFilter")
    source = "LLM-as-a-judge (Zheng et al. 2023)"
    asks = ("let a model review generated code", "grade solutions for correctness and clarity", "score coding answers from one to ten")

    input_instruction = Input(Any)
    input_code = Input(str)
    output_score = Output(int, "code_quality")
    output_reason = Output(str, "code_quality_reason")

    prompt: PromptTemplate[CodeRating] = CodeQualityPrompt()
    characters: int = Field(6000, ge=1, description="How much of the instruction and of the program the model sees.")
    max_tokens: int | None = Field(200, ge=1, description="Longest answer, in tokens.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        return self.columns_of(await self.ask(llm, {**values, "instruction": request_of(values["instruction"])}))
