"""Turns that do not fit into their conversation, seen without asking anyone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from operators.bases.implausible_answers import as_said, implausible
from operators.bases.messages.turns import Turn
from operators.bases.refusals import refusal_in
from operators.bases.role_marks import role_mark_in

_SHORTEST: Final = 12
"""Characters up to which a turn may come again: "Thank you!"."""
_WORDS_COMPARED: Final = 3
_DESCRIBES: Final = re.compile(
    r"\A\W*(?:the (?:person|user|conversation|subject)\b|you (?:are|want|need to|have (?:tried|been|already))\b|message \d|what the person"
    r"|how the conversation)",
    re.IGNORECASE,
)
_ASSISTANT: Final = re.compile(r"\A\W*(?:i(?:'m| am) sorry,? but i\b|i apologi[sz]e\b|as an ai\b|(?:sure|certainly|of course)[,!.])", re.IGNORECASE)
_ALIKE: Final = 0.8
"""Runs of three words that two turns have in common, over those of the longer one, from which on they say the same."""


def unfit(text: str, role: Literal["user", "assistant"], before: Sequence[Turn], about: str = "") -> str | None:
    """What is wrong with the next turn of a conversation, in words that the model that wrote it is told; None where nothing is.

    It is empty, holds marks of a prompt, speaks for the other side, says what an earlier turn said, or, of the assistant, refuses.

    Args:
        text: the turn.
        role: who says it.
        before: the turns before it.
        about: what the conversation is about, where it may be about language models or dialogues.
    """
    other = "user" if role == "assistant" else "assistant"
    question = next((turn.text for turn in reversed(before) if turn.role == other), "")
    if fault := implausible(text, question if role == "assistant" else ""):
        return fault
    if mark := role_mark_in(text, f"{about}\n{question}"):
        return f"it {mark}"
    if role == "assistant" and (refusal := refusal_in(text, f"{about}\n{question}")):
        return f'it refuses: "{refusal}"'
    twin = next((number for number, turn in enumerate(before, 1) if turn.text and alike(text, turn.text)), None)
    return f"it says the same as turn {twin}" if twin else None


def no_message_of_a_person(message: str) -> str | None:
    """Why a message is none that a person would send to an assistant, by how it begins, in words for the model that plays the person."""
    if _DESCRIBES.match(message):
        return "it describes the person: write the message itself, in the first person"
    if _ASSISTANT.match(message):
        return "it is what an assistant says: write what the person asks or tells the assistant"
    return None


def alike(one: str, other: str) -> bool:
    """Whether two turns say the same, but for the case, the marks and a few words."""
    first, second = as_said(one), as_said(other)
    if min(len(first), len(second)) <= _SHORTEST:
        return first == second and len(first) > _SHORTEST
    if first == second:
        return True
    runs, others = _runs(first), _runs(second)
    return min(len(runs), len(others)) >= _WORDS_COMPARED and len(runs & others) >= _ALIKE * max(len(runs), len(others))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[place : place + _WORDS_COMPARED]) for place in range(len(words) - _WORDS_COMPARED + 1)}
