"""The published rule sets for web text, with the thresholds of their papers: tuples of filters, to be put into a `Sequential` together.

    self.quality = Sequential(*gopher_quality(), *gopher_repetition(), *c4_quality(), *fineweb_quality())

What the filters have in common is counted once, and a text that one has dropped costs the others nothing.

The sets were made for English web pages. Here each text is held against its own language, and marks are no words or lines. With `strict=True` they
decide exactly as published.
"""

from __future__ import annotations

from operators.core.kinds import Filter
from operators.text.rules.c4 import C4PageFilter
from operators.text.rules.lines import (
    DuplicateLinesFilter,
    DuplicateParagraphsFilter,
    LineBreaksFilter,
    NGramRepetitionFilter,
    ShortLinesFilter,
    TerminalPunctuationFilter,
)
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import (
    AlphabeticWordsFilter,
    BulletLinesFilter,
    EllipsisLinesFilter,
    MeanWordLengthFilter,
    SymbolToWordRatioFilter,
    WordCountFilter,
)


def gopher_quality(language: str = "", strict: bool = False) -> tuple[Filter, ...]:
    """Rae et al. 2021, A1.1: 50 to 100,000 words of 3 to 10 characters, few symbols, bullets and ellipses, mostly letters, two stop words.

    `language`: ISO 639-1, whose stop words every text is held against, instead of those of its own; English where `strict`.
    """
    return (
        WordCountFilter(min_words=50, max_words=100_000, count_symbols=False),
        MeanWordLengthFilter(min_length=3, max_length=10, strict=strict),
        SymbolToWordRatioFilter(max_ratio=0.1, strict=strict),
        AlphabeticWordsFilter(min_share=0.8, strict=strict),
        StopWordsFilter(language=language, min_distinct=2, strict=strict),
        BulletLinesFilter(max_share=0.9),
        EllipsisLinesFilter(max_share=0.3),
    )


def gopher_repetition(strict: bool = False) -> tuple[Filter, ...]:
    """Rae et al. 2021, table A1: duplicate lines, paragraphs and n-grams."""
    return (
        DuplicateLinesFilter(max_share=0.3, max_character_share=0.2, strict=strict),
        DuplicateParagraphsFilter(max_share=0.3, max_character_share=0.2, strict=strict),
        NGramRepetitionFilter(max_top_shares=(0.20, 0.18, 0.16), max_duplicate_shares=(0.15, 0.14, 0.13, 0.12, 0.11, 0.10), count_single=strict),
    )


def c4_quality(strict: bool = False) -> tuple[Filter, ...]:
    """Raffel et al. 2020: five sentences in the lines that stay, no filler, no curly bracket. `KeepC4Lines` removes the other lines."""
    return (C4PageFilter(min_sentences=5, strict=strict),)


def fineweb_quality(strict: bool = False) -> tuple[Filter, ...]:
    """Penedo et al. 2024: lines that end like sentences, that are not mostly short, that do not repeat, and not too many for the words."""
    return (
        TerminalPunctuationFilter(min_share=0.12, quoted=not strict, strict=strict),
        ShortLinesFilter(max_share=0.67, characters=30, strict=strict),
        DuplicateLinesFilter(max_share=1, max_character_share=0.01, count_line_breaks=False, strict=strict),
        LineBreaksFilter(max_per_word=0.3),
    )
