"""Answers compared with references by a model, as a whole or part by part."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.answer_overlap import best_overlap
from operators.bases.thoughts import without_thought
from operators.core.llm import LLMEvaluate
from operators.evaluation.prompts import Parts, PartsPrompt, SameAnswer, SameAnswerPrompt
from operators.evaluation.scores import SCORE_COLUMNS, Score, unknown, wrong
from operators.tables.columns import Input, Output


class BenchmarkJudgeEvaluator(LLMEvaluate):
    """Let a model say whether answers mean what their references say, with the reason; with `parts`, part by part of a question that asks for
    several.

    Not asked about are answers that have the words of a reference (right), no answer (wrong), and rows without a reference (null). With `parts`, a
    row is right only where every part is, the score is the share of the parts, and what was found for each part stands in `answer_parts`. An
    answer of the judge that does not fit is asked for again, and the row set aside where it never fits: it is not counted as wrong. Its opinion is
    no proof: name the judge beside it with `model_column`.
    """

    covers = ("BenchDatasetEvaluator", "BenchDatasetEvaluatorQuestion", "UnifiedBenchDatasetEvaluator")
    source = "LLM as a judge (Zheng et al. 2023), with references"
    asks = ("let a judge model grade benchmark answers", "semantic match of answer and reference", "grade questions with several sub-questions")

    input_question = Input(str)
    input_answer = Input(str, "model_answer", nulls="pass")
    input_references = Input(list[str], nulls="pass")
    input_context = Input(str, optional=True, nulls="pass")

    prompt: PromptTemplate[SameAnswer] = SameAnswerPrompt()
    parts_prompt: PromptTemplate[Parts] = PartsPrompt()
    parts: bool = Field(False, description="Judge each thing that a question asks for.")
    match_first: bool = Field(True, description="Do not ask about answers that have the words of a reference.")

    def outputs(self) -> dict[str, Output]:
        of_parts = {
            "parts": Output(list[str], "answer_parts", description="each part with its verdict"),
            "parts_right": Output(int, "parts_right"),
            "parts_asked": Output(int, "parts_asked"),
        }
        return {**SCORE_COLUMNS, **(of_parts if self.parts else {}), **super().outputs()}

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        references = [one for one in values["references"] or () if one and one.strip()]
        answer = without_thought(values["answer"]).strip() if values["answer"] else ""
        nothing: dict[str, Any] = {"parts": None, "parts_right": None, "parts_asked": None} if self.parts else {}
        if not references:
            return unknown("there is no reference answer").by("judge") | nothing
        if not answer:
            return wrong("there is no answer").by("judge") | nothing
        asked = {**values, "answer": answer, "references": references}
        if self.parts:
            judged: Parts = await self.ask(llm, asked, prompt=self.parts_prompt)
            return _of_parts(judged, answer)
        if self.match_first and best_overlap(answer, references).exact:
            return Score(True, 1.0, answer, "the same words").by("exact")
        said: SameAnswer = await self.ask(llm, asked)
        return Score(said.same, float(said.same), answer, said.reason).by("judge")


def _of_parts(judged: Parts, answer: str) -> dict[str, Any]:
    counts = Counter(part.verdict for part in judged.parts)
    right, every = counts["right"], len(judged.parts)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return Score(right == every, right / every, answer, f"of {every} parts {told}").by("judge") | {
        "parts": [f"{part.part}: {part.verdict}" for part in judged.parts],
        "parts_right": right,
        "parts_asked": every,
    }
