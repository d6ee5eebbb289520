"""Conversations that are written as one text: by a chat template, or as data sets and people write them down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from operators.asking.requests import Role
from operators.bases.messages.reading import ROLES
from operators.bases.messages.turns import NotMessages, Turn
from operators.tables.errors import closest

_BEGINNING: Final = re.compile(r"(?:\s|<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<｜begin▁of▁sentence｜>|\[gMASK\]|<sop>)*+")
_SYSTEM_OF_LLAMA_2: Final = re.compile(r"\s*<<SYS>>\n?(.*?)\n?<</SYS>>\s*", re.DOTALL)
_OTHER_ROLES: Final[dict[str, Role]] = {
    **dict.fromkeys(("[inst]", "instruction", "question", "input", "h", "q"), "user"),
    **dict.fromkeys(("[/inst]", "response", "answer", "output", "a"), "assistant"),
    **dict.fromkeys(("[system_prompt]",), "system"),
}
_LOOKED_AT: Final = 40
"""Characters before a turn."""
_GOES_ON: Final = ("input",)
"""What Alpaca calls the second half of what the user says."""


@dataclass(frozen=True, slots=True)
class _Format:
    """How the beginning of a turn is marked, with the word for who speaks, and how its end. `strips`: white space around a text is the format's.

    Of tokens one opening is enough. Words may stand anywhere: there have to be both sides, and of several formats of words the one that begins first
    is taken. What stands before the first turn is the system's message, if `has_preamble`; else nothing may. `line_feeds`: so many, at least, stand
    between two turns.
    """

    opens: re.Pattern[str]
    ends: re.Pattern[str]
    strips: bool = False
    words: bool = False
    has_preamble: bool = True
    line_feeds: int = 0

    def openings(self, text: str) -> list[re.Match[str]]:
        """Those of all turns; none where the text is not in this format."""
        found = [one for one in self.opens.finditer(text) if one.start() == 0 or _line_feeds_before(text, one.start()) >= self.line_feeds]
        if not found or (found[0].start() and not self.has_preamble):
            return []
        return found if not self.words or {_role(one) for one in found} >= {"user", "assistant"} else []


def _role(opening: re.Match[str]) -> Role | None:
    word = opening["role"].lower()
    return ROLES.get(word) or _OTHER_ROLES.get(word)


_END: Final = r"(?:</s>|<\|(?:end|endoftext|end_of_turn|eot_id)\|>)"
_NAMES: Final = "Human|User|Assistant|System|Tool|AI|Bot|Chatbot"
_NEVER: Final = re.compile("(?!)")
_FORMATS: Final = (
    # ChatML: Qwen, Yi, and most that are fine-tuned at home
    _Format(re.compile(r"<\|im_start\|>(?P<role>[\w-]{1,20})[^\S\n]{0,9}\n"), re.compile(r"<\|im_end\|>")),
    # Llama 3 and 4
    _Format(
        re.compile(r"<\|(?:start_header_id|header_start)\|>(?P<role>\w{1,20})<\|(?:end_header_id|header_end)\|>\n{0,2}"),
        re.compile(r"<\|(?:eot_id|eom_id|eot|eom|end_of_text)\|>"),
    ),
    # Gemma
    _Format(re.compile(r"<start_of_turn>(?P<role>\w{1,20})\n"), re.compile(r"<end_of_turn>")),
    # DeepSeek
    _Format(re.compile(r"<｜(?P<role>User|Assistant)｜>"), re.compile(r"<｜end▁of▁sentence｜>"), strips=True),
    # Zephyr, Tulu, Phi, GLM, OpenAssistant
    _Format(re.compile(r"<\|(?P<role>system|user|assistant|prompter|human|bot|tool|observation)\|>", re.IGNORECASE), re.compile(_END), strips=True),
    # Llama 2, Mistral
    _Format(re.compile(r"(?P<role>\[INST\]|\[/INST\]|\[SYSTEM_PROMPT\])"), re.compile(r"</s>(?:\s{0,9}<s>)?|\[/SYSTEM_PROMPT\]"), strips=True),
    # Alpaca, Guanaco
    _Format(
        re.compile(rf"###[ \t]?(?P<role>{_NAMES}|Instruction|Input|Question|Response|Answer|Output)[ \t]?:"),
        re.compile(_END),
        strips=True,
        words=True,
    ),
    # Vicuna
    _Format(re.compile(r"(?:(?<![^\s>])|(?<=</s>))(?P<role>SYSTEM|USER|ASSISTANT):"), re.compile(_END), strips=True, words=True),
    # Anthropic's HH-RLHF, and as people write it down
    *(
        _Format(
            re.compile(rf"(?:\A|(?<=\n))[ \t]{{0,9}}(?P<role>{_NAMES}|H|A|Q)[ \t]?:", re.IGNORECASE),
            _NEVER,
            strips=True,
            words=True,
            has_preamble=False,
            line_feeds=count,
        )
        for count in (2, 1)
    ),
)


def _line_feeds_before(text: str, place: int) -> int:
    before = text[max(0, place - _LOOKED_AT) : place]
    return before[len(before.rstrip()) :].count("\n")


def written_turns(text: str) -> list[Turn]:
    """The turns of a conversation that is one text.

    >>> [(turn.role, turn.text) for turn in written_turns("Human: Is it warm?" + chr(10) * 2 + "Assistant: Yes.")]
    [('user', 'Is it warm?'), ('assistant', 'Yes.')]

    Raises:
        NotMessages: it is written in no way that is known, or a turn of it cannot be read.
    """
    text = text[_BEGINNING.match(text).end() :]  # type: ignore[union-attr]  # it matches nothing too
    found = ((form, openings) for form in _FORMATS if (openings := form.openings(text)))
    form, openings = next(found, (None, []))
    if form is not None and form.words:
        form, openings = min(((form, openings), *found), key=lambda one: one[1][0].start())
    if form is not None:
        turns = list(_turns(text, openings, form))
        if len(turns) > 1 and not turns[-1].text.strip():  # where the assistant would answer
            turns.pop()
        return turns
    raise NotMessages("is text in which no turns are marked: neither by a chat template nor by names such as User: and Assistant:")


def _turns(text: str, openings: list[re.Match[str]], form: _Format) -> Iterator[Turn]:
    if preamble := text[: openings[0].start()].strip():
        yield Turn("system", preamble)
    waiting: Turn | None = None
    for number, opening in enumerate(openings, 1):
        end = openings[number].start() if number < len(openings) else len(text)
        word = opening["role"].lower()
        said = _said(text[opening.end() : end], form, number)
        if word in _GOES_ON and waiting is not None and waiting.role == "user":
            waiting = Turn("user", "\n\n".join(filter(None, (waiting.text, said))))
            continue
        if waiting is not None:
            yield waiting
        role = _role(opening)
        if role is None:
            raise NotMessages(f'turn {number} has the role "{opening["role"]}", which is not known. {closest(word, ROLES)}'.rstrip())
        if word == "[inst]" and (system := _SYSTEM_OF_LLAMA_2.match(said)):
            yield Turn("system", system[1])
            said = said[system.end() :]
        waiting = Turn(role, said)
    if waiting is not None:
        yield waiting


def _said(written: str, form: _Format, number: int) -> str:
    ended = form.ends.search(written)
    if ended is None:
        return written.strip() if form.strips else written.rstrip("\n")
    if beside := form.ends.sub("", written[ended.end() :]).strip():
        raise NotMessages(f"turn {number}: {beside[:40]!r} stands behind its end")
    said = written[: ended.start()]
    return said.strip() if form.strips else said
