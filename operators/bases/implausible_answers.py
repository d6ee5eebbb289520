"""Answers that cannot be right, seen without asking anyone: cheap checks that come before a model is asked to judge."""

from __future__ import annotations

import re
from typing import Final

_STRAY_JSON: Final = re.compile(r"""\s*(?:["'`]?\s*[}\]]|["'`]\s*[,:]\s*["'{\[]|[,:]\s*["{\[])""")
"""What is left over of a JSON answer: a closing bracket that nothing opened, or a separator without anything before it."""
_CUT: Final = re.compile(r"\b(?:an?|the|and|or|between|than|your|its|their|his|my|because|into|whose)\s*$", re.IGNORECASE)
"""Words after which no question ends."""
_WRAPPED: Final = re.compile(r'\s*[{\[]\s*(?:\{\s*)?"')
"""An object, or a list of objects or texts."""


def as_said(text: str) -> str:
    """The text without what does not change what it says: case, white space, and the marks at its end."""
    return " ".join(text.split()).casefold().rstrip(" .!?。！？")


def stops_short(question: str) -> bool:
    """Whether a question ends in the middle of a sentence: models end a text of JSON where they should not.

    >>> stops_short("What is the difference between a"), stops_short("What is a?")
    (True, False)
    """
    return _CUT.search(question[-40:]) is not None


def implausible(answer: str, question: str) -> str | None:
    """What is wrong with an answer to a question, by the look of it; None where nothing is.

    >>> implausible("What is rain?", "what is rain")
    'the answer repeats the question'
    >>> implausible('"} 1) Rain is water.', "What is rain?")
    'the answer begins with stray JSON'
    >>> implausible("144", "How much is 12 times 12?")
    """
    if not answer.strip():
        return "the answer is empty"
    if as_said(answer) == as_said(question):
        return "the answer repeats the question"
    if _STRAY_JSON.match(answer):
        return "the answer begins with stray JSON"
    return None


def no_improvement(improved: str, original: str, question: str) -> str | None:
    """Why a new answer is no better than the old one, by the look of it; None where that has to be judged.

    >>> no_improvement("1", "Because the sun warms the sea, and water rises.", "Why does it rain?")
    'the answer has no word left'
    >>> no_improvement("It rains. ", "it rains", "Why is it wet?")
    'the answer is the same'
    """
    if fault := implausible(improved, question):
        return fault
    if as_said(improved) == as_said(original):
        return "the answer is the same"
    if _WRAPPED.match(improved) and not _WRAPPED.match(original):
        return "the answer begins with stray JSON"
    if not _has_letter(improved) and len(original.split()) > 3 and _has_letter(original):
        return "the answer has no word left"
    return None


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
