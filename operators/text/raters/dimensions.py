"""Meta-rater: one question, several dimensions."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output
from operators.text.raters.dimension_prompts import DIMENSIONS, Dimension, MetaRaterPrompt


class MetaRaterEvaluator(LLMEvaluate):
    """Rate a text on several dimensions at once, each 1 to 5: any number of dimensions, each an integer column named after it.

    The answer's schema asks for every dimension by name. The prompt may use `rubric`, the text of all dimensions with their examples.
    """

    covers = ("MetaSampleEvaluator",)
    source = "Meta-rater (Zhuang et al. 2025); dimensions as in DataMan and QuRating"
    prompt_variables = ("rubric",)

    input_text = Input(str)

    prompt: PromptTemplate[str] = MetaRaterPrompt()
    dimensions: tuple[Dimension, ...] = Field(DIMENSIONS, min_length=1)
    prefix: str = Field("rating_", description="What the columns begin with.")
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")

    @field_validator("dimensions")
    @classmethod
    def _different(cls, dimensions: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
        names = [dimension.name for dimension in dimensions]
        if len(set(names)) < len(names):
            raise ValueError(f"two dimensions have the same name: {', '.join(names)}")
        return dimensions

    def outputs(self) -> dict[str, Output]:
        return {dimension.name: Output(int, f"{self.prefix}{dimension.name}", description=dimension.description) for dimension in self.dimensions}

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        asking = self.model_copy(update={"prompt": _with_answer(self.prompt, tuple(self.outputs()))})
        answer: BaseModel = await asking.ask(llm, {"rubric": "\n".join(map(str, self.dimensions)), **values})
        return answer.model_dump()


@functools.lru_cache(maxsize=64)
def _with_answer(prompt: PromptTemplate[str], names: tuple[str, ...]) -> PromptTemplate[Any]:
    """The prompt with an answer that has a grade for each name."""
    fields: dict[str, Any] = {name: (int, Field(ge=1, le=5)) for name in names}
    answer = create_model("Ratings", __config__=ConfigDict(extra="forbid"), **fields)
    made: PromptTemplate[Any] = type(type(prompt).__name__, (PromptTemplate,), {"answer": answer})(prompt.system, prompt.user)
    return made
