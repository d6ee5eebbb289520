"""Evaluators of texts."""

from __future__ import annotations

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output
from operators.text.raters.educational_prompts import EducationalValue, EducationalValuePrompt


class EducationalValueEvaluator(LLMEvaluate):
    """Rate what a student would learn from a text, from 0 (nothing) to 5 (a page of a good textbook), with the reason.

    The model sees the first `characters` characters. Source: the rubric of FineWeb-Edu (Penedo et al. 2024), asked of the language model itself.
    """

    source = "FineWeb-Edu (Penedo et al. 2024)"

    input_text = Input(str)
    output_score = Output(int, "educational_value")
    output_reason = Output(str, "educational_reason")

    prompt: PromptTemplate[EducationalValue] = EducationalValuePrompt()
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(160, ge=1, description="Longest answer, in tokens.")
