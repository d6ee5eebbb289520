"""Rules of the size and the lines of a source file."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import Field

from operators.bases.statistics.measure import measured
from operators.code.language.files import FileLanguages, FileNames
from operators.code.rules.source_rule import SourceRule, SourceStatisticsFilter
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics

LONG_LINES: Final = frozenset({"HTML", "JSON", "Markdown", "Roff", "Roff Manpage", "SMT", "TeX", "Text", "XML"})
"""Languages that are often written in long lines: only the longest line is held against `max_longest_of_text`."""


class SourceSizeFilter(SourceStatisticsFilter):
    """Keep source files of a sensible size."""

    covers = ("CodeDocumentQualityFilter",)
    source = "RefineCode (Huang et al. 2024)"
    asks = ("skip empty and gigantic source files", "limit the size of programs", "nothing longer than a hundred thousand characters")

    min_characters: int = Field(50, ge=0)
    max_characters: int = Field(100_000, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return (text.characters >= self.min_characters) & (text.characters <= self.max_characters)


class SourceWordsFilter(SourceStatisticsFilter):
    """Keep source files of a sensible number of words, as spaces part them. To count them costs more than `SourceSizeFilter` does: put it later."""

    covers = ("CodeDocumentQualityFilter",)
    source = "RefineCode (Huang et al. 2024)"
    asks = ("minimum number of words in a script", "source files with hardly any tokens", "programs of too few words")

    min_words: int = Field(10, ge=0)
    max_words: int = Field(100_000, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return (text.words >= self.min_words) & (text.words <= self.max_words)


class LineLengthFilter(SourceRule):
    """Drop source files of too many lines, or of long ones: minified code, data in one line.

    The mean is over all lines, blank ones too. In languages of long lines (HTML, JSON, Markdown, TeX, Text, XML ...) only the longest line counts.
    """

    covers = ("CodeLengthSampleFilter",)
    source = "The Stack v2 (Lozhkov et al. 2024)"
    asks = ("throw out minified JavaScript", "code with extremely long lines", "files with more than a hundred thousand lines")

    max_lines: int = Field(100_000, ge=1)
    max_mean: float = Field(100, gt=0, description="Characters of a line, in the mean.")
    max_longest: int = Field(1000, ge=1, description="Characters of the longest line.")
    max_longest_of_text: int = Field(100_000, ge=1, description="The same, in the languages of long lines.")

    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        lines = measured(text, "all lines", np.asarray(text.lines) + np.asarray(text.blank_lines))
        long = language.among(LONG_LINES)
        longest = measured(text, "max_longest", np.where(long, self.max_longest_of_text, self.max_longest))
        mean = measured(text, "max_mean", np.where(long, np.inf, self.max_mean))
        return (lines <= self.max_lines) & (text.line_characters / lines <= mean) & (text.longest_line <= longest)
