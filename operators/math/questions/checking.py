"""Questions that are worth answering: well posed, and solvable."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate, LLMFilter
from operators.math.questions.prompts import (
    STEPS,
    FirstFault,
    Solvability,
    SolvabilityPrompt,
    StepPrompt,
    StepsPrompt,
    StepVerdict,
    Subject,
)  # fmt: skip
from operators.tables.columns import Input, Output
from operators.tables.errors import closest


class QuestionCheckFilter(LLMFilter):
    """Keep questions that hold in every step of a check, done in order: the first step that fails rejects the question and is its reason.

    The steps: a single question without its answer; right language and notation; conditions that make sense each; that do not contradict each other;
    that are enough; solvable. By default one request covers all steps; with `one_by_one` each step is a request of its own, and none is asked after
    the first that fails. For questions of other subjects: `subject="any"`.
    """

    covers = ("ReasoningQuestionFilter",)
    source = "MathQ-Verify (Shen et al. 2025)"
    asks = ("remove ill-posed math problems", "verify synthetic questions before answering them", "drop contradictory or underspecified problems")
    prompt_variables = ("step",)

    input_question = Input(str)

    prompt: PromptTemplate[FirstFault] = StepsPrompt()
    step_prompt: PromptTemplate[StepVerdict] = StepPrompt()
    steps: tuple[str, ...] = Field(tuple(STEPS), min_length=1, description="Names of the steps, in their order, or own sentences.")
    subject: Subject = "mathematics"
    one_by_one: bool = Field(False, description="Ask about each step alone: more requests, more exact.")

    @field_validator("steps")
    @classmethod
    def _known(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        for step in steps:
            if step not in STEPS and " " not in step:
                raise ValueError(f'there is no step "{step}", only {", ".join(STEPS)}; an own step is a sentence. {closest(step, STEPS)}')
        return steps

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        question = str(values["question"])
        if not question.strip():
            return False, "the question is empty"
        sentences = [STEPS.get(step, step) for step in self.steps]
        values |= {"subject": _named(self.subject)}
        if not self.one_by_one:
            found: FirstFault = await self.ask(llm, {**values, "steps": sentences}, check=self._in_range)
            return not found.failed_step, f"{self._name(found.failed_step)}: {found.reason}" if found.failed_step else None
        for number, sentence in enumerate(sentences, 1):
            verdict: StepVerdict = await self.ask(llm, {**values, "step": sentence}, prompt=self.step_prompt)
            if not verdict.holds:
                return False, f"{self._name(number)}: {verdict.reason}"
        return True, None

    def _in_range(self, found: FirstFault) -> str | None:
        return None if found.failed_step <= len(self.steps) else f"there are {len(self.steps)} steps, and no step {found.failed_step}"

    def _name(self, number: int) -> str:
        step = self.steps[number - 1]
        return f"step {number} of {len(self.steps)}, {step.replace('_', ' ') if step in STEPS else step[:60]}"


class SolvabilityEvaluator(LLMEvaluate):
    """Say whether a question can be solved as it is written, true or false, with the reason. Follow with FlagFilter to keep the solvable ones."""

    covers = ("ReasoningQuestionSolvableSampleEvaluator",)
    source = "MathFusion (Pei et al. 2025)"
    asks = ("is this problem solvable", "flag unsolvable questions", "boolean check that a puzzle can be answered")

    input_question = Input(str)
    output_solvable = Output(bool)
    output_reason = Output(str, "solvable_reason")

    prompt: PromptTemplate[Solvability] = SolvabilityPrompt()


def _named(subject: Subject) -> str:
    return "mathematics" if subject == "mathematics" else "any subject"
