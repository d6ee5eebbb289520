"""Which options an answer chooses: by their letters, or by what one of them says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from operators.bases.answer_overlap import answer_units
from operators.bases.math_answers.extraction import final_answer
from operators.evaluation.formats.options import LETTERS

_TAIL: Final = 10_000
_SHORT: Final = 400
_MARKED: Final = re.compile(
    r"(?:\banswers?\b|\boptions?\b|\bchoices?\b|\bones?\b|答案|选)[*_ \t]*(?:is|are|为|是)?[*_ \t]*[:：]?\s*(?P<said>[^\n]{1,200})", re.IGNORECASE
)
_MARKUP: Final = re.compile(r"\\(?:boxed|text|mathbf|mathrm)(?![a-z])|[*_$\\{}\[\]\"'`]")
_ONE: Final = re.compile(r"\(?([A-Z])\)?(?:[.。]?|[).:：、．,]\s*\S.*|\s+(?:is|because|seems|would)\b.*)", re.DOTALL)
_SMALL: Final = re.compile(r"\(?([a-z])\)?[.。]?")
_SEVERAL: Final = re.compile(r"\(?[A-Z]\)?(?:(?:\s|[,;/&、，和]|\band\b)*\(?[A-Z]\)?)*[.。]?")


def chosen(answer: str, options: Sequence[str], several: bool = False) -> tuple[int, ...] | None:
    """The places, counted from 0, of the options that an answer chooses; None where it chooses none.

    What it states as its answer counts, not a letter on the way there: "A good choice is C" chooses C. A single capital at the beginning of a
    sentence ("A dog ...") is no choice. An answer without letters chooses the one option that it repeats.

    Args:
        answer: what the model said, thoughts included.
        options: the contents of the options, in the order of their letters.
        several: whether more than one may be chosen.

    >>> chosen("A good choice is C", ["x", "y", "z"]), chosen("Answer: A, C", ["x", "y", "z"], several=True), chosen("I do not know", ["x", "y"])
    ((2,), (0, 2), None)
    """
    known = LETTERS[: len(options)]
    text = answer[-_TAIL:].rpartition("</think>")[2].strip()
    for said in _stated(text):
        letters = _letters(said, known, several)
        if letters:
            return letters
    repeated = [place for place, option in enumerate(options) if answer_units(option) in (answer_units(said) for said in _stated(text))]
    return tuple(repeated) if len(repeated) == 1 else None


def _stated(text: str) -> list[str]:
    """What an answer may state as its choice, the most telling first: all of it where it is short, what follows its last markers, its
    final answer, its last line and its first."""
    found = [text] if len(text) <= _SHORT else []
    found += [marked["said"].strip() for marked in reversed(list(_MARKED.finditer(text)))]
    last = final_answer(text)
    if last is not None:
        found.append(last.text)
    lines = text.splitlines() or [""]
    found += [lines[-1], lines[0]]
    return [said for said in found if said]


def _letters(said: str, known: str, several: bool) -> tuple[int, ...] | None:
    plain = _MARKUP.sub("", said).strip()
    if several and _SEVERAL.fullmatch(plain):
        letters = [letter for letter in plain.replace("and", "") if letter in LETTERS]
        return tuple(sorted({known.index(letter) for letter in letters})) if all(letter in known for letter in letters) else None
    one = _ONE.fullmatch(plain) or _SMALL.fullmatch(plain)
    letter = one[1].upper() if one is not None else ""
    return (known.index(letter),) if letter and letter in known else None
