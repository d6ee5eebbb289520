"""Which facts of a text a rewriting lost, added or moved."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal

from pydantic import BaseModel

from operators.bases.pieces import UNSPACED
from operators.knowledge.facts.reading import Fact, Kind, Reading, read_facts

KINDS: Final[tuple[Kind, ...]] = ("number", "date", "name", "negation", "address", "wording")
_MOST_TOLD: Final = 20
_FEW_WORDS: Final = 2
"""So many new words are no other wording, however short the text is: a contraction was written out, a word was spelt right."""


class FactDifference(BaseModel):
    """One fact that is not in both texts as often, or not at the same place among the others."""

    change: Literal["lost", "added", "moved"]
    kind: str
    fact: str

    def __str__(self) -> str:
        return f"{self.change} {self.kind}: {self.fact}"


def fact_differences(
    before: str,
    after: str,
    kinds: Sequence[Kind] = KINDS,
    both_ways: bool = True,
    max_new_words: float = 0.1,
    min_kept_words: float = 0.3,
) -> list[FactDifference]:
    """What a rewriting changed, at most twenty differences; nothing where it kept the facts, each as often and in the same order.

    Args:
        before: the text that was rewritten.
        after: what became of it.
        kinds: what is compared. An address may be lost, but not added.
        both_ways: whether nothing may be lost; without it what the rewriting says has to stand in the text, in its order.
        max_new_words: for "wording": the share of the new text's words that may be new; two may always be. Both ways, no word may be new of a
            script that has spaces and no capitals (Arabic, Hebrew, Hindi, Korean, ...), where nothing tells a name from another word.
        min_kept_words: for "wording" both ways: the share of the old text's words that have to be left.

    >>> [str(one) for one in fact_differences("Ada walked 5 km on Monday.", "Ada walked 5 m on Monday.")]
    ['lost number: 5km', 'added number: 5m']
    >>> [str(one) for one in fact_differences("Ada beat Bob.", "Bob beat Ada.")]
    ['moved name: ada stands where bob stood']
    """
    if before == after:
        return []
    one, other = read_facts(before), read_facts(after)
    found = [*_of_facts(one, other, kinds, both_ways)]
    if "wording" in kinds:
        found += _of_wording(one, other, max_new_words, min_kept_words if both_ways else 0.0)
        found += _of_words_without_capitals(one, other) if both_ways else []
    return found[:_MOST_TOLD]


def _of_facts(one: Reading, other: Reading, kinds: Sequence[Kind], both_ways: bool) -> Iterator[FactDifference]:
    old, new = ([fact for fact in reading.facts if fact.kind in kinds] for reading in (one, other))
    lost = [fact for fact in _more(old, new) if fact.kind != "address"] if both_ways else []
    added = list(_more(new, old))
    yield from (FactDifference(change="lost", kind=fact.kind, fact=fact.text) for fact in lost)
    yield from (FactDifference(change="added", kind=fact.kind, fact=fact.text) for fact in added)
    if not lost and not added and (moved := _moved(old, new)):
        stood, stands = moved
        yield FactDifference(change="moved", kind=stands.kind, fact=f"{stands.text} stands where {stood.text} stood")


def _more(facts: Sequence[Fact], others: Sequence[Fact]) -> Iterator[Fact]:
    """What stands in `facts` more often, in the order in which it stands there first."""
    more = Counter(facts) - Counter(others)
    return (fact for fact in dict.fromkeys(facts) if more[fact])


def _moved(old: Sequence[Fact], new: Sequence[Fact]) -> tuple[Fact, Fact] | None:
    """The first fact of the new text that does not follow as it does in the old one, from which facts may be left out; and what stood there."""
    at = 0
    ordered_old = [fact for fact in old if fact.kind != "address"]
    for fact in new:
        if fact.kind == "address":
            continue
        start = at
        while at < len(ordered_old) and ordered_old[at] != fact:
            at += 1
        if at == len(ordered_old):
            return (ordered_old[min(start, len(ordered_old) - 1)], fact)
        at += 1
    return None


def _of_wording(one: Reading, other: Reading, max_new: float, min_kept: float) -> Iterator[FactDifference]:
    common = sum((Counter(one.words) & Counter(other.words)).values())
    new = len(other.words) - common
    kept = common / len(one.words) if one.words else 1.0
    if new > max(_FEW_WORDS, max_new * len(other.words)):
        yield FactDifference(change="added", kind="wording", fact=f"{new / len(other.words):.0%} of the words are new")
    if kept < min_kept:
        yield FactDifference(change="lost", kind="wording", fact=f"{kept:.0%} of the words are left")
    if characters := _exchanged(one.unspaced, other.unspaced):
        yield FactDifference(change="added", kind="wording", fact=characters)


def _of_words_without_capitals(one: Reading, other: Reading) -> list[FactDifference]:
    """The words that are new in scripts with spaces and without capitals, unless nothing but the spaces is."""
    old, new = ([word for word in reading.words if _has_no_capitals(word)] for reading in (one, other))
    if "".join(old) == "".join(new):
        return []
    known = set(old)
    return [FactDifference(change="added", kind="wording", fact=word) for word in dict.fromkeys(new) if word not in known]


def _has_no_capitals(word: str) -> bool:
    return unicodedata.category(word[0]) == "Lo" and re.match(f"[{UNSPACED}]", word) is None


def _exchanged(old: str, new: str) -> str:
    """Characters with other neighbours than before on both sides: a word was exchanged, where no space parts words and no capital marks names."""
    known = set(pairwise(f" {old} "))
    return "".join(
        character
        for before, character, after in zip(f" {new}", new, f"{new[1:]} ", strict=False)
        if character != " " and (before, character) not in known and (character, after) not in known and (before, after) != (" ", " ")
    )[:20]
