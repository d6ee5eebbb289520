"""Rules of the characters of a source file: letters, data written as text, comments."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import Field

from operators.bases.statistics.measure import measured
from operators.code.language.files import FileLanguages, FileNames
from operators.code.language.languages import names_of_kind
from operators.code.rules.source_rule import SourceRule, SourceStatisticsFilter
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics

MADE_OF_NUMBERS: Final = frozenset({"Motorola 68K Assembly", "WebAssembly"})
"""Languages of which digits are as much a part as letters."""


class CompositionFilter(SourceRule):
    """Keep source files of which enough characters are letters; in assembly languages of numbers, letters or digits. An empty file has no say."""

    covers = ("CodeTextCompositionFilter",)
    source = "StarCoder2 (Lozhkov et al. 2024)"
    asks = ("throw out files of numbers and symbols", "enough alphabetic characters in code", "data tables that pass for source")

    min_letters: float = Field(0.25, ge=0, le=1)
    min_alphanumeric: float = Field(0.25, ge=0, le=1, description="In Motorola 68K Assembly and WebAssembly.")

    def has_say(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        return np.asarray(text.characters) > 0

    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        numbers = language.among(MADE_OF_NUMBERS)
        letters = measured(text, "min_letters", np.where(numbers, 0.0, self.min_letters))
        both = measured(text, "min_alphanumeric", np.where(numbers, self.min_alphanumeric, 0.0))
        return (text.letters / text.characters >= letters) & ((text.letters + text.digits) / text.characters >= both)


class EncodedDataFilter(SourceStatisticsFilter):
    """Drop source files that are mostly data written as text, or that hold a long piece of it: base64, bytes in hexadecimal, escaped characters.

    A run of base64 has capitals, small letters and digits, and no line break in it: lists of words and long names are none. Each of the three kinds
    is held against `max_share`.
    """

    covers = ("CodeEncodedDataFilter",)
    source = "StarCoder2 (Lozhkov et al. 2024)"
    asks = ("throw out files with embedded base64 images", "binary data in hex arrays", "unicode escape tables instead of programs")

    max_share: float = Field(0.5, ge=0, le=1)
    max_run: int = Field(1024, ge=0, description="Characters of the longest run.")

    def keep(self, text: TextStatistics) -> Mask:
        mask = text.longest_encoded <= self.max_run
        for encoded in (text.base64_characters, text.hexadecimal_characters, text.escape_characters):
            mask &= encoded / text.characters <= self.max_share
        return mask


class CommentShareFilter(SourceRule):
    """Keep source files with some comments, and with more than comments: their characters over all. Python's docstrings are comments.

    It has no say on languages whose comments nobody knows, on data and on prose.
    """

    source = "SantaCoder (Ben Allal et al. 2023): comments to code"
    asks = ("keep well documented code", "files that are nothing but commented out code", "ratio of comments to code")

    min_share: float = Field(0.01, ge=0, le=1)
    max_share: float = Field(0.8, ge=0, le=1)

    def has_say(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        return (language.syntax() > 0) & language.among(names_of_kind("code"))

    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        share = text.comment_characters(language.syntax()) / text.characters
        return (share >= self.min_share) & (share <= self.max_share)
