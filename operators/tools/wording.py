"""How much of one text stands in another: names, numbers, telling words."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.implausible_answers import as_said
from operators.bases.stated_numbers import digits_in, numbers_in

LENIENCE: Final = 1.5
"""Of the words that a text should have at most: models count badly."""
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r"[\"“”'‘](\w[^\"“”'‘’\n]{1,60})[\"“”'’]")
_BLANKS: Final = re.compile(r"\[[A-Za-z][^\]\n]{0,40}\]|<[A-Za-z][\w -]{0,40}>|\{[A-Za-z]\w{0,30}\}|_{3,}|\bXX+\b|\bexample\.com\b")
_NAMED: Final = re.compile(r"\d|(?<=[a-z,;:] )[A-Z][a-z]|[^\x00-\x7f]")
_TO_THE_PERSON: Final = re.compile(
    r"\b(?:(?:do|would|did) you (?:need|want|like|prefer|have in mind)|do you have any \w* ?(?:instructions|preferences|requirements|restrictions)"
    r"|are you (?:trying|looking|planning|interested)"
    r"|your (?:needs|preferences|budget)"
    r"|how (?:can|may) i (?:help|assist)|i(?:'ll| will| can(?:'t|not)?) (?:help you|assist (?:you|with))"
    r"|you(?:'d| would) like to|(?:let me|i need to) know more"
    r"|let me know (?:if|whether|what) you (?:need|want|would|prefer|like)|more information so (?:that )?i can (?:help|assist))\b",
    re.IGNORECASE,
)
_SHORTEST_TELLING: Final = 4


def telling_words(text: str) -> set[str]:
    """Its words of four letters or more, by their first five, so that an ending does not count; of other alphabets, pairs of characters."""
    words = _WORD.findall(as_said(text))
    pairs = {word[place : place + 2] for word in words if not word.isascii() for place in range(len(word) - 1)}
    return pairs | {word[:5] for word in words if word.isascii() and len(word) >= _SHORTEST_TELLING}


def overlap(one: str, other: str) -> float:
    """Telling words of both over telling words of either, 0 to 1 (Jaccard)."""
    first, second = telling_words(one), telling_words(other)
    return len(first & second) / len(first | second) if first | second else float(as_said(one) == as_said(other))


def share_kept(of: str, in_: str) -> float:
    """The share of the telling words of one text that the other has."""
    wanted = telling_words(of)
    return len(wanted & telling_words(in_)) / len(wanted) if wanted else 1.0


def lost_detail(original: str, rewritten: str) -> str | None:
    """The first number, or text between quotation marks, that a rewritten text has lost; None where it has all."""
    kept = numbers_in(rewritten)
    for number in sorted(digits_in(original) - kept):
        return f"{number:g}"
    plain = as_said(rewritten)
    return next((quoted for quoted in _QUOTED.findall(original) if as_said(quoted) not in plain), None)


def blank(text: str) -> str | None:
    """A place that was left to be filled in: "[name]", "<date>", "____"."""
    found = _BLANKS.search(text)
    return found.group() if found else None


def has_detail(text: str) -> bool:
    """Whether a text names anything: a number, a name inside a sentence. Writing without capitals passes."""
    return _NAMED.search(text) is not None


def asks_the_person(text: str) -> str | None:
    """Words by which an assistant asks the person back, where the person was to ask."""
    found = _TO_THE_PERSON.search(text)
    return found.group() if found else None
