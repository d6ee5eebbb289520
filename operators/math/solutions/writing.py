"""Solutions that a model writes: one for each question, or several to vote on."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.implausible_answers import implausible
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from operators.bases.votes import DrawsSamples
from operators.core.llm import LLMGenerate
from operators.math.solutions.prompts import SolutionPrompt
from operators.tables.columns import Input, Output


class SolutionGenerator(LLMGenerate):
    r"""Write a step by step solution of each question, its answer in \boxed{}; with a gold answer, one that leads there.

    With `show_gold` the model is told the gold answer, where the row has one, and a solution that ends elsewhere is asked for again with what is
    wrong; one that still does not is set aside. Without it the gold answer is not shown: compare afterwards with GroundTruthFilter. Thoughts that
    the model keeps apart from its answer are no part of the solution. For questions of any subject: `prompt=ReasoningPrompt()`.
    """

    covers = ("ReasoningAnswerGenerator",)
    asks = ("generate chain of thought for each problem", "write worked solutions with a boxed result", "explain how to get to the known answer")
    prompt_variables = ("gold",)

    input_question = Input(str)
    input_gold = Input(str, "golden_answer", optional=True, nulls="pass")
    output_solution = Output(str)

    prompt: PromptTemplate[str] = SolutionPrompt()
    show_gold: bool = Field(False, description="Tell the model the gold answer, and ask again for solutions that end elsewhere.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest solution, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str]:
        question, gold = str(values["question"]), values["gold"]
        told = gold if self.show_gold and gold and gold.strip() else None

        def check(solution: str) -> str | None:
            if fault := implausible(solution, question):
                return fault
            if told is None:
                return None
            found = final_answer(solution)
            if found is None or not compare_answers(told, found.text).equal:
                return f"the solution ends with {found.text if found else 'no answer'}, not with {told}"
            return None

        return {"solution": await self.ask(llm, {"question": question, "gold": told}, check=check)}


class SolutionSamplesGenerator(DrawsSamples, LLMGenerate):
    """Write `samples` solutions of each question, each drawn anew, with the final answer of each beside them: for MajorityVoteEvaluator.

    A sample that failed, or that states no answer, has a null answer and is no vote. A row of which every sample failed is set aside with the first
    failure; the answers that came are in the cache.
    """

    covers = ("ReasoningPseudoAnswerGenerator",)
    source = "self-consistency (Wang et al. 2023)"
    asks = ("sample several solutions for one question", "self-consistency: many answers to one question", "pseudo labels for unlabeled problems")
    prompt_variables = ("gold",)

    input_question = Input(str)
    output_solutions = Output(list[str], description="in the order of the samples; null where one failed")
    output_answers = Output(list[str], "sampled_answers", description="the final answer of each")

    prompt: PromptTemplate[str] = SolutionPrompt()
    samples: int = Field(4, ge=1, le=1000, description="How often to ask the same question; more than once needs a temperature above 0.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest solution, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        question = str(values["question"])
        drawn = await self.draw_samples(llm, {"question": question, "gold": None}, check=lambda solution: implausible(solution, question))
        solutions = [one.answer if one is not None else None for one in drawn]
        found = [final_answer(solution) if solution is not None else None for solution in solutions]
        return {"solutions": solutions, "answers": [one.text if one is not None else None for one in found]}
