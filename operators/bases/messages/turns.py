"""What a conversation is here, whatever shape it came in."""

from __future__ import annotations

from dataclasses import dataclass

from operators.asking.requests import Role


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the assistant calls. `arguments` is JSON text; `id` is empty where the data gives none."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says at once: its text, and beside it what the model thought, which tools it calls, or which call a tool answers."""

    role: Role
    text: str
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""
    """The id of the call that the result of a tool belongs to."""

    @property
    def blank(self) -> bool:
        return not self.text.strip() and not self.calls


class NotMessages(ValueError):
    """A value that is no conversation; the message says which turn is wrong and why."""
