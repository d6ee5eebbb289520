"""Answers that no proof decides, compared by a model."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from operators.core.llm import AsksLLM, LLMEvaluate, LLMFilter
from operators.math.solutions.prompts import SameAnswer, SameAnswerPrompt
from operators.tables.columns import Input, Output

Judged = tuple[bool | None, str, str]
"""Whether they are the same, why, and by what it was decided."""


class JudgesAnswers(AsksLLM, abstract=True):
    """Proves what can be proven, and asks the model for the rest. A row without a reference is not asked about."""

    input_question = Input(str)
    input_answer = Input(str, "solution")
    input_reference = Input(str, "golden_answer", nulls="pass")

    prompt: PromptTemplate[SameAnswer] = SameAnswerPrompt()
    prove_first: bool = Field(True, description="Ask no model where answer and reference are numbers or formulas that are proven equal or different.")

    async def judged(self, llm: LLMSession, question: str, answer: str, reference: str | None) -> Judged:
        if reference is None or not reference.strip():
            return None, "there is no reference answer", "nothing"
        found = final_answer(answer)
        if self.prove_first and found is not None:
            compared = compare_answers(reference, found.text)
            if compared.equal or (compared.verdict == "different" and any(sign.isdigit() for sign in reference)):
                return compared.equal, compared.reason, "proof"
        said: SameAnswer = await self.ask(llm, {"question": question, "answer": answer, "reference": reference})
        return said.same, said.reason, "model"


class AnswerJudgeEvaluator(JudgesAnswers, LLMEvaluate):
    """Say whether an answer means what the reference answer says, why, and whether that was proven or judged by the model.

    Null where there is no reference. What is proven needs no model: numbers and formulas that are equal, or differ from a reference with digits.
    """

    covers = ("ReasoningAnswerModelJudgeFilter",)
    asks = ("LLM compares answer with reference", "semantic match against the gold text", "grade free form replies")

    output_matches = Output(bool, "answer_matches")
    output_reason = Output(str, "answer_matches_reason")
    output_by = Output(str, "answer_matches_by", description="proof, model, or nothing where there is no reference")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        matches, reason, by = await self.judged(llm, **values)
        return {"matches": matches, "reason": reason, "by": by}


class AnswerJudgeFilter(JudgesAnswers, LLMFilter):
    """Keep answers that mean what the reference answer says: proven, or judged by the model; the others are set aside with the reason."""

    covers = ("ReasoningAnswerModelJudgeFilter",)
    asks = ("remove answers that contradict the reference", "model judge for non-math reasoning", "keep replies an LLM finds correct")

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        matches, reason, by = await self.judged(llm, **values)
        return bool(matches), reason if by == "nothing" else f"{reason} (by {by})"
