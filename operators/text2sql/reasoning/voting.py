"""What several ways to a query come to, by what their queries give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from operators.bases.votes import Vote, count_votes
from operators.core.kinds import Evaluate
from operators.databases.execution import Execution, NotExecuted, Rows
from operators.databases.serving import DatabaseServing, DatabaseUnavailable
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.text2sql.agreement import executed
from operators.text2sql.equivalence import Mode, orders_rows, same_answer
from operators.text2sql.replies import sql_of
from operators.text2sql.trees import query_tree


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to a query, the query, and what that gives on the database and on each instance of its test suite."""

    reasoning: str
    sql: str
    answers: tuple[Execution, ...]
    ordered: bool
    dialect: str

    @property
    def runs(self) -> bool:
        return isinstance(self.answers[0], Rows)

    @property
    def says_nothing(self) -> bool:
        return all(not isinstance(answer, Rows) or answer.is_empty for answer in self.answers)

    def like(self, other: Candidate, mode: Mode) -> bool:
        """Whether both give the same wherever both run. Empty answers show nothing: then the queries have to be the same."""
        if self.says_nothing or other.says_nothing:
            return self._normal == other._normal
        pairs = zip(self.answers, other.answers, strict=True)
        compared = [(one, two) for number, (one, two) in enumerate(pairs) if not number or isinstance(one, Rows)]
        return all(same_answer(one, two, mode, self.ordered and other.ordered) for one, two in compared)

    @property
    def _normal(self) -> str:
        return query_tree(self.sql, self.dialect).sql(normalize=True, comments=False)


class SQLVoteEvaluator(Evaluate):
    """Vote on the sampled reasonings of each question by what their queries give: the reasoning and the query of the majority, with the votes.

    Each reasoning's last whole query is executed, on the database and on every instance of it; queries with the same answers everywhere
    vote together: rows as often as they come, and in order where both queries order them. What does not run, or has no whole query, is no vote. Two
    empty answers are the same only where the queries are. The winner has to exceed the share `needed` of the votes; the outcome is majority, no
    majority, tie or no votes, and without a majority there is no winner. Where the row has the right query, a majority for another answer is
    "majority against the gold query". Follow with MajorityVoteFilter.
    """

    covers = ("Text2SQLCoTVotingGenerator",)
    source = "self-consistency by execution (Wang et al. 2023; Li et al. 2025)"
    asks = ("vote on chain of thought by execution result", "self-consistency for SQL", "pick the reasoning most samples agree on")
    needs = ("database",)

    input_reasonings = Input(list[str], "sampled_reasonings")
    input_db_id = Input(str)
    input_gold_sql = Input(str, "sql", optional=True, nulls="pass", description="the right query")
    output_reasoning = Output(str, "reasoning", description="the first that votes with the majority; null without one")
    output_sql = Output(str, "voted_sql", description="its query")
    output_outcome = Output(str, "vote_outcome")
    output_share = Output(float, "vote_share", description="of the votes, those for the answer of most votes, 0 to 1")
    output_votes = Output(str, "votes", description="a query for each answer, with its votes")

    database: str = Field("database", description="The resource that holds the databases.")
    needed: float = Field(0.5, ge=0, lt=1, description="Share of the votes that the winner has to exceed; 0 lets the answer of most votes win.")
    mode: Mode = Field("spider", description="What of two answers must agree: see SQLAgreementFilter.")

    def evaluate(self, reasonings: list[str | None], db_id: str, gold_sql: str | None, database: DatabaseServing) -> dict[str, Any]:
        try:
            dialect = database.schema(db_id).dialect
        except DatabaseUnavailable as error:
            raise RowFailed(str(error)) from None
        found = [(reasoning, sql_of(reasoning, dialect) if reasoning else None) for reasoning in reasonings]
        golds = [gold_sql] if gold_sql else []
        queries = [sql for _, sql in found if sql is not None]
        answers = executed(database, db_id, [*golds, *queries], dialect)
        for of_one in answers:
            if isinstance(of_one[0], NotExecuted) and of_one[0].is_no_fault:
                raise RowFailed(str(of_one[0]))
        candidates = [
            Candidate(str(reasoning), sql, tuple(given), orders_rows(sql, dialect), dialect)
            for (reasoning, sql), given in zip([one for one in found if one[1] is not None], answers[len(golds) :], strict=True)
            if sql is not None
        ]
        voting: list[Candidate | None] = [one for one in candidates if one.runs]
        voting += [None] * (len(reasonings) - len(voting))
        vote = count_votes(voting, self.needed, lambda one, other: one.like(other, self.mode))
        outcome: str = vote.outcome
        if vote.winner is not None and gold_sql:
            gold = Candidate("", gold_sql, tuple(answers[0]), orders_rows(gold_sql, dialect), dialect)
            if not gold.runs:
                raise RowFailed(f"the gold query has no answer ({gold.answers[0]})")
            if not _agrees(gold, vote.winner, self.mode):
                outcome = "majority against the gold query"
        winner = vote.winner if outcome == "majority" else None
        return {
            "reasoning": winner.reasoning if winner else None,
            "sql": winner.sql if winner else None,
            "outcome": outcome,
            "share": vote.share,
            "votes": _told(vote),
        }


def _agrees(gold: Candidate, winner: Candidate, mode: Mode) -> bool:
    """As the gold query says: in order where it orders."""
    pairs: Sequence[tuple[Execution, Execution]] = list(zip(gold.answers, winner.answers, strict=True))
    return all(same_answer(one, two, mode, gold.ordered) for number, (one, two) in enumerate(pairs) if not number or isinstance(one, Rows))


def _told(vote: Vote[Candidate]) -> str:
    """ "SELECT count(*) FROM singer: 2; SELECT 1: 1; no answer: 1"."""
    counts = [f"{' '.join(one.sql.split())[:120]}: {count}" for one, count in vote.votes]
    return "; ".join([*counts, *([f"no answer: {vote.abstained}"] if vote.abstained else [])]) or "no votes"
