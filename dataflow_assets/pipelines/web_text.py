"""Web text for pretraining."""

from __future__ import annotations

from collections.abc import Sequence as Texts

from operators.core.sequential import Sequential
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LanguageFilter
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.lines import DuplicateLinesFilter, LineBreaksFilter
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import (
    AlphabeticWordsFilter,
    BlankFilter,
    BulletLinesFilter,
    CapitalWordsFilter,
    CharacterCountFilter,
    ColonEndFilter,
    CurlyBracketFilter,
    EllipsisLinesFilter,
    HtmlEntityFilter,
    JavascriptLinesFilter,
    LongestUnpunctuatedRunFilter,
    LoremIpsumFilter,
    MeanWordLengthFilter,
    SentenceCountFilter,
    SpecialCharacterFilter,
    SymbolToWordRatioFilter,
    UniqueWordsFilter,
    WordCountFilter,
)


class WebText(Pipeline):
    """Keep the web documents worth training on, and say of each other why not.

    With `rate_at_most`, a random sample of that many documents is rated and the others are left out: for trying it out, or for a budget. With
    `rate=False` nothing is rated, and no language model is needed: the result is what the rules keep, without duplicates.
    """

    expects = {"text": str}

    def __init__(
        self,
        languages: Texts[str] = ("en",),
        min_words: int = 50,
        similarity: float = 0.8,
        min_educational_value: int = 2,
        characters: int = 2000,
        rate_at_most: int | None = None,
        rate: bool = True,
    ) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(boilerplate=False), DecodeHtmlEntities(), NormalizeSpaces())
        self.language = LanguageFilter(keep=tuple(languages))
        self.quality = Sequential(
            BlankFilter(),
            WordCountFilter(min_words=min_words),
            CharacterCountFilter(),
            SentenceCountFilter(),
            MeanWordLengthFilter(),
            SymbolToWordRatioFilter(),
            AlphabeticWordsFilter(),
            UniqueWordsFilter(),
            StopWordsFilter(),
            CapitalWordsFilter(),
            CurlyBracketFilter(),
            BulletLinesFilter(),
            EllipsisLinesFilter(),
            DuplicateLinesFilter(),
            LineBreaksFilter(max_per_word=0.6),
            JavascriptLinesFilter(),
            LoremIpsumFilter(),
            HtmlEntityFilter(),
            ColonEndFilter(),
            LongestUnpunctuatedRunFilter(),
            SpecialCharacterFilter(),
        )
        self.exact = ExactDedup()
        self.near = MinHashDedup(threshold=similarity)
        if rate_at_most is not None:
            self.sample = RandomSample(rows=rate_at_most)
        if rate:
            self.rate = EducationalValueEvaluator(characters=characters)
            self.worthwhile = ScoreFilter(min=min_educational_value)

    def forward(self, documents: Handle) -> Handle:
        cleaned = self.clean(documents)
        readable = self.language(cleaned)
        good = self.quality(readable)
        unique = self.near(self.exact(good.gathered()))
        chosen = self.sample(unique) if "sample" in self.operators() else unique
        if "rate" not in self.operators():
            return chosen
        rated = self.rate(chosen)
        return self.worthwhile(rated, input_score="educational_value")
