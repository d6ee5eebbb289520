"""Conversations that are well formed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.order import repeated_answer, wrong_order
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages, Turn
from operators.core.kinds import Filter


class ValidMessagesFilter(ReadsMessages, Filter):
    """Keep conversations that a chat model can be trained on: read in any published shape, a user's turn first (after a system message, if any),
    roles that alternate, no blank turn, each call of a tool with its results, the assistant last and not saying the same long text twice.

    The reason names the turn. What the texts are worth is judged by other filters: `EachTurn`.
    """

    asks = (
        "validate chat data before fine-tuning",
        "drop conversations whose roles do not alternate",
        "the last message has to be the assistant's",
        "find malformed ShareGPT rows",
    )

    min_exchanges: int = Field(1, ge=1, description="Questions of the user, at least.")
    max_exchanges: int | None = Field(None, ge=1)
    assistant_last: bool = Field(True, description="Whether the last turn has to be the assistant's. False for prompts that wait for an answer.")
    repeats: bool = Field(False, description="Whether the assistant may say the same twice.")

    def keep(self, messages: Any) -> tuple[bool, str | None]:
        try:
            turns = read_turns(messages)
        except NotMessages as error:
            return False, str(error)
        why = self._wrong(turns)
        return why is None, why

    def _wrong(self, turns: Sequence[Turn]) -> str | None:
        if not turns:
            return "has no turns"
        exchanges = sum(turn.role == "user" for turn in turns)
        if exchanges < self.min_exchanges:
            return f"has {exchanges} turns of the user, below min_exchanges = {self.min_exchanges}"
        if self.max_exchanges is not None and exchanges > self.max_exchanges:
            return f"has {exchanges} turns of the user, above max_exchanges = {self.max_exchanges}"
        return wrong_order(turns, self.assistant_last) or (None if self.repeats else repeated_answer(turns))
