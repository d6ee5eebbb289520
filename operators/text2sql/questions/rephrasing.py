"""Stiff questions said as people say them, or left as they are."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.draws import generator
from operators.bases.implausible_answers import as_said
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.questions.facts import lost_or_added
from operators.text2sql.questions.prompts import NEED_EVIDENCE, STYLES, Rephrased, RephrasePrompt, Style
from operators.text2sql.replies import is_own_fault

_STYLES = tuple(style for style in get_args(Style) if style not in NEED_EVIDENCE)


class QuestionRephraseGenerator(LLMGenerate):
    """Have each question said in other words, in a style that is drawn by the seed and the question; where that loses something, it stays as it is.

    A new wording has to keep every number, every text in quotes, every noun, and what turns a meaning round (highest, before, not, average, percent),
    and must not bring any of these in. The model is told what is missing and asked again; after that the old question stays, and the column
    `question_wording` says "as given": so a weak model cannot make a wrong question of a right one. Made for the questions of SQLSampler.
    """

    prompt_variables = ("style",)
    asks = ("make template questions sound natural", "paraphrase questions without changing their meaning", "reword generated SQL questions")

    input_question = Input(str, "template_question")
    output_question = Output(str)
    output_style = Output(str, "question_style", description="null where the question stays as it was")
    output_wording = Output(str, "question_wording", description='"rephrased", or "as given"')
    output_fault = Output(str, "rephrasing_fault", description="what the last new wording lost; null where it was taken")

    prompt: PromptTemplate[Rephrased] = RephrasePrompt()
    styles: tuple[Style, ...] = Field(_STYLES, min_length=1, description="Styles to draw from.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely questions are drawn; null leaves it to the server.")
    seed: int | None = Field(0, description="Of the draw of styles, and given to the server.")
    keep: bool = Field(True, description="Keep a question that cannot be rephrased as it is; without it its row is set aside.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        question = str(values["question"]).strip()
        styles = [style for style in STYLES if style in self.styles]
        style = styles[int(generator(self.seed or 0, question).integers(len(styles)))]
        faults: list[str] = []

        def check(new: Rephrased) -> str | None:
            fault = _fault(question, new.question)
            faults.append(fault)
            return fault or None

        try:
            new = await self.ask(llm, {**values, "style": STYLES[style]}, check=check)
        except RowFailed as failed:
            if not self.keep or not is_own_fault(failed):
                raise
            return {"question": question, "style": None, "wording": "as given", "fault": faults[-1] if faults else str(failed)}
        return {"question": new.question.strip(), "style": style, "wording": "rephrased", "fault": None}


def _fault(question: str, new: str) -> str:
    if as_said(new) == as_said(question):
        return "it is the same question, word for word"
    if "\n" in new.strip() or len(new) > 2 * len(question) + 60:
        return "it is longer than a question has to be"
    return lost_or_added(question, new)
