"""What a score is, for every way of scoring: the columns that summaries and reports read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from operators.tables.columns import Output

SCORE_COLUMNS: Final[dict[str, Output]] = {
    "right": Output(bool, "right", description="null where nothing can be said: no reference, or no notion of right (a text)"),
    "score": Output(float, "score", description="1 or 0, or a share from 0 to 1; of a text its perplexity; null where nothing can be said"),
    "said": Output(str, "answer_read", description="what was read as the answer"),
    "reason": Output(str, "score_reason", description="why it is so scored"),
    "by": Output(str, "scored_by", description="the measure"),
}


@dataclass(frozen=True, slots=True)
class Score:
    right: bool | None
    score: float | None
    said: str | None
    reason: str

    def by(self, measure: str) -> dict[str, Any]:
        return {"right": self.right, "score": self.score, "said": self.said, "reason": self.reason, "by": measure}


def wrong(reason: str, said: str | None = None) -> Score:
    """No credit: also for what could not be read, so that a model gains nothing by not answering."""
    return Score(False, 0.0, said, reason)


def unknown(reason: str) -> Score:
    """Nothing can be said of the answer; the row counts neither as right nor as wrong."""
    return Score(None, None, None, reason)
