"""What several answers to one question come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.votes import Vote, count_votes
from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output


def vote_on(answers: Sequence[str | None], needed: float, least: int = 1) -> Vote[str]:
    """Answers that say the same vote together: 1/2 and 0.5, 2x+2 and 2(x+1). Empty ones are no votes."""
    given = [answer if answer and answer.strip() else None for answer in answers]
    return count_votes(given, needed, lambda one, other: compare_answers(one, other).equal, least)


def told(vote: Vote[str]) -> str:
    """ "12: 3, 14: 1, no answer: 1"."""
    counts = [f"{answer if len(answer) <= 60 else answer[:57] + '...'}: {count}" for answer, count in vote.votes]
    return ", ".join([*counts, *([f"no answer: {vote.abstained}"] if vote.abstained else [])]) or "no votes"


class MajorityVoteEvaluator(Evaluate):
    """Vote on the sampled answers of each question: the answer of the majority, with the votes, and a solution that reaches it.

    Answers that are proven equal vote together. The winner has to exceed the share `needed` of the votes, and to have `least` of them; the outcome
    is majority, no majority, tie, too few votes or no votes, and without a majority there is no answer. Where the row also has answers that programs
    computed, they vote apart: the outcome is a majority only where both have one and agree, else "programs disagree" or "no program answer".
    """

    covers = ("ReasoningPseudoAnswerGenerator",)
    source = "self-consistency (Wang et al. 2023); programs as a second way: PAL (Gao et al. 2023)"
    asks = ("majority vote over sampled answers", "pick the most frequent result", "agree between program and chain of thought")

    input_answers = Input(list[str], "sampled_answers")
    input_solutions = Input(list[str], optional=True, nulls="pass", description="the solutions of these answers, in the same order")
    input_program_answers = Input(list[str], optional=True, nulls="pass")
    output_answer = Output(str, "voted_answer", description="null without a majority")
    output_outcome = Output(str, "vote_outcome")
    output_share = Output(float, "vote_share", description="of the votes, those for the answer of most votes, 0 to 1")
    output_votes = Output(str, "votes", description="each answer with its votes")
    output_agreeing = Output(list[str], "agreeing_solutions", description="the solutions that reach the answer")
    output_solution = Output(str, "voted_solution", description="the first of them")

    needed: float = Field(0.5, ge=0, lt=1, description="Share of the votes that the winner has to exceed; 0 lets the answer of most votes win.")
    least: int = Field(2, ge=1, description="Votes that the winner needs; where fewer answers were asked for, all of them.")

    def evaluate(self, answers: list[str | None], solutions: list[str | None] | None, program_answers: list[str | None] | None) -> dict[str, Any]:
        vote = vote_on(answers, self.needed, self.least)
        outcome: str = vote.outcome
        votes = told(vote)
        if program_answers is not None and outcome == "majority":
            of_programs = vote_on(program_answers, self.needed)
            votes = f"{votes}; programs: {told(of_programs)}"
            if of_programs.winner is None:
                outcome = "no program answer" if of_programs.outcome == "no votes" else f"programs: {of_programs.outcome}"
            elif not compare_answers(str(vote.winner), of_programs.winner).equal:
                outcome = "programs disagree"
        winner = vote.winner if outcome == "majority" else None
        agreeing = self._agreeing(winner, answers, solutions)
        return {
            "answer": winner,
            "outcome": outcome,
            "share": vote.share,
            "votes": votes,
            "agreeing": agreeing,
            "solution": agreeing[0] if agreeing else None,
        }

    def _agreeing(self, winner: str | None, answers: Sequence[str | None], solutions: Sequence[str | None] | None) -> list[str]:
        if winner is None or solutions is None:
            return []
        pairs = zip(answers, solutions, strict=False)
        return [solution for answer, solution in pairs if answer and solution and compare_answers(winner, answer).equal]
