"""Whether the final answer of a solution is the gold answer: as columns, and as a filter."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from operators.bases.math_answers.verdicts import Comparison
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.tables.columns import Input, Output


class FinalAnswerEvaluator(Evaluate):
    r"""Find the final answer of a solution, as it is written there, and say by what it was found: a box, a marker, or its last line.

    Looked for are the last \boxed{} (boxes beside each other are one answer), what follows "the answer is", "Answer:", "####", "答案是" and the like,
    an option, and the last line that holds a value. Null where there is none. Nothing of the answer is changed: "a+b" stays "a+b".
    """

    covers = ("ReasoningAnswerExtractionQwenMathEvalGenerator",)
    asks = ("pull the boxed result out of a solution", "extract the final number from a chain of thought", "get the answer after ####")

    input_solution = Input(str)
    output_final_answer = Output(str)
    output_found_by = Output(str, "answer_found_by", description="boxed, marker or last line")

    def evaluate(self, solution: str) -> tuple[str | None, str | None]:
        found = final_answer(solution)
        return (found.text, found.found_by) if found is not None else (None, None)


class ComparesAnswers(Operator, abstract=True):
    """Reads a solution, or its answer alone, and the gold answer."""

    input_solution = Input(str)
    input_gold = Input(str, "golden_answer", nulls="pass", description="an answer, or a solution that marks its answer")
    input_options = Input(list[str], optional=True, nulls="pass", description="of a multiple choice, in the order of their letters")

    def compared(self, solution: str, gold: str | None, options: list[str] | None) -> Comparison:
        if gold is None or not gold.strip():
            return Comparison("cannot tell", "there is no gold answer")
        found = final_answer(solution)
        if found is None:
            return Comparison("cannot tell", "the solution has no final answer")
        return compare_answers(gold, found.text, options or ())


class AnswerComparisonEvaluator(ComparesAnswers, Evaluate):
    """Say whether the final answer of a solution equals the gold answer: equal, different or cannot tell, and why.

    Numbers, fractions, percentages, units, lists, intervals and choices are compared exactly, formulas at points, sets and relations by math-verify,
    each pair in less than two seconds whatever is written in it. What cannot be proven either way is told apart from what is wrong.
    """

    asks = ("mark each solution right or wrong", "compare predicted and reference results symbolically", "grade math outputs without a judge model")

    output_verdict = Output(str, "answer_verdict", description="equal, different or cannot tell")
    output_reason = Output(str, "answer_verdict_reason")

    def evaluate(self, solution: str, gold: str | None, options: list[str] | None) -> tuple[str, str]:
        compared = self.compared(solution, gold, options)
        return compared.verdict, compared.reason


class GroundTruthFilter(ComparesAnswers, Filter):
    """Keep solutions whose final answer is proven to equal the gold answer. What cannot be told is rejected as such, not as wrong.

    Where questions without a gold answer are in the table too, divide them off with PresentFilter, or let them pass: `without_gold="keep"`. To keep
    rows on which two ways to the answer agree, bind `input_gold` to the other answer: that of a vote, of a program.
    """

    covers = ("ReasoningAnswerGroundTruthFilter",)
    asks = ("keep only solutions with the correct result", "drop wrong chains of thought", "verify generated answers against the gold label")

    without_gold: Literal["reject", "keep"] = Field("reject", description="What to do with rows whose gold answer is null or empty.")

    def keep(self, solution: str, gold: str | None, options: list[str] | None) -> tuple[bool, str]:
        if self.without_gold == "keep" and (gold is None or not gold.strip()):
            return True, ""
        compared = self.compared(solution, gold, options)
        return compared.equal, f"{compared.verdict}: {compared.reason}"
