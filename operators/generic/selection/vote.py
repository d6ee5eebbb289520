"""Filters by the outcome of a vote."""

from __future__ import annotations

from pydantic import Field

from operators.core.kinds import Filter
from operators.tables.columns import Input


class MajorityVoteFilter(Filter):
    """Keep questions whose vote has a majority of at least `min_share`; ties and the rest are rejected with their votes."""

    asks = ("drop questions where samples disagree", "reject ties in the vote", "keep only confident pseudo labels")

    input_outcome = Input(str, "vote_outcome")
    input_share = Input(float, "vote_share")
    input_votes = Input(str, "votes", optional=True, nulls="pass")

    min_share: float = Field(0.0, ge=0, le=1, description="Smallest share of the votes that the answer has.")

    def keep(self, outcome: str, share: float, votes: str | None) -> tuple[bool, str]:
        beside = f" ({votes})" if votes else ""
        if outcome != "majority":
            return False, f"{outcome}{beside}"
        return share >= self.min_share, f"{share:.2g} of the votes, below min_share = {self.min_share:g}{beside}"
