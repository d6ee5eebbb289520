"""Words that any honest text of a language has, and a filter that asks for them."""

from __future__ import annotations

from typing import Final, Self

import numpy as np
from pydantic import Field, model_validator

from operators.bases.statistics.measure import measured
from operators.engine.batch import Mask
from operators.kernels.text_statistics import MOST_MEMBERS, Members, TextStatistics
from operators.kernels.word_lists import GOPHER_STOP_WORDS
from operators.tables.errors import closest
from operators.text.language.function_words import FUNCTION_WORDS, UNSPACED
from operators.text.language.rows import Codes, are_all, are_among
from operators.text.rules.language_rule import LanguageRule

_MOST = 20
"""Gopher has eight words for English. Other languages have more forms of "the" and "to have"."""

STOP_WORDS: Final[dict[str, tuple[str, ...]]] = {
    language: GOPHER_STOP_WORDS if language == "en" else words if language == "ko" else words[:_MOST] for language, words in FUNCTION_WORDS.items()
}
"""By ISO 639-1 code. English: the eight of Gopher's rule. Korean: all, as most of its function words are endings of others."""


class StopWordsFilter(LanguageRule):
    """Keep texts with at least two different stop words of their language: lists of names, keywords and codes have none.

    `language` holds all texts against one list, and `words` against one of your own. Case, and punctuation around a word, do not count. In Chinese,
    Japanese and Thai the words are looked for anywhere, since no spaces part them. It has no say on languages without a list.
    """

    covers = ("StopWordFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("is it natural language at all", "throw out keyword lists without real sentences", "must have common words like the and is")

    language: str = Field("", description="ISO 639-1, instead of each text's own.", json_schema_extra={"enum": ["", *sorted(STOP_WORDS)]})
    words: tuple[str, ...] = Field((), max_length=MOST_MEMBERS)
    min_distinct: int = Field(2, ge=0)
    min_share: float = Field(0.0, ge=0, le=1, description="Stop words over all words.")

    @model_validator(mode="after")
    def _known_language(self) -> Self:
        if self.language and self.language not in STOP_WORDS:
            advice = closest(self.language, STOP_WORDS) or "give the words"
            raise ValueError(f'no stop words are known for language "{self.language}", only for {", ".join(sorted(STOP_WORDS))}. {advice}')
        return self

    def has_say(self, text: TextStatistics, language: Codes) -> Mask:
        return are_among(language, STOP_WORDS)

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        if self.words:
            found, of = text.members(self.words), "given"
        elif self.language or self.strict:
            of = self.language or "en"
            found = _stop_words_of(text, of)
        else:
            found, of = _stop_words_in(text, language), "the language"
        distinct, occurrences = measured(text, f"different stop words of {of}", found.distinct), measured(text, "stop words", found.occurrences)
        return (distinct >= self.min_distinct) & (occurrences / text.words >= self.min_share)

    @property
    def asks_for_languages(self) -> bool:
        return not (self.strict or self.words or self.language)


def _stop_words_in(text: TextStatistics, languages: Codes) -> Members:
    """Each text's words of its own language."""
    if are_all(languages, "en"):
        return text.members(GOPHER_STOP_WORDS)
    present = set(languages.tolist()) & set(STOP_WORDS)
    counts = np.zeros((2, len(languages)), np.int64)
    for language in sorted(present):
        rows = languages == language
        counts[:, rows] = _stop_words_of(text.filter(rows), language)
    return Members(*counts)


def _stop_words_of(text: TextStatistics, language: str) -> Members:
    words = STOP_WORDS[language]
    if language not in UNSPACED:
        return text.members(words)
    each = [np.asarray(text.phrases((word,)).occurrences) for word in words]
    return Members(np.sum(each, axis=0), np.sum([occurrences > 0 for occurrences in each], axis=0))
