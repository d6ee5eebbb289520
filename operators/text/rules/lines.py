"""Rule filters of lines, paragraphs and repetition."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from operators.bases.statistics.filter import StatisticsFilter
from operators.bases.statistics.measure import measured
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics
from operators.text.language.facts import SHORT_LINE_FACTORS
from operators.text.language.rows import Codes
from operators.text.rules.language_rule import LanguageRule, SentenceRule


class DuplicateLinesFilter(StatisticsFilter):
    """Drop texts that repeat their own lines, by number or by the characters in them. Rulers and blank quotes repeat nothing."""

    source = "Gopher (Rae et al. 2021), table A1"
    asks = ("pages with the same line many times", "throw out internal repetition line by line", "nav text repeated within a document")

    max_share: float = Field(0.3, ge=0, le=1)
    max_character_share: float = Field(0.2, ge=0, le=1)
    count_line_breaks: bool = Field(True, description="Line breaks are characters of the text (Gopher); FineWeb leaves them out.")
    strict: bool = Field(False, description="As published: lines without a letter or digit count like others.")

    def keep(self, text: TextStatistics) -> Mask:
        whole = text.characters if self.count_line_breaks else text.characters - text.line_feeds
        if self.strict:
            lines, characters = text.duplicate_lines / text.lines, text.duplicate_line_characters / whole
        else:
            lines = (text.duplicate_lines - text.duplicate_mark_lines) / (text.lines - text.mark_lines)
            characters = (text.duplicate_line_characters - text.duplicate_mark_line_characters) / whole
        return (lines <= self.max_share) & (characters <= self.max_character_share)


class DuplicateParagraphsFilter(StatisticsFilter):
    """Drop texts that repeat their own paragraphs, by number or by the characters in them. Rulers repeat nothing."""

    source = "Gopher (Rae et al. 2021), table A1"
    asks = ("the same block appears twice within a document", "throw out spam with copied paragraphs")

    max_share: float = Field(0.3, ge=0, le=1)
    max_character_share: float = Field(0.2, ge=0, le=1)
    strict: bool = Field(False, description="As published: paragraphs without a letter or digit count like others.")

    def keep(self, text: TextStatistics) -> Mask:
        if self.strict:
            paragraphs, characters = text.duplicate_paragraphs / text.paragraphs, text.duplicate_paragraph_characters / text.characters
        else:
            paragraphs = (text.duplicate_paragraphs - text.duplicate_mark_paragraphs) / (text.paragraphs - text.mark_paragraphs)
            characters = (text.duplicate_paragraph_characters - text.duplicate_mark_paragraph_characters) / text.characters
        return (paragraphs <= self.max_share) & (characters <= self.max_character_share)


class NGramRepetitionFilter(StatisticsFilter):
    """Drop texts that repeat word n-grams: one of 2 to 4 words too often, or too much of the text in any of 5 to 10 words. Short texts repeat
    nothing, so they stay; unless `count_single`.

    The shares are of all characters, for n = 2, 3, 4 and n = 5 ... 10.
    """

    covers = ("NgramFilter",)
    source = "Gopher (Rae et al. 2021), table A1"
    asks = ("repetitive spam with the same phrases", "Gopher repetition rules on phrases", "throw out text that loops over word sequences")

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


class TerminalPunctuationFilter(SentenceRule):
    """Keep texts in which enough lines end like a sentence, of any script. No say on Thai, which marks no ends.

    FineWeb takes no closing quotes or brackets after the mark: `quoted=False`.
    """

    source = "FineWeb (Penedo et al. 2024)"
    asks = ("lines should end in a full stop", "throw out headlines and listings without periods", "share of proper sentence endings")

    min_share: float = Field(0.12, ge=0, le=1)
    quoted: bool = True

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        lines = text.terminal_lines + text.quoted_terminal_lines if self.quoted else text.terminal_lines
        return lines / text.lines >= self.min_share


class ShortLinesFilter(LanguageRule):
    """Drop texts of mostly short lines: menus, tables, forms. In Chinese, Japanese and Korean a line is short at a third or half of `characters`."""

    source = "FineWeb (Penedo et al. 2024)"
    asks = ("throw out texts that are mostly a menu", "navigation lists and link collections", "lines with only a few characters")

    max_share: float = Field(0.67, ge=0, le=1)
    characters: int = Field(30, ge=1, description="The longest short line.")

    def has_say(self, text: TextStatistics, language: Codes) -> Mask:
        return np.ones(len(language), np.bool_)

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        short = np.array(text.lines_up_to(self.characters))
        for code in sorted(set(language.tolist()) & set(SHORT_LINE_FACTORS)):
            rows = language == code
            short[rows] = text.filter(rows).lines_up_to(round(self.characters * SHORT_LINE_FACTORS[code]))
        return measured(text, "short_lines", short) / text.lines <= self.max_share


class LineBreaksFilter(StatisticsFilter):
    """Drop texts with many line breaks for their words: lists."""

    source = "FineWeb (Penedo et al. 2024)"
    asks = ("too many newlines", "text chopped into one word per row", "poetry-like layout with hardly any words per line")

    max_per_word: float = Field(0.3, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return text.line_feeds / text.words <= self.max_per_word
