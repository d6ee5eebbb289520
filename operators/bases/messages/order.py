"""What is wrong with who speaks when in a conversation, and with what is said twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from operators.bases.messages.turns import Turn

_SHORT: Final = 30
"""Characters up to which an answer may come again: "You're welcome!"."""


def wrong_order(turns: Sequence[Turn], assistant_last: bool = True) -> str | None:
    """What is wrong with who speaks when; None where nothing is."""
    pending: list[str] = []
    """The ids of calls that have no result yet; empty where the data gives none. One result without an id may be that of all calls."""
    before = "system"
    named = False
    """Whether the last result says of which call it is."""
    for number, turn in enumerate(turns, 1):
        if turn.blank and turn.role != "tool":
            return f"turn {number} ({turn.role}) is blank"
        if turn.role == "system":
            if number > 1:
                return f"turn {number} is a system message, which stands first or not at all"
            continue
        if turn.role not in _MAY_FOLLOW[before]:
            who = "the conversation begins with" if before == "system" else f"turn {number - 1} ({before}) is followed by"
            return f"{who} turn {number} ({turn.role})"
        if turn.role == "tool":
            if turn.answers and any(pending) and turn.answers not in pending:
                return f"turn {number} is the result of a call {turn.answers[:60]!r} that was not made"
            if not pending:
                return f"turn {number} is the result of one call more than were made"
            pending.remove(turn.answers if turn.answers in pending else pending[0])
            named = bool(turn.answers)
        else:
            if pending and (named or before == "calling"):
                return f"turn {number} ({turn.role}) comes before the result of a call of turn {number - 1}"
            pending = [call.id for call in turn.calls]
        before = "calling" if turn.calls else turn.role
    if assistant_last and (before != "assistant"):
        return f"the last turn is {'a call without its result' if before == 'calling' else f'of the role {turns[-1].role}'}, not an answer"
    return None


_MAY_FOLLOW = {"system": ("user",), "user": ("assistant",), "assistant": ("user",), "calling": ("tool",), "tool": ("tool", "assistant")}


def repeated_answer(turns: Sequence[Turn]) -> str | None:
    seen: dict[str, int] = {}
    for number, turn in enumerate(turns, 1):
        said = " ".join(turn.text.split()).casefold() if turn.role == "assistant" else ""
        if len(said) > _SHORT:
            first = seen.setdefault(said, number)
            if first != number:
                return f"turn {number} says the same as turn {first}"
    return None
