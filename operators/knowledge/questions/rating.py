"""Rating questions with their answers on several dimensions, with one request a pair."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.dimensions import Dimension, RatesDimensions
from operators.knowledge.questions.prompts import PairQualityPrompt
from operators.tables.columns import Input

PAIR_DIMENSIONS = (
    Dimension(name="question_quality", description="Is the question clear, complete and free of mistakes, and does it ask for one thing?"),
    Dimension(name="answer_quality", description="Is the answer right, complete and clear, without anything that was not asked for?"),
    Dimension(name="answer_alignment", description="Does the answer answer this question, and not another one?"),
    Dimension(name="answer_verifiability", description="Is the answer definite, held by what it was taken from, and easy to check?"),
    Dimension(name="self_containedness", description="Can the question be understood by somebody who has never seen what it was made from?"),
    Dimension(name="downstream_value", description="Does a model that learns it know something that is worth knowing?"),
)


class QuestionAnswerQualityEvaluator(RatesDimensions):
    """Rate a question with its answer from 1 to 5 on six dimensions, with one request: question, answer, alignment, verifiability, self-containedness
    and value. With `reasons`, a sentence beside each.

    An answer without a number for each is asked for again, and then set aside; it counts as no low rating. ScoreFilter keeps what is good enough.
    """

    covers = ("Text2QASampleEvaluator",)
    source = "Text2QASampleEvaluator of DataFlow"
    asks = ("grade QA pairs on several dimensions", "rate how verifiable and self-contained questions are", "score question answer alignment")

    input_question = Input(str)
    input_answer = Input(str)
    input_quotes = Input(Any, optional=True, nulls="pass", description="quotes, or texts, that the answer was taken from")

    prompt: PromptTemplate[str] = PairQualityPrompt()
    prompt_variables: ClassVar[tuple[str, ...]] = ("rubric", "evidence")
    dimensions: tuple[Dimension, ...] = Field(PAIR_DIMENSIONS, min_length=1)
    prefix: str = Field("", description="What the columns begin with.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        quotes = values.get("quotes") or ()
        evidence = "\n".join(quote["quote"] if isinstance(quote, dict) else str(quote) for quote in quotes)
        return await super().evaluate(llm, evidence=evidence, **values)
