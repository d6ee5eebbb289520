"""Answers in words: yes and no, days, "no solution"; and texts that say the same in other spellings."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.math_answers.numbers import Quantity
from operators.bases.math_answers.reading import Value, Words
from operators.bases.math_answers.verdicts import EQUAL, Comparison

_OPPOSITES: Final = tuple(
    frozenset(words.split())
    for words in (
        "yes no",
        "true false",
        "even odd neither",
        "always sometimes never",
        "increasing decreasing",
        "positive negative zero",
        "rational irrational",
        "convergent divergent",
        "converges diverges",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april may june july august september october november december",
        "red orange yellow green blue purple black white brown pink",
        "是 否",
        "对 错",
    )
)
_SAME_WORDS: Final = {
    spelling: meaning
    for meaning, spellings in {
        "no solution": "none|no solutions|no real solution|no real solutions|empty set|\\emptyset|does not exist|undefined|dne|无解",
        "true": "right|correct|正确|对",
        "false": "wrong|incorrect|错误|错",
        "all real numbers": "all reals|\\mathbb{r}|(-\\infty,\\infty)|(-\\infty,+\\infty)|x\\in\\mathbb{r}|-\\infty<x<\\infty",
    }.items()
    for spelling in spellings.split("|")
}
_NO_SOLUTION: Final = re.compile(r"(?:there are |there is |it has )?no (?:\w+[ -]){0,2}(?:solutions?|values?|roots?|zeros?|answers?)(?: exists?)?")
_ARTICLES: Final = re.compile(r"\b(?:the|an?|is|are|it|they)\b|[.,;:!?\"'()\-]")


def compare_words(one: Value, other: Value, first: str, second: str) -> Comparison:
    texts = known(plain(first)), known(plain(second))
    if texts[0] == texts[1] and texts[0]:
        return EQUAL
    for words in _OPPOSITES:
        if texts[0] in words and texts[1] in words:
            return Comparison("different", f"{second}, not {first}")
    if isinstance(one, Words) != isinstance(other, Words):
        number, word = (other, texts[0]) if isinstance(one, Words) else (one, texts[1])
        is_known = word == "no solution" or any(word in words for words in _OPPOSITES)
        if is_known and isinstance(number, Quantity):
            return Comparison("different", "a number beside a word")
        return Comparison("cannot tell", f"{second} beside {first}")
    if all(len(text.split()) == 1 and text.isascii() for text in texts):
        return Comparison("different", f"{second}, not {first}")
    return Comparison("cannot tell", "words that are not the same")


def plain(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.casefold()).split())


def known(text: str) -> str:
    """One text for those that say the same: "None", "\\emptyset"."""
    if _NO_SOLUTION.fullmatch(text.casefold()):
        return "no solution"
    return _SAME_WORDS.get(text.casefold(), text)
