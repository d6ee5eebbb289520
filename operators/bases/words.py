"""Words, sentences and syllables, and how often runs of words are repeated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from operators.bases.pieces import MARKS

_WITHOUT_SPACES = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_LETTERS = rf"[^\W_{_WITHOUT_SPACES}](?:[^\W_{_WITHOUT_SPACES}]|[{MARKS}])*"
_WORD = re.compile(rf"[{_WITHOUT_SPACES}]|{_LETTERS}(?:['’]{_LETTERS})*")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？｡؟۔।]+|\n\s*\n")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_ENDING = re.compile(r"[^aeiouyl]e$|[^aeioudty]ed$|[^aeiouysxzcg]es$|[aeiouy]{2}l?e$")
_SEPARATE_VOWELS = re.compile(r"ia(?!l$|n$)|io(?!n|us)|iu|eo(?![up])|ua|creat(?!ur)|(?<=[aeiouy][^aeiouy])ea$|[^q]uo|ying|ism$|[^l]ien|[aeiouy]ing$")


def words(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, with their accents, vowel signs and inner apostrophes. In scripts without spaces each
    character is a word."""
    return _WORD.findall(text)


def folded_words(text: str) -> list[str]:
    """`words`, with case folded, so that "The" is "the"."""
    return words(text.casefold())


def distinct_share(units: Sequence[str], n: int) -> float | None:
    """Different runs of `n` units over all such runs, above 0 (all the same) to 1 (none twice); None where there is no run.

    >>> distinct_share("so so so so".split(), 2), distinct_share(["short"], 2)
    (0.3333333333333333, None)
    """
    runs = [tuple(units[at : at + n]) for at in range(len(units) - n + 1)]
    return len(set(runs)) / len(runs) if runs else None


def sentences(text: str) -> int:
    """How many sentences a text has: runs between sentence ends that contain a word, so at least one where there is a word."""
    return sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))


@lru_cache(maxsize=65536)
def syllables(word: str) -> int:
    """Syllables of an English word by its vowel groups, at least one; within one of the dictionary's for nearly all words."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    groups = len(_VOWELS.findall(word)) + len(_SEPARATE_VOWELS.findall(word))
    if _SILENT_ENDING.search(word) and not word.endswith(("le", "les")):
        groups -= 1
    return max(1, groups)
