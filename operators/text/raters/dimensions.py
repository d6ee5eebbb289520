"""Meta-rater: one question, several dimensions."""

from __future__ import annotations

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.bases.dimensions import Dimension, RatesDimensions
from operators.tables.columns import Input
from operators.text.raters.dimension_prompts import DIMENSIONS, MetaRaterPrompt


class MetaRaterEvaluator(RatesDimensions):
    """Rate a text on several dimensions at once, each 1 to 5: any number of dimensions, each an integer column named after it.

    The answer's schema asks for every dimension by name. The prompt may use `rubric`, the text of all dimensions with their examples.
    """

    covers = ("MetaSampleEvaluator",)
    source = "Meta-rater (Zhuang et al. 2025); dimensions as in DataMan and QuRating"

    input_text = Input(str)

    prompt: PromptTemplate[str] = MetaRaterPrompt()
    dimensions: tuple[Dimension, ...] = Field(DIMENSIONS, min_length=1)
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")
