"""What a model answers to the questions of a benchmark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.evaluation.formats.options import LETTERS
from operators.evaluation.items import MEASURES
from operators.evaluation.prompts import OneOptionPrompt, ProgramPrompt, SeveralOptionsPrompt, ShortAnswerPrompt, ValuePrompt
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

_OF_THE_MODEL: Final = re.compile(r"(?:truncated|filtered|invalid_answer): |malformed: .* (?:answered with|ended its answer with) ")
"""Failures that say something of the model on this question: cut off, withheld, empty. The others (a request that is refused, a server that is not
there) say that nobody could be asked."""


class BenchmarkAnswerGenerator(LLMGenerate):
    """Answer each question of a benchmark with the prompt of its measure: short answers, values, one option, several options, programs.

    A model that gives no usable answer (cut off, filtered, empty) has a null `model_answer` with the reason beside it, and that is scored as wrong. A
    row about which nobody could be asked (no connection, timeout) is set aside: it says nothing of the model. Questions that are scored by likelihood
    are not asked, and have neither.
    """

    covers = ("BenchAnswerGenerator",)
    source = "harness of EleutherAI (Gao et al. 2021): tasks that generate"
    asks = ("run my model on a test set", "produce model outputs for a benchmark", "let an LLM take an exam")
    prompt_variables = ("options", "answer")

    input_measure = Input(str)
    input_question = Input(str)
    input_context = Input(str, optional=True, nulls="pass")
    input_choices = Input(list[str], optional=True, nulls="pass")
    input_entry_point = Input(str, optional=True, nulls="pass")
    output_answer = Output(str, "model_answer", description="null where the model gave no usable answer")
    output_fault = Output(str, "model_answer_fault", description="why there is none; null where there is one")

    prompt: PromptTemplate[str] = ShortAnswerPrompt()
    value_prompt: PromptTemplate[str] = ValuePrompt()
    option_prompt: PromptTemplate[str] = OneOptionPrompt()
    options_prompt: PromptTemplate[str] = SeveralOptionsPrompt()
    program_prompt: PromptTemplate[str] = ProgramPrompt()
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens; null leaves it to the server.")
    max_reasks: int = Field(0, ge=0, description="How often to ask again after an empty answer.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str | None]:
        measure = values.pop("measure")
        if measure not in MEASURES:
            raise RowFailed(f'there is no measure "{measure}", only {", ".join(MEASURES)}')
        if measure == "likelihood":
            return {"answer": None, "fault": None}
        if len(values["choices"] or ()) > len(LETTERS):
            raise RowFailed(f"it has {len(values['choices'])} options, and letters name {len(LETTERS)}: score it by likelihood")
        prompts = {
            "math": self.value_prompt,
            "choice": self.option_prompt,
            "choices": self.options_prompt,
            "tests": self.program_prompt,
        }
        try:
            answer = await self.ask(llm, {**values, "options": lettered(values["choices"] or ())}, prompt=prompts.get(measure, self.prompt))
        except RowFailed as failed:
            if _OF_THE_MODEL.match(str(failed)):
                return {"answer": None, "fault": str(failed)}
            raise
        return {"answer": str(answer), "fault": None}


def lettered(options: Sequence[str]) -> str:
    """The options, one a line, each after its letter."""
    return "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
