"""Conversations in which every turn belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.order import wrong_order
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages, Turn
from operators.bases.refusals import refusal_in
from operators.bases.role_marks import role_mark_in
from operators.bases.unfit_turns import alike
from operators.core.kinds import Filter

Check = Literal["order", "marks", "refusals", "repeats"]
_CHECKS: tuple[Check, ...] = ("order", "marks", "refusals", "repeats")


class CleanTurnsFilter(ReadsMessages, Filter):
    """Keep conversations of which each turn belongs where it is.

    Roles alternate and the assistant has the last word (order), no turn speaks for another role or holds tokens of a chat template (marks), the
    assistant does not refuse (refusals), and nobody says the same twice (repeats). Two turns say the same where four fifths of their words, by
    threes, are the same. The reason names the turn.
    """

    source = "what ConversationGenerator guarantees, for conversations of others"
    asks = ("drop chats in which turns repeat", "no role markers inside messages", "throw out conversations with a refusal")

    checks: tuple[Check, ...] = Field(_CHECKS, min_length=1, description="Which checks.")
    turns_back: int = Field(40, ge=1, description="With how many turns before it each is compared.")

    def keep(self, messages: Any) -> tuple[bool, str | None]:
        try:
            turns = read_turns(messages)
        except NotMessages as error:
            return False, str(error)
        fault = self._fault(turns)
        return fault is None, fault

    def _fault(self, turns: Sequence[Turn]) -> str | None:
        if not turns:
            return "has no turns"
        if "order" in self.checks and (fault := wrong_order(turns)):
            return fault
        question = ""
        for number, turn in enumerate(turns, 1):
            if fault := self._turn_fault(turn, question) or self._repeat(turns, number):
                return f"turn {number} ({turn.role}) {fault}"
            question = turn.text if turn.role == "user" else question
        return None

    def _turn_fault(self, turn: Turn, question: str) -> str | None:
        if turn.role not in ("user", "assistant"):
            return None
        if "marks" in self.checks and (mark := role_mark_in(turn.text, question, of_user=turn.role == "user")):
            return mark
        if "refusals" in self.checks and turn.role == "assistant" and (refusal := refusal_in(turn.text, question)):
            return f'refuses: "{refusal}"'
        return None

    def _repeat(self, turns: Sequence[Turn], number: int) -> str | None:
        turn = turns[number - 1]
        if "repeats" not in self.checks or turn.role not in ("user", "assistant") or not turn.text.strip():
            return None
        for other in range(number - 1, max(0, number - 1 - self.turns_back), -1):
            before = turns[other - 1]
            if before.role in ("user", "assistant") and before.text and alike(turn.text, before.text):
                return f"says the same as turn {other}"
        return None
