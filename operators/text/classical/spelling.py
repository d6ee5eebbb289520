"""Spelling, stems."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from pydantic import Field

from operators.bases.code_spans import code_spans, inside
from operators.core.kinds import Refine
from operators.tables.columns import Input

_WORD: Final = re.compile(r"(?<![\w@/.:#'’\\-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w@/:\\-]|\.\w|['’]\w)")


class CorrectSpelling(Refine):
    """Correct English words that no dictionary has, by the nearest frequent word. Case, punctuation and line breaks stay; so do words with capitals
    (names, acronyms), with digits, short ones, and those of addresses, paths and code spans.

    A word that the dictionary has is never changed, so a second time changes nothing. Rare technical words may be unknown: keep `max_edits` small.
    """

    covers = ("SpellingCorrectionRefiner",)
    source = "SymSpell (Garbe 2012), with its frequency dictionary of 82,765 English words"
    packages = ("symspellpy",)
    extra = "text"

    input_text = Input(str)
    max_edits: Literal[1, 2] = Field(1, description="Letters to add, drop, change or swap.")
    min_length: int = Field(4, ge=2, description="Shorter words have too many neighbours.")

    def refine(self, text: str) -> str:
        code = code_spans(text)
        dictionary = _dictionary(self.max_edits)
        return _WORD.sub(lambda match: match.group() if inside(match.start(), code) else self._corrected(match.group(), dictionary), text)

    def _corrected(self, word: str, dictionary: Any) -> str:
        known = dictionary.words
        if len(word) < self.min_length or not word.isascii() or not word.isalpha() or not word[1:].islower() or not word[0].islower():
            return word
        if word in known:
            return word
        suggestions = dictionary.lookup(word, importlib.import_module("symspellpy").Verbosity.TOP, max_edit_distance=self.max_edits)
        best = suggestions[0].term if suggestions else word
        return best if best.isalpha() else word


@cache
def _dictionary(max_edits: int) -> Any:
    dictionary = importlib.import_module("symspellpy").SymSpell(max_dictionary_edit_distance=max_edits, prefix_length=7)
    with resources.as_file(resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt") as path:
        dictionary.load_dictionary(path, 0, 1)
    return dictionary


StemmingLanguage = Literal[
    "ar", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "nl", "no", "pt", "ro", "ru", "sv", "ta", "tr"
]  # fmt: skip
_SNOWBALL: Final = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


class StemWords(Refine):
    """Cut words down to their stems ("running" to "run"), where they stand: lines, punctuation and spaces stay. Words become lower-case.
    For search and counting, not for training text.

    A stem is stemmed until it does not change any more, so a second time changes nothing.
    """

    covers = ("StemmingLemmatizationRefiner",)
    source = "Snowball (Porter 2001)"
    packages = ("snowballstemmer",)
    extra = "text"

    input_text = Input(str)
    language: StemmingLanguage = "en"

    def refine(self, text: str) -> str:
        stem = stemmer(self.language)
        return _LETTERS.sub(lambda match: stem(match.group().lower()), text)


_LETTERS = re.compile(r"[^\W\d_]+")


@cache
def stemmer(language: StemmingLanguage) -> Callable[[str], str]:
    """The function that stems one lower-case word of a language. Needs the extra [text]."""
    once = importlib.import_module("snowballstemmer").stemmer(_SNOWBALL[language]).stemWord

    @cache
    def stem(word: str) -> str:
        seen = []
        while word not in seen:
            seen.append(word)
            word = once(word)
        return min(seen[seen.index(word) :])

    return stem
