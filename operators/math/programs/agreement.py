"""Whether the programs come to the answer of the solution: as columns, and as a filter."""

from __future__ import annotations

from pydantic import Field

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.math.solutions.voting import told, vote_on
from operators.tables.columns import Input, Output


class ComparesPrograms(Operator, abstract=True):
    """Reads an answer, or a solution that states one, and the answers of programs; of several programs, that of their majority."""

    input_solution = Input(str)
    input_program_answers = Input(list[str], description="the answers that programs computed; null of one that has none")

    needed: float = Field(0.5, ge=0, lt=1, description="Share of the programs' votes that their answer has to exceed.")

    def agreement(self, solution: str, program_answers: list[str | None]) -> tuple[str, str]:
        found = final_answer(solution)
        if found is None:
            return "no answer", "the solution states no answer"
        vote = vote_on(program_answers, self.needed)
        if vote.winner is None:
            return ("no program answer" if vote.outcome == "no votes" else f"programs: {vote.outcome}"), told(vote)
        compared = compare_answers(found.text, vote.winner)
        outcome = {"equal": "agree", "different": "disagree", "cannot tell": "cannot tell"}[compared.verdict]
        return outcome, f"{found.text} by the solution, {told(vote)} by programs"


class ProgramAgreementEvaluator(ComparesPrograms, Evaluate):
    """Say whether programs come to the answer of the solution.

    The column says agree, disagree, cannot tell, no answer (of the solution), no program answer, or how the programs' own vote ended.
    """

    source = "PAL (Gao et al. 2023) as a check"
    asks = ("does the code agree with the reasoning", "compare program result and chain of thought", "flag solutions that code contradicts")

    output_agreement = Output(str, "program_agreement")
    output_reason = Output(str, "program_agreement_reason")

    def evaluate(self, solution: str, program_answers: list[str | None]) -> tuple[str, str]:
        return self.agreement(solution, program_answers)


class ProgramAgreementFilter(ComparesPrograms, Filter):
    """Keep rows in which programs come to the answer of the solution; the others are set aside with both answers."""

    source = "PAL (Gao et al. 2023) as a check"
    asks = ("keep answers confirmed by a program", "drop solutions that disagree with code", "double check math by execution")

    def keep(self, solution: str, program_answers: list[str | None]) -> tuple[bool, str]:
        outcome, reason = self.agreement(solution, program_answers)
        return outcome == "agree", f"{outcome}: {reason}"
