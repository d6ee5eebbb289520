"""Rule filters of lines, paragraphs and repetition."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics
from operators.text.rules.statistics_filter import StatisticsFilter


class DuplicateLinesFilter(StatisticsFilter):
    """Drop texts that repeat their own lines, by number or by the characters in them."""

    source = "Gopher (Rae et al. 2021), table A1"

    max_share: float = Field(0.3, ge=0, le=1)
    max_character_share: float = Field(0.2, ge=0, le=1)
    count_line_breaks: bool = Field(True, description="Line breaks are characters of the text (Gopher); FineWeb leaves them out.")

    def keep(self, text: TextStatistics) -> Mask:
        whole = text.characters if self.count_line_breaks else text.characters - text.line_feeds
        lines, characters = text.duplicate_lines / text.lines, text.duplicate_line_characters / whole
        return (lines <= self.max_share) & (characters <= self.max_character_share)


class DuplicateParagraphsFilter(StatisticsFilter):
    """Drop texts that repeat their own paragraphs, by number or by the characters in them."""

    source = "Gopher (Rae et al. 2021), table A1"

    max_share: float = Field(0.3, ge=0, le=1)
    max_character_share: float = Field(0.2, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        paragraphs, characters = text.duplicate_paragraphs / text.paragraphs, text.duplicate_paragraph_characters / text.characters
        return (paragraphs <= self.max_share) & (characters <= self.max_character_share)


class NGramRepetitionFilter(StatisticsFilter):
    """Drop texts that repeat word n-grams: one of 2 to 4 words too often, or too much of the text in any of 5 to 10 words. Short texts repeat
    nothing, so they stay; unless `count_single`.

    The shares are of all characters, for n = 2, 3, 4 and n = 5 ... 10.
    """

    covers = ("NgramFilter",)
    source = "Gopher (Rae et al. 2021), table A1"

    max_top_shares: tuple[float, float, float] = (0.20, 0.18, 0.16)
    max_duplicate_shares: tuple[float, float, float, float, float, float] = (0.15, 0.14, 0.13, 0.12, 0.11, 0.10)
    count_single: bool = Field(
        False,
        description="The most frequent n-gram counts even where it occurs once (it is the first one then), as in the letter of Gopher's definition: "
        "texts of a few long words are dropped.",
    )

    def keep(self, text: TextStatistics) -> Mask:
        characters = text.characters
        mask: Mask = np.ones(len(text), np.bool_)
        for n, share in enumerate(self.max_top_shares, start=2):
            top = getattr(text, f"top_{n}_gram_characters")
            mask &= top / characters <= share
            if self.count_single:
                mask &= (np.asarray(top) > 0) | (getattr(text, f"first_{n}_gram_characters") / characters <= share)
        for n, share in enumerate(self.max_duplicate_shares, start=5):
            mask &= getattr(text, f"duplicate_{n}_gram_characters") / characters <= share
        return mask


class TerminalPunctuationFilter(StatisticsFilter):
    """Keep texts in which enough lines end like a sentence, of any script.

    FineWeb takes no closing quotes or brackets after the mark: `quoted=False`.
    """

    source = "FineWeb (Penedo et al. 2024)"

    min_share: float = Field(0.12, ge=0, le=1)
    quoted: bool = True

    def keep(self, text: TextStatistics) -> Mask:
        lines = text.terminal_lines + text.quoted_terminal_lines if self.quoted else text.terminal_lines
        return lines / text.lines >= self.min_share


class ShortLinesFilter(StatisticsFilter):
    """Drop texts of mostly short lines: menus, tables, forms."""

    source = "FineWeb (Penedo et al. 2024)"

    max_share: float = Field(0.67, ge=0, le=1)
    characters: int = Field(30, ge=1, description="The longest short line.")

    def keep(self, text: TextStatistics) -> Mask:
        return text.lines_up_to(self.characters) / text.lines <= self.max_share


class LineBreaksFilter(StatisticsFilter):
    """Drop texts with many line breaks for their words: lists."""

    source = "FineWeb (Penedo et al. 2024)"

    max_per_word: float = Field(0.3, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return text.line_feeds / text.words <= self.max_per_word
