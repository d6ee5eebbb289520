"""Whether a question leads back to its query."""

from __future__ import annotations

from typing import Any

from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Output
from operators.text2sql.reasoning.sampling import AnswersQuestions, agreeing


class BackTranslationEvaluator(AnswersQuestions, LLMEvaluate):
    """Have the question answered by a model that sees the database but not the query, and say how far both answers agree: 0 to 1.

    The score is the share of `samples` whose answer is that of the query on the database and on every instance of it. Agreement shows
    that the question means the query; a difference shows that the question, or the model, is wrong. Follow with ScoreFilter. For a second opinion
    take another model: `llm="judge"`.
    """

    source = "back-translation, round-trip consistency (Alberti et al. 2019); Zhong et al. 2020"
    asks = (
        "does the question lead back to the same SQL",
        "round trip check of question and query",
        "verify question and SQL pairs by execution",
    )

    output_agreement = Output(float, "back_translation", description="share of the samples that agree, 0 to 1")
    output_sql = Output(str, "back_translated_sql", description="the first query that agrees, or the first that came")
    output_reason = Output(str, "back_translation_reason", description="how the first that does not agree differs; null where all agree")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        compared = await self.compared(llm, values)
        right = next((sql for sql, one in compared if one is not None and one.everywhere), None)
        faults = [one.reason if one is not None else "no query that runs was written" for _, one in compared if one is None or one.reason]
        return {
            "agreement": agreeing(compared) / len(compared),
            "sql": right or next((sql for sql, _ in compared if sql), None),
            "reason": faults[0] if faults else None,
        }
