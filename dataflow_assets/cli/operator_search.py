"""Finding operators by the words that a user has for them."""

from __future__ import annotations

import functools
import inspect
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from dataflow_assets.cli.operator_facts import EVERY_OPERATOR
from dataflow_assets.cli.operator_tasks import task_of

if TYPE_CHECKING:
    from operators.core.operator import Operator

_WISHES, _NAME, _REST, _OTHER_WORD = 3.0, 2.0, 1.0, 0.5
"""How much a word counts, by where it stands; the last where only another word for it does."""

_SHORT: Final = 3
"""A word of no more letters stands for no longer one that begins like it."""

_FEW: Final = 5
"""Where fewer operators than this have all words, others fill up."""

_WORD: Final = re.compile(r"\w+")
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GRAMMAR: Final = frozenset(
    "a an and any are as at be by do does for from has have how i in into is it its me my of off on or our please so than that the their them"
    " then they this to too up very we what where which who with".split()
)
"""Words of a wish that say nothing of what is wished; the search goes on without them where others are left."""

_SAME: Final = tuple(
    frozenset(group.split())
    for group in (
        "anonymize anonymise hide mask redact pseudonymize scrub",
        "answer completion output reply response",
        "append concat concatenate merge stack union",
        "choose keep only pick select",
        "clean delete discard drop erase remove rid strip throw",
        "collection corpora corpus dataset table",
        "compute count measure",
        "create generate invent make produce synthesize write",
        "different diverse diversity varied variety",
        "document page text",
        "duplicate copies copy",
        "equal exact identical same",
        "error fault mistake",
        "example record row sample",
        "fix mend repair correct",
        "grade judge rate rating score",
        "hyperlink link url",
        "instruction prompt question",
        "least minimum",
        "maximum most",
        "mail email",
        "paraphrase rephrase rewrite reword",
        "percent percentage share tenth",
        "profanity swear vulgar",
        "refusal refuse decline",
        "loop repeat repetition repetitive",
        "broken corrupt garbled wrong invalid malformed",
        "whitespace space blank",
    )
)
"""Words that users take for each other when they speak of tables of texts."""


class Found(NamedTuple):
    having_all: list[type[Operator]]
    """Those that have all words of the wish, the best match first."""
    nearest: list[type[Operator]]
    """Where there are few of those: others that have most of the words, the best match first."""


def search(operators: Sequence[type[Operator]], wish: str) -> Found:
    """The operators that have all words of a wish, in any order, best first; where few have, also those that have most.

    The words are looked for in the wishes that an operator declares (`asks`), its name, task, description, parameters, source and reference names.
    Plural and singular are one word, and so are the forms of a verb; a longer word that begins like the one wished counts too, and less so another
    word for the same. A word counts the more, the fewer operators have it, and most where it stands in a wish.
    """
    wished = set(_words(wish))
    words = sorted({word for word in wished if word not in _GRAMMAR and not word.isdigit()} or wished)
    places = {cls: [_place(word, cls) for word in words] for cls in operators}
    rarity = [math.log(1 + len(operators) / (1 + sum(places[cls][at] > 0 for cls in operators))) for at in range(len(words))]

    def said(cls: type[Operator], most: float) -> float:
        return sum(weight * min(most, place) for weight, place in zip(rarity, places[cls], strict=True))

    ranked = sorted(operators, key=lambda cls: (said(cls, _REST), said(cls, _WISHES)), reverse=True)
    having_all = sorted((cls for cls in operators if all(places[cls])), key=lambda cls: said(cls, _WISHES), reverse=True)
    others = [cls for cls in ranked if any(places[cls]) and not all(places[cls])]
    return Found(having_all, others[: max(0, _FEW - len(having_all))])


def _place(word: str, cls: type[Operator]) -> float:
    """What a word counts in an operator; 0 where it has neither the word nor another for it."""
    root, others = stem(word), _other_words(stem(word))
    exact = next((weight for weight, known in _vocabulary(cls) if root in known or (len(root) > _SHORT and root in _beginnings(known))), 0.0)
    if exact:
        return exact
    return _OTHER_WORD * next((weight for weight, known in _vocabulary(cls) if not known.isdisjoint(others)), 0.0)


@functools.cache
def _beginnings(known: frozenset[str]) -> frozenset[str]:
    """Of more letters than `_SHORT`, all that these words begin with."""
    return frozenset(word[:letters] for word in known for letters in range(_SHORT + 1, len(word)))


@functools.cache
def _other_words(root: str) -> frozenset[str]:
    groups = [frozenset(stem(word) for word in group) for group in _SAME]
    return frozenset().union(*(group for group in groups if root in group))


@functools.cache
def _vocabulary(cls: type[Operator]) -> tuple[tuple[float, frozenset[str]], ...]:
    """The stems of the words in its wishes, its name, and all the rest, each with what they count."""
    parameters = [name for name in cls.model_fields if name not in EVERY_OPERATOR]
    rest = " ".join((task_of(cls), inspect.getdoc(cls) or "", *parameters, cls.source, *cls.covers))
    texts = {_WISHES: " ".join(cls.asks), _NAME: cls.__name__, _REST: rest}
    return tuple((weight, frozenset(map(stem, _words(text)))) for weight, text in texts.items())


def _words(text: str) -> list[str]:
    """Words in lower case; names such as MinHashDedup and min_words whole, and their parts."""
    found: list[str] = []
    for word in _WORD.findall(text):
        parts = _PARTS.findall(word) if not (word.islower() and "_" not in word) else []
        found += [word.lower(), *(part.lower() for part in parts if len(parts) > 1)]
    return found


def stem(word: str) -> str:
    """A word without the ending of a plural or a verb: "copies" and "copy", "dropping" and "drop", "lines" and "line" are one."""
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and word[-2] != "s":
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3:
            word = root[:-1] if root[-1] == root[-2] and root[-1] not in "ls" else root
    return word.rstrip("e") if len(word) > 3 else word
