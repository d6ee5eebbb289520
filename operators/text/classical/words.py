"""Steps of classical information retrieval: lower case, and without numbers, punctuation or stop words. They lose information, as they are meant to;
language models are trained on text that did not go through them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Final, Self

import pyarrow as pa
from pydantic import Field, model_validator

from operators.bases.removing import remove
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input
from operators.tables.errors import closest
from operators.text.rules.stop_words import STOP_WORDS

ENGLISH_STOP_WORDS: Final = (
    "a about above after again against all am an and any are as at be because been before being below between both but by can could did do does "
    "doing down during each few for from further had has have having he her here hers herself him himself his how i if in into is it its itself "
    "just me more most my myself no nor not now of off on once only or other our ours ourselves out over own same she should so some such than "
    "that the their theirs them themselves then there these they this those through to too under until up very was we were what when where which "
    "while who whom why will with would you your yours yourself yourselves"
).split()


class Lowercase(Refine):
    """Write everything in lower case, by the rules of Unicode. For search and counting, not for training text."""

    covers = ("LowercaseRefiner",)
    source = "Unicode default case conversion"
    asks = ("make all letters small", "case fold everything", "get rid of capitals")

    input_text = Input(str)

    def refine(self, text: str) -> str:
        return text.lower()


class RemoveNumbers(Refine):
    """Remove whole numbers ("1,234.5", "-3", "12 %"), in digits of any script. Digits inside words (H2O, x2, 3D), versions, dates, times and
    superscripts stay. For search and counting, not for training text."""

    covers = ("RemoveNumberRefiner",)
    asks = ("strip digits and figures", "delete all numerals", "get rid of numeric tokens")

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"\p{Nd}", lambda value: remove(_NUMBER, value))


_PART_OF_SOMETHING = r"\w.,:/\\@#^_=+*~<>\-\u2013\u2212'\u2019"
_NUMBER = re.compile(rf"(?<![{_PART_OF_SOMETHING}])[-+\u2212]?\d+(?:[.,]\d+)*(?:[ \u00a0]?[%\u2030])?(?![\w\-/\\@^_=*~<>'\u2019]|[.,:]\w)")


class RemovePunctuation(Refine):
    """Remove punctuation of every script. The apostrophe and the hyphen inside a word ("don't", "well-known") stay unless `inside_words`; other
    marks between two words leave a space. For search and counting, not for training text."""

    covers = ("RemovePunctuationRefiner",)
    source = "Unicode general categories P"
    asks = ("strip commas, dots and quotes", "delete all special marks before tokenizing", "keep only words and spaces")

    input_text = Input(str)
    inside_words: bool = Field(False, description="Remove apostrophes and hyphens inside words as well.")

    def refine(self, text: str) -> str:
        between, others = _punctuation_patterns(self.inside_words)
        while (without := remove(others, between.sub(" ", text))) != text:
            text = without
        return text


@cache
def _punctuation_patterns(inside_words: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Punctuation between two words, and elsewhere."""
    marks = "[" + re.escape("".join(chr(code) for code in range(0x20000) if unicodedata.category(chr(code))[0] == "P")) + "]"
    if not inside_words:
        marks = rf"(?!(?<=[^\W_])['\u2019\u2010-](?=[^\W_])){marks}"
    run = rf"(?:{marks})+"
    return re.compile(rf"(?<=[^\W_]){run}(?=[^\W_])"), re.compile(run)


def _any_of(words: Iterable[str]) -> str:
    """A pattern of any of the words, longest first, by their first letters: where none of those stands, nothing else is tried."""
    rests: dict[str, list[str]] = defaultdict(list)
    for word in sorted(filter(None, words), key=len, reverse=True):
        rests[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(following)})" for first, following in rests.items())


class RemoveStopWords(Refine):
    """Remove the words that carry grammar rather than meaning; lines, case and punctuation of the others stay. `words` replaces the list.

    For search and counting, not for training text.
    """

    covers = ("RemoveStopwordsRefiner",)
    asks = ("strip filler words such as the and of", "delete function words before topic modelling", "keep content words only")

    input_text = Input(str)
    language: str = Field(
        "en", description="ISO 639-1. Not for languages without spaces between words.", json_schema_extra={"enum": [*sorted(STOP_WORDS)]}
    )
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_language(self) -> Self:
        if self.language not in STOP_WORDS:
            raise ValueError(
                f'no stop words are known for language "{self.language}". {closest(self.language, STOP_WORDS) or "Leave it out and give the words."}'
            )
        return self

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = self.words or (ENGLISH_STOP_WORDS if self.language == "en" else STOP_WORDS[self.language])
        word = rf"(?<![\w'\u2019-])(?:{_any_of(words)})(?![\w'\u2019-])"
        return re.compile(rf"{word}(?:[ ]{word})*", re.IGNORECASE)

    def refine(self, text: str) -> str:
        return remove(self._pattern, text)
