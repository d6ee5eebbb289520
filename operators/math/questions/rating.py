"""How hard a question is, and what it is about."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import BaseModel, Field, create_model, field_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.math.questions.prompts import Category, CategoryPrompt, Difficulty, DifficultyPrompt
from operators.math.questions.taxonomy import load_taxonomy
from operators.tables.columns import Input, Output


class DifficultyEvaluator(LLMEvaluate):
    """Rate how hard a question of mathematics is, 1 to 10 in steps of 0.5, beside an example of each level, with the reason.

    A number outside is asked for again, and a row without a good rating is set aside: no number stands for a failure.
    """

    covers = ("ReasoningQuestionDifficultySampleEvaluator",)
    source = "the scale of Omni-MATH (Gao et al. 2024), with anchors of our own"
    asks = ("how difficult is each problem", "rate questions from easy to olympiad", "curriculum level of math tasks")

    input_question = Input(str)
    output_difficulty = Output(float, "question_difficulty")
    output_reason = Output(str, "question_difficulty_reason")

    prompt: PromptTemplate[Difficulty] = DifficultyPrompt()


class CategoryEvaluator(LLMEvaluate):
    """Sort each question into one class of a taxonomy of two levels, named or by number, with the reason. What is no class is asked for again.

    The taxonomy is data: a JSON file of class -> [classes below] in `taxonomy`, or the package's own of mathematics. An answer has to be a number or
    a name of the list, to the letter; nothing near it is taken for it.
    """

    covers = ("ReasoningQuestionCategorySampleEvaluator",)
    asks = ("label problems by topic", "which area of math is this question", "two-level category for each task")
    prompt_variables = ("classes",)

    input_question = Input(str)
    output_primary = Output(str, "primary_category")
    output_secondary = Output(str, "secondary_category")
    output_reason = Output(str, "category_reason")

    prompt: PromptTemplate[Category] = CategoryPrompt()
    taxonomy: str = Field("", description="JSON file of class -> [classes below]; the package's own where empty.")

    @field_validator("taxonomy")
    @classmethod
    def _can_be_read(cls, taxonomy: str) -> str:
        try:
            load_taxonomy(taxonomy)
        except OSError as error:
            raise ValueError(f"the taxonomy cannot be read: {error}") from error
        return taxonomy

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        known = load_taxonomy(self.taxonomy)
        prompt = self.prompt.answering(_one_of(self.taxonomy))
        said: Any = await self.ask(llm, {**values, "classes": known.lines()}, prompt=prompt)
        primary, secondary = known.find(said.category) or (None, None)
        return {"primary": primary, "secondary": secondary, "reason": said.reason}


@functools.lru_cache(maxsize=16)
def _one_of(taxonomy: str) -> type[BaseModel]:
    """A category of this taxonomy: anything else does not validate, and the model is told."""
    known = load_taxonomy(taxonomy)

    def of_the_list(said: str) -> str:
        if known.find(said) is None:
            raise ValueError(known.hint(said))
        return said

    description = Category.model_fields["category"].description
    category: Any = (str, Field(description=description, json_schema_extra={"enum": list(known.by_code)}))
    return create_model("Category", __base__=Category, __validators__={"of_the_list": field_validator("category")(of_the_list)}, category=category)
