"""The text of an exercise as two turns, with a placeholder where each of its figures stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PLACEHOLDER: Final = "<image>"
_FIGURE: Final = re.compile(r"!\[(?:\\.|[^\]\\])*\]\((?:<(?P<marked>[^>\n]*)>|(?P<plain>[^()\s]*))\)")
_GAPS: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the user and the assistant say, and the targets of the figures that stand in it, one for each placeholder, in their order."""

    question: str
    reply: str
    of_question: tuple[str, ...]
    of_reply: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Targets of figures that are not shown."""

    @property
    def turns(self) -> list[dict[str, str]]:
        return [{"role": "user", "content": self.question}, {"role": "assistant", "content": self.reply}]

    @property
    def figures(self) -> tuple[str, ...]:
        return self.of_question + self.of_reply


def conversation_of(question: str, answer: str | None, solution: str | None, has: Callable[[str], bool]) -> Conversation:
    """The question as the user says it, answer and solution as the assistant does. Figures of which `has` says no are taken out of the text.

    Raises:
        ValueError: there is no question, or neither an answer nor a solution.
    """
    left_out: list[str] = []
    asked, of_question = _with_placeholders(question, has, left_out)
    if not asked.strip():
        raise ValueError("the question is empty")
    replies = [text.strip() for text in (answer, solution) if text is not None and text.strip()]
    if not replies:
        raise ValueError("there is neither an answer nor a solution")
    reply, of_reply = _with_placeholders("\n\n".join(dict.fromkeys(replies)), has, left_out)
    if not reply.strip():
        raise ValueError("there is neither an answer nor a solution")
    return Conversation(asked, reply, of_question, of_reply, tuple(dict.fromkeys(left_out)))


def _with_placeholders(text: str, has: Callable[[str], bool], left_out: list[str]) -> tuple[str, tuple[str, ...]]:
    """The text with each figure as a placeholder, and their targets. A placeholder that the text itself holds is none of ours and goes."""
    targets: list[str] = []

    def placed(match: re.Match[str]) -> str:
        target = match["marked"] if match["marked"] is not None else match["plain"]
        if not has(target):
            left_out.append(target)
            return ""
        targets.append(target)
        return PLACEHOLDER

    made = _FIGURE.sub(placed, text.replace(PLACEHOLDER, ""))
    return (_GAPS.sub("\n\n", made).strip() if left_out else made), tuple(targets)
