"""Lemmas: words as a dictionary has them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, Literal

from pydantic import Field

from operators.core.kinds import Refine
from operators.tables.columns import Input

LemmaLanguage = Literal[
    "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "gl", "hu", "id", "it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "ru",
    "sk", "sl", "sv", "tr", "uk",
]  # fmt: skip
_WORD: Final = re.compile(r"(?<!\w)(?<!\w['’-])[^\W\d_]{2,}(?!\w)(?!['’-]\w)")


class LemmatizeWords(Refine):
    """Write words as a dictionary has them ("mice" to "mouse", "ran" to "run", "better" to "good"), where they stand: lines, punctuation and spaces
    stay, and so do single letters and words with an apostrophe, a hyphen or a digit. For search and counting, not for training text.

    By a dictionary of inflected forms of all parts of speech, so that no tagger is needed; a form of two words ("saw") is read as the more frequent
    one. A lemma that is a form of another word is looked up again, so a second time changes nothing. StemWords needs no dictionary.
    """

    covers = ("StemmingLemmatizationRefiner",)
    source = "Simplemma (Barbaresi 2021), dictionaries of Lemmatization Lists and Universal Dependencies"
    asks = ("reduce words to their base form", "lemmatization with a dictionary", "turn plurals into singulars")
    packages = ("simplemma",)
    extra = "text"

    input_text = Input(str)
    language: LemmaLanguage = Field("en", description="ISO 639-1.")

    def refine(self, text: str) -> str:
        lemma = _lemmatizer(self.language)
        return _WORD.sub(lambda match: lemma(match.group()), text)


@cache
def _lemmatizer(language: str) -> Callable[[str], str]:
    lemmatize = importlib.import_module("simplemma").lemmatize

    @lru_cache(maxsize=65_536)
    def lemma(word: str) -> str:
        seen: list[str] = []
        while word not in seen:
            seen.append(word)
            found = lemmatize(word, lang=language)
            word = found if _WORD.fullmatch(found) else word
        return min(seen[seen.index(word) :])

    return lemma
