"""Rule filters: one statistic and its bounds each. In a `Sequential` all of them together take one scan of the text.

Thresholds are those of the paper named; a filter without one says where its default comes from. Words, lines and sentences are as in
`operators.kernels.text_statistics`, for every script. Rules that depend on a language follow that of each text (`language_rule.py`).
"""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import Field, model_validator

from operators.bases.statistics.filter import StatisticsFilter
from operators.bases.statistics.measure import Values, measured
from operators.engine.batch import Mask
from operators.kernels.text_statistics import TextStatistics
from operators.text.language.facts import MEAN_WORD_LENGTHS
from operators.text.language.rows import Codes, are_all, are_among
from operators.text.rules.language_rule import LanguageRule, SentenceRule

CODE_SIGNS = (
    "```",
    "\\begin{",
    "\\frac{",
    "\\left",
    "\\sum",
    "\\mathbb{",
    "#include",
    "function(",
    "function (",
    "=> {",
    "public static ",
    "def ",
    "return ",
)
"""Signs of code or LaTeX: three of them make a text one."""


class WordCountFilter(StatisticsFilter):
    """Keep texts of a sensible length, in words."""

    covers = ("WordNumberFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("throw out documents that are too short", "at least 50 words", "limit the length of articles")

    min_words: int = Field(50, ge=0)
    max_words: int = Field(100_000, ge=0)
    count_symbols: bool = Field(True, description="What stands between spaces counts as a word even without a letter or digit.")

    def keep(self, text: TextStatistics) -> Mask:
        words = text.words if self.count_symbols else text.words - text.symbol_words
        return (words >= self.min_words) & (words <= self.max_words)


class CharacterCountFilter(StatisticsFilter):
    """Keep texts of a sensible length, in characters that are not white space of any kind."""

    covers = ("CharNumberFilter",)
    source = "Data-Juicer (Chen et al. 2023), text length"
    asks = ("limit the number of characters", "remove tiny or gigantic documents by size", "minimum size for Chinese text")

    min_characters: int = Field(100, ge=0)
    max_characters: int = Field(1_000_000_000, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return (text.word_characters >= self.min_characters) & (text.word_characters <= self.max_characters)


class SentenceCountFilter(SentenceRule):
    """Keep texts of several sentences, ended by the marks of any script; abbreviations and decimals end none. No say on Thai, which has no marks."""

    covers = ("SentenceNumberFilter",)
    source = "RedPajama-V2 (Weber et al. 2024)"
    asks = ("at least three sentences", "minimum or maximum number of sentences", "throw out one-liners and fragments")

    min_sentences: int = Field(3, ge=0)
    max_sentences: int = Field(7500, ge=0)

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        return (text.sentences >= self.min_sentences) & (text.sentences <= self.max_sentences)


class MeanWordLengthFilter(LanguageRule):
    """Keep texts whose words are 3 to 10 characters long on average, both included; words without a letter or digit do not count.

    A text whose words are too long is measured again without its addresses of the web, of mail and of files: a page with many links is no gibberish.
    The bounds are for English. For another language both are multiplied by its mean word length over that of English: 1.9 and 6.2 for Korean, 4.7
    and 15.6 for Finnish. It has no say where most words are of scripts without spaces, and on languages without a known length.
    """

    covers = ("MeanWordLengthFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("words too short or too long on average", "throw out gibberish and glued words", "weird tokens such as hashes or base64")

    min_length: float = Field(3, ge=0)
    max_length: float = Field(10, ge=0)

    def has_say(self, text: TextStatistics, language: Codes) -> Mask:
        return are_among(language, MEAN_WORD_LENGTHS) & ~_is_unspaced(text)

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        english = MEAN_WORD_LENGTHS["en"]
        if are_all(language, "en"):
            factors = np.ones(len(language))
        else:
            factors = np.array([MEAN_WORD_LENGTHS.get(code, english) / english for code in language.tolist()])
        shortest = measured(text, "min_length for the language", self.min_length * factors)
        longest = measured(text, "max_length for the language", self.max_length * factors)
        length = measured(text, "mean word length", _mean_word_lengths(text, longest, with_addresses=self.strict))
        return (length >= shortest) & (length <= longest)


def _mean_word_lengths(text: TextStatistics, longest: Values, with_addresses: bool) -> Values:
    """Of each text; 0 where there are no words. Those above `longest` are measured without addresses, unless `with_addresses`."""
    words = np.asarray(text.words) - np.asarray(text.symbol_words)
    characters = np.asarray(text.word_characters) - np.asarray(text.symbol_word_characters)
    too_long = characters > np.asarray(longest) * words
    if too_long.any() and not with_addresses:
        rows = text.filter(too_long)
        words[too_long] -= rows.address_words
        characters[too_long] -= rows.address_word_characters
    return characters / np.maximum(words, 1)


def _is_unspaced(text: TextStatistics) -> Mask:
    mask: Mask = np.asarray(text.unspaced_words) * 2 > np.asarray(text.words)
    return mask


class SymbolToWordRatioFilter(StatisticsFilter):
    """Drop texts with many hash signs, or many ellipses, for their words. `symbols` adds others; each is held to the same limit.

    Where there are many hash signs, those of headings ("## "), numbers ("#12") and addresses are left out: Markdown is not a row of hashtags.
    """

    covers = ("SymbolWordRatioFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("too many hashtags", "throw out posts stuffed with # or dots", "ratio of symbols to words")

    max_ratio: float = Field(0.1, ge=0)
    symbols: tuple[str, ...] = Field((), description="Further symbols, each with a limit of its own.")
    strict: bool = Field(False, description="As published: every hash sign counts.")

    def keep(self, text: TextStatistics) -> Mask:
        hash_signs = text.hash_signs if self.strict else measured(text, "hash_signs of hashtags", _hashtag_signs(text, self.max_ratio))
        mask = (hash_signs / text.words <= self.max_ratio) & (text.ellipses / text.words <= self.max_ratio)
        for symbol in self.symbols:
            mask &= text.phrases((symbol,)).occurrences / text.words <= self.max_ratio
        return mask


def _hashtag_signs(text: TextStatistics, max_ratio: float) -> Values:
    """Hash signs of each text; of those with too many, the ones of hashtags."""
    signs = np.array(text.hash_signs)
    many = signs > max_ratio * np.asarray(text.words)
    if many.any():
        signs[many] = text.filter(many).hashtag_signs
    return signs


class AlphabeticWordsFilter(StatisticsFilter):
    """Keep texts in which most words have a letter, of any alphabet.

    Quote marks and bullets that open a line, bars between cells, and rulers ("####"), are no words: mails and lists are not tables of numbers.
    """

    covers = ("AlphaWordsFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("throw out tables of numbers and codes", "too many tokens without letters", "mostly digits and symbols")

    min_share: float = Field(0.8, ge=0, le=1)
    strict: bool = Field(False, description="As published: every sign between spaces is a word.")

    def keep(self, text: TextStatistics) -> Mask:
        words = text.words if self.strict else text.words - text.mark_words
        return text.alphabetic_words / words >= self.min_share


class UniqueWordsFilter(StatisticsFilter):
    """Drop texts that say the same few words again and again: different words over all, in windows of 1,000 words, so that length does not count."""

    covers = ("UniqueWordsFilter",)
    source = "RedPajama-V2 (Weber et al. 2024); windows: mean segmental type-token ratio (Johnson 1944)"
    asks = ("low vocabulary spam", "share of distinct words", "text that keeps using identical terms")

    min_share: float = Field(0.1, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.windowed_unique_words / text.windowed_words > self.min_share


class CapitalWordsFilter(StatisticsFilter):
    """Drop texts that SHOUT: words of two or more letters, all capitals. Codes with digits, as A1, are not among them."""

    covers = ("CapitalWordsFilter",)
    source = "RedPajama-V2 (Weber et al. 2024)"
    asks = ("throw out texts in all caps", "too much uppercase", "posts that yell")

    max_share: float = Field(0.2, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.upper_case_words / text.words <= self.max_share


class CurlyBracketFilter(StatisticsFilter):
    """Drop texts with many curly brackets, but for those of formulas: the scripts and styles of a web page. `keep_code` spares texts with signs of
    code or LaTeX."""

    covers = ("CurlyBracketFilter",)
    source = "C4 (Raffel et al. 2020), as a share of the characters: RedPajama-V2"
    asks = ("throw out leftover CSS and JSON", "too many braces", "source junk in scraped pages")

    max_share: float = Field(0.025, ge=0, le=1)
    keep_code: bool = False

    def keep(self, text: TextStatistics) -> Mask:
        brackets = measured(text, "curly_brackets", _brackets_outside_formulas(text, self.max_share))
        mask: Mask = brackets / text.characters < self.max_share
        if self.keep_code:
            mask = mask | (np.asarray(text.phrases(CODE_SIGNS).occurrences) >= 3)
        return mask


def _brackets_outside_formulas(text: TextStatistics, max_share: float) -> Values:
    """Curly brackets of each text; of those with too many, the ones that are no part of a formula."""
    brackets = np.array(text.curly_brackets)
    many = brackets >= max_share * np.asarray(text.characters)
    if many.any():
        brackets[many] = text.filter(many).curly_brackets_outside_formulas
    return brackets


class BulletLinesFilter(StatisticsFilter):
    """Drop texts that are little but lists: bullets, Markdown and numbered items. A dash that opens a line of dialogue makes no list."""

    covers = ("LineStartWithBulletpointFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("too many bullet points", "pages that are just an enumeration", "throw out outlines and checklists")

    max_share: float = Field(0.9, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.bullet_lines / text.lines <= self.max_share


class EllipsisLinesFilter(StatisticsFilter):
    """Drop texts in which many lines trail off: teasers, search results."""

    covers = ("LineEndWithEllipsisFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"
    asks = ("lines ending in three dots", "throw out truncated previews and read more snippets", "excerpt listings of blogs")

    max_share: float = Field(0.3, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.ellipsis_lines / text.lines <= self.max_share


class JavascriptLinesFilter(StatisticsFilter):
    """Drop texts of which many lines speak of JavaScript: pages that ask for it. To drop the lines alone, as C4 does, use `RemoveLines`."""

    covers = ("LineWithJavascriptFilter",)
    source = "C4 (Raffel et al. 2020), as a share of the lines"
    asks = ("throw out please enable JavaScript pages", "browser warnings instead of content", "pages that did not render without scripts")

    max_share: float = Field(0.3, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.phrases(("javascript",)).lines / text.lines <= self.max_share


class LoremIpsumFilter(StatisticsFilter):
    """Drop texts with the printers' filler."""

    covers = ("LoremIpsumFilter",)
    source = "C4 (Raffel et al. 2020)"
    asks = ("dummy latin text", "throw out template pages with sample content")

    max_occurrences: int = Field(0, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return text.phrases(("lorem ipsum",)).occurrences <= self.max_occurrences


class HtmlEntityFilter(StatisticsFilter):
    """Drop texts in which HTML entities were left undecoded, more than one in a hundred words. `DecodeHtmlEntities` repairs them: use it first."""

    covers = ("HtmlEntityFilter",)
    source = "WHATWG HTML, named and numeric character references"
    asks = ("too many &nbsp; and &amp; codes", "throw out badly escaped pages")

    max_per_word: float = Field(0.01, ge=0)

    def keep(self, text: TextStatistics) -> Mask:
        return text.html_entities / text.words <= self.max_per_word


class ColonEndFilter(StatisticsFilter):
    """Drop texts that break off at a colon, of whatever width, spaces after it or not. Of a long text the end says little: it stays."""

    covers = ("ColonEndFilter",)
    source = "Instruction data clean-up"
    asks = ("text ends right before a list", "intro cut off after a colon", "promises a list and then stops")

    max_characters: int = Field(1000, ge=0, description="Longer texts stay.")

    def keep(self, text: TextStatistics) -> Mask:
        return ~np.isin(text.last_character, [ord(colon) for colon in ":：﹕︓"]) | (np.asarray(text.characters) > self.max_characters)


class BlankFilter(StatisticsFilter):
    """Drop texts that are empty or white space only."""

    covers = ("ContentNullFilter",)
    asks = ("throw out empty rows", "drop whitespace-only records", "null or missing content")

    def keep(self, text: TextStatistics) -> Mask:
        return text.word_characters > 0


class LongestUnpunctuatedRunFilter(SentenceRule):
    """Drop texts with a long run of words that no punctuation of any script, and no line break, interrupts: keyword lists, broken extractions.

    In a long text one such run is a menu that was left: it says nothing below `min_share` of the words. No say on Thai, which has no punctuation.
    """

    covers = ("NoPuncFilter",)
    source = "DataFlow's default; 112 words are about four times the longest sentences of prose"
    asks = ("endless text without commas or full stops", "SEO keyword stuffing", "run-on word salad")

    max_words: int = Field(112, ge=1)
    min_share: float = Field(0.1, ge=0, le=1, description="Shorter runs, as a share of all words, do not count.")

    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        run = text.longest_unpunctuated_run
        return (run <= self.max_words) | (run < self.min_share * np.asarray(text.words))


class SpecialCharacterFilter(StatisticsFilter):
    """Drop texts with many traces of broken encoding: U+FFFD, control and private characters, hidden direction overrides. A few are for
    `FixUnicode`."""

    covers = ("SpecialCharacterFilter",)
    source = "Unicode general categories Cc and Co"
    asks = ("throw out binary garbage", "corrupted text with replacement characters", "unreadable symbols from a wrong code page")

    max_share: float = Field(0.005, ge=0, le=1)

    def keep(self, text: TextStatistics) -> Mask:
        return text.odd_characters / text.characters <= self.max_share


class WatermarkFilter(StatisticsFilter):
    """Drop texts in which watermarks keep coming back: lines with one of `phrases`, in either case. The one copyright line of a page is no reason."""

    covers = ("WatermarkFilter",)
    source = "DataFlow, as a share of the lines"
    asks = ("throw out stock photo or confidential stamps", "copyright notices on every page", "scanned books with a stamp on each sheet")

    phrases: tuple[str, ...] = Field(("copyright", "watermark", "confidential"), min_length=1, description="Literal text, no patterns.")
    max_share: float = Field(0.2, ge=0, le=1)
    min_lines: int = Field(2, ge=1, description="So many lines at least must carry one.")

    def keep(self, text: TextStatistics) -> Mask:
        lines = text.phrases(self.phrases).lines
        return (np.asarray(lines) < self.min_lines) | (lines / text.lines <= self.max_share)

    @model_validator(mode="after")
    def _no_empty_phrase(self) -> Self:
        if not all(phrase.strip() for phrase in self.phrases):
            raise ValueError("an empty phrase would match everywhere: leave it out")
        return self
