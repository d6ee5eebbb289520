"""Everything that rule filters ask of a text, counted in a few scans over Arrow's own bytes."""

from __future__ import annotations

import html.entities
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, NamedTuple, Self, overload

import numpy as np
import pyarrow as pa

from operators.kernels import source_text
from operators.kernels.arrow_text import Mask, TextSpans
from operators.kernels.c4_lines import count_c4_lines
from operators.kernels.characters import character_tables
from operators.kernels.word_lists import ABBREVIATIONS, GOPHER_STOP_WORDS, OTHER_STOP_WORDS
from operators.kernels.words import MOST_KEPT_BYTES, Words

Counts = np.ndarray[Any, np.dtype[np.int64]]

SHORT_LINE = 30
"""Code points of the longest short line (FineWeb)."""

_OF_PROSE = {"words": "wording", "lines": "line wording", "repetition": "frequent grams"}
"""Of what is counted of every text, what the same scan counts where the text is prose."""
_PLAIN_OF = {wording: plain for plain, wording in _OF_PROSE.items()}

MOST_PAIRS = 128
"""Of phrases with no more different pairs of two of their bytes, these are looked for 64 bytes at a time."""

MOST_MEMBERS = 64
"""Words of a set: which of them a text has are the bits of a number."""


class Column:
    """One statistic: a column of a group that one scan counts."""

    def __init__(self, group: str, index: int, meaning: str) -> None:
        self._group, self._index, self.__doc__ = group, index, meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, statistics: None, owner: type) -> Self: ...
    @overload
    def __get__(self, statistics: TextStatistics, owner: type) -> Counts: ...
    def __get__(self, statistics: TextStatistics | None, owner: type) -> Self | Counts:
        if statistics is None:
            return self
        return statistics.counts(self._group)[:, self._index]


class Phrases(NamedTuple):
    """Of each text, how often any of some phrases occurs, and in how many lines."""

    occurrences: Counts
    lines: Counts


class Members(NamedTuple):
    """Of each text, how many of its words belong to a set, and how many different ones of the set it has."""

    occurrences: Counts
    distinct: Counts


class TextStatistics:
    """Statistics of a batch of texts: each attribute is an int64 array, one value a row; a null text counts like an empty one.

    A group is counted when first asked for, and kept. `filter` gives the statistics of some of the rows; what was counted is not counted again, what
    was not is later counted for the rows that are left. Words are cut as `operators.kernels.compiled.splitting` says, lines as `str.splitlines` does.
    """

    characters = Column("characters", 0, "Code points.")
    space_characters = Column("characters", 1, "White space, as `str.isspace`.")
    letters = Column("characters", 2, "Letters of any script, as `str.isalpha`.")
    upper_case_letters = Column("characters", 3, "Upper-case letters.")
    lower_case_letters = Column("characters", 4, "Lower-case letters.")
    digits = Column("characters", 5, "Digits and other numerals of any script.")
    odd_characters = Column("characters", 6, "U+FFFD, control and private characters, hidden direction overrides: traces of broken text.")
    curly_brackets = Column("characters", 7, '"{" and "}".')
    hash_signs = Column("characters", 8, '"#".')
    ellipses = Column("characters", 9, '"..." and "…".')
    line_feeds = Column("characters", 10, '"\\n".')

    words = Column("words", 0, "Words.")
    word_characters = Column("words", 1, "Code points in words: all that are not white space.")
    alphabetic_words = Column("words", 2, "Words with a letter of any script.")
    upper_case_words = Column("words", 3, "Words of two or more letters, all upper-case, without digits.")
    symbol_words = Column("words", 4, "Words without a letter or digit.")
    symbol_word_characters = Column("words", 14, "Code points of those.")
    other_stop_words = Column("wording", 16, "Words that are frequent in other languages than English.")
    mark_words = Column(
        "wording",
        15,
        "Of the words without a letter or digit, those that open a line (quote marks, bullets), part cells (|), or have three signs or more: rulers.",
    )
    unspaced_words = Column("words", 5, "Words of scripts that put no spaces between words; their number is an approximation.")
    longest_word = Column("words", 6, "Code points of the longest word.")
    unique_words = Column("wording", 7, "Different words, without case and surrounding punctuation.")
    windowed_unique_words = Column("wording", 8, "Different words, summed over successive windows of 1,000 words.")
    windowed_words = Column("wording", 9, "Words in those windows (of a shorter text, all).")
    sentences = Column("wording", 10, "Sentences; abbreviations and decimals end none.")
    longest_unpunctuated_run = Column("wording", 11, "Most successive words without punctuation or a line break between them.")

    lines = Column("lines", 0, "Lines that are not blank.")
    blank_lines = Column("lines", 1, "Lines of nothing but white space.")
    line_characters = Column("lines", 2, "Code points of all lines that are not blank, with the spaces around them.")
    short_lines = Column("lines", 3, "Lines of at most 30 code points.")
    longest_line = Column("lines", 4, "Code points of the longest line that is not blank.")
    duplicate_lines = Column("lines", 5, "Lines that occurred before in the text.")
    duplicate_line_characters = Column("lines", 6, "Code points of those.")
    mark_lines = Column("lines", 7, "Lines without a letter or digit: rulers, blank quotes.")
    duplicate_mark_lines = Column("lines", 8, "Of those, lines that occurred before.")
    duplicate_mark_line_characters = Column("lines", 9, "Code points of those.")

    bullet_lines = Column("line wording", 10, 'List items: bullet signs, "-", "*", "+" and numbers ("1.", "(1)") before a space.')
    ellipsis_lines = Column("line wording", 11, "Lines that end in an ellipsis.")
    terminal_lines = Column("line wording", 12, "Lines whose last character ends a sentence in some script.")
    quoted_terminal_lines = Column("line wording", 13, "Lines that end in such a character and closing quotes or brackets.")
    last_character = Column("line wording", 14, "The last character that is not white space, as a code point; 0 if there is none.")
    paragraphs = Column("line wording", 15, "Paragraphs: lines with no blank line between them.")
    duplicate_paragraphs = Column("line wording", 16, "Paragraphs that occurred before in the text.")
    duplicate_paragraph_characters = Column("line wording", 17, "Code points of those.")
    mark_paragraphs = Column("line wording", 18, "Paragraphs without a letter or digit.")
    duplicate_mark_paragraphs = Column("line wording", 19, "Of those, paragraphs that occurred before.")
    duplicate_mark_paragraph_characters = Column("line wording", 20, "Code points of those.")

    duplicate_5_gram_characters = Column("repetition", 3, "Code points in 5-grams that occurred before, none counted twice.")
    duplicate_6_gram_characters = Column("repetition", 4, "The same of 6-grams.")
    duplicate_7_gram_characters = Column("repetition", 5, "The same of 7-grams.")
    duplicate_8_gram_characters = Column("repetition", 6, "The same of 8-grams.")
    duplicate_9_gram_characters = Column("repetition", 7, "The same of 9-grams.")
    duplicate_10_gram_characters = Column("repetition", 8, "The same of 10-grams.")
    top_2_gram_characters = Column("frequent grams", 0, "Code points in the occurrences of the most frequent 2-gram; 0 if all are different.")
    top_3_gram_characters = Column("frequent grams", 1, "The same of 3-grams.")
    top_4_gram_characters = Column("frequent grams", 2, "The same of 4-grams.")
    first_2_gram_characters = Column("frequent grams", 9, "Code points of the first 2-gram; 0 if there is none.")
    first_3_gram_characters = Column("frequent grams", 10, "The same of the first 3-gram.")
    first_4_gram_characters = Column("frequent grams", 11, "The same of the first 4-gram.")

    c4_lines = Column("c4", 0, "Lines that C4 keeps: with words and an end mark, without its phrases.")
    c4_sentences = Column("c4", 1, "Sentences in those, at least one in each.")
    c4_forbidden_lines = Column("c4", 2, 'Of those, lines with "lorem ipsum" or "{", which C4 keeps no page with.')

    every_script_c4_lines = Column("c4 of every script", 0, "As `c4_lines`, with the end marks of every script, and words without spaces.")
    every_script_c4_sentences = Column("c4 of every script", 1, "Sentences in those, at least one in each.")
    every_script_c4_forbidden_lines = Column("c4 of every script", 2, 'Of those, lines with "lorem ipsum" or "{".')

    html_entities = Column("entities", 0, 'HTML entities ("&amp;", "&#160;") outside URLs.')

    address_words = Column("addresses", 0, "Words in runs between spaces that have an address of the web, of mail or of a file in them.")
    address_word_characters = Column("addresses", 1, "Code points of those.")

    hashtag_signs = Column("hashtags", 0, '"#" that are no part of a heading, a number ("#12") or an address.')

    curly_brackets_outside_formulas = Column("formulas", 0, '"{" and "}" that are no part of a formula in LaTeX.')

    base64_characters = Column("encoded", 0, "Characters in runs of base64 of 64 or more.")
    hexadecimal_characters = Column("encoded", 1, "Characters in runs of hexadecimal digits of 64 or more, and in lists of 8 or more bytes.")
    escape_characters = Column("encoded", 2, 'Characters in 8 or more escapes ("\\u00e9", "\\351") in a row.')
    longest_encoded = Column("encoded", 3, "Characters of the longest of these runs and lists.")

    visible_characters = Column("markup", 0, "Characters outside the tags, scripts and styles of a page of HTML or XML; no white space.")

    def __init__(
        self, spans: Sequence[TextSpans], counted: dict[Hashable, Counts] | None = None, words: Sequence[Words | None] = (), prose: bool = True
    ) -> None:
        self._spans, self._prose = spans, prose
        self._counted = {} if counted is None else counted
        self._words = list(words) or [None] * len(spans)

    @classmethod
    def of(cls, texts: pa.Array | pa.ChunkedArray, prose: bool = True) -> TextStatistics:
        """The statistics of a string column, without copying it.

        `prose`: that sentences, different words, stop words, paragraphs, the ends of lines and frequent n-grams will be asked for as well, which are
        counted in the scans for words, lines and repetition. False makes these shorter by a third to a half, where only programs are counted; what is
        asked for all the same then costs a scan of its own.
        """
        chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
        return cls([TextSpans.of(chunk) for chunk in chunks], prose=prose)

    def __len__(self) -> int:
        return sum(len(spans) for spans in self._spans)

    @property
    def null(self) -> Mask:
        """True where the text is null."""
        return _joined([spans.null for spans in self._spans], np.bool_)

    def filter(self, mask: Mask) -> TextStatistics:
        """The statistics of the rows where `mask` (numpy, bool) is true."""
        bounds = np.cumsum([0, *(len(spans) for spans in self._spans)])
        parts = [spans.filter(mask[first:last]) for spans, first, last in zip(self._spans, bounds, bounds[1:], strict=False)]
        words = [kept and kept.filter(mask[first:last]) for kept, first, last in zip(self._words, bounds, bounds[1:], strict=False)]
        rows = np.flatnonzero(mask)
        cut = {id(counts): counts.take(rows, axis=0) for counts in self._counted.values()}  # several groups may be of one scan
        return TextStatistics(parts, {group: cut[id(counts)] for group, counts in self._counted.items()}, words, self._prose)

    def counts(self, group: str) -> Counts:
        """A group of statistics, int64 of shape (rows, statistics of the group)."""
        if group not in self._counted:
            plain = _PLAIN_OF.get(group, group)
            prose = self._prose or plain != group
            counts = _joined([self._count_part(plain, part, prose) for part in range(len(self._spans))], np.int64)
            self._counted |= {plain: counts, _OF_PROSE[plain]: counts} if prose and plain in _OF_PROSE else {plain: counts}
        return self._counted[group]

    def _count_part(self, group: str, part: int, prose: bool) -> Counts:
        if group == "words":
            return self._count_words(part, prose)
        if group == "lines":
            return _count_lines(self._spans[part], SHORT_LINE, prose)
        return self._measure_repetition(part, prose) if group == "repetition" else _count(group, self._spans[part])

    def _count_words(self, part: int, prose: bool) -> Counts:
        """Counts, and keeps the words for the scan for repetition."""
        from operators.kernels.compiled import words as kernel

        spans = self._spans[part]
        counts = np.zeros((len(spans), kernel.COLUMNS), np.int64)
        kept = int((spans.ends - spans.starts).sum()) <= MOST_KEPT_BYTES
        words = Words.room_for(spans, every=kept)
        sets = (folded_words(ABBREVIATIONS), folded_words(GOPHER_STOP_WORDS), folded_words(OTHER_STOP_WORDS))
        room = (words.hashes, words.lengths, words.notes, words.firsts)
        kernel.count_words(spans.data, spans.starts, spans.ends, *character_tables(), *sets, *room, kept, prose, counts)
        words.counted[:] = counts[:, kernel.WORDS]
        self._words[part] = words if kept else None
        return counts

    def _kept_words(self, part: int) -> Words:
        kept = self._words[part]
        return Words.of(self._spans[part]) if kept is None else kept

    def _measure_repetition(self, part: int, prose: bool) -> Counts:
        from operators.kernels.compiled import repetition

        words = self._kept_words(part)
        counts = np.zeros((len(words.firsts), repetition.COLUMNS), np.int64)
        repetition.measure_repetition(words.hashes, words.lengths, words.notes, words.firsts, words.counted, prose, counts)
        return counts

    @property
    def word_entropy(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Shannon entropy of the words, in bits: 0 for one word again and again, at most the logarithm of their number."""
        if "word entropy" not in self._counted:
            parts = [self._measure_entropy(part) for part in range(len(self._spans))]
            self._counted["word entropy"] = _joined(parts, np.float64)
        return self._counted["word entropy"]  # type: ignore[return-value]

    def _measure_entropy(self, part: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        from operators.kernels.compiled import repetition

        words = self._kept_words(part)
        entropies = np.zeros(len(words.firsts))
        repetition.measure_entropy(words.hashes, words.firsts, words.counted, entropies)
        return entropies

    def lines_up_to(self, characters: int) -> Counts:
        """Lines of at most so many code points that are not blank."""
        if characters == SHORT_LINE:
            return self.short_lines
        key = ("lines", characters)
        if key not in self._counted:
            self._counted[key] = _joined([_count_lines(spans, int(characters), prose=False) for spans in self._spans], np.int64)
        return self._counted[key][:, 3]

    def phrases(self, phrases: Sequence[str], first_lines: int | None = None) -> Phrases:
        """Occurrences of any of the phrases, anywhere in the text or in its first lines; ASCII letters match in either case."""
        wanted = tuple(sorted({phrase.lower() for phrase in phrases if phrase}))
        key = ("phrases", wanted, first_lines)
        if key not in self._counted:
            where = self._spans if first_lines is None else [source_text.first_lines(spans, first_lines) for spans in self._spans]
            self._counted[key] = _joined([_count_phrases(spans, wanted) for spans in where], np.int64)
        return Phrases(*self._counted[key].T)

    def comment_characters(self, syntax: Counts) -> Counts:
        """Characters of comments, given for each text the bits of `operators.kernels.source_syntax`."""
        bounds = np.cumsum([0, *(len(spans) for spans in self._spans)])
        parts = [source_text.count_comments(spans, syntax[first:last]) for spans, first, last in zip(self._spans, bounds, bounds[1:], strict=False)]
        return _joined(parts, np.int64)

    def members(self, words: Sequence[str]) -> Members:
        """Words of the text that are in a set of at most 64, without case and surrounding punctuation. Raises ValueError for a larger set."""
        wanted = tuple(sorted(set(words)))
        if len(wanted) > MOST_MEMBERS:
            raise ValueError(f"a set of {len(wanted)} words was given to look for, and at most {MOST_MEMBERS} can be: give the most frequent.")
        if wanted == GOPHER_STOP_WORDS:
            return Members(*self.counts("wording")[:, 12:14].T)
        key = ("members", wanted)
        if key not in self._counted:
            self._counted[key] = _joined([_count_members(spans, wanted) for spans in self._spans], np.int64)
        return Members(*self._counted[key].T)


def _joined(parts: list[np.ndarray[Any, Any]], dtype: type) -> np.ndarray[Any, Any]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros((0, 64), dtype)


def _count(group: str, spans: TextSpans) -> Counts:
    from operators.kernels.compiled import addresses, characters, formulas, hashtags, phrases

    where = (spans.data, spans.starts, spans.ends)
    if group == "characters":
        counts = np.zeros((len(spans), characters.COLUMNS), np.int64)
        characters.count_characters(*where, character_tables().flags, counts)
        return counts
    if group == "encoded":
        return source_text.count_encoded(spans)
    if group == "markup":
        return source_text.count_visible(spans)
    if group in ("c4", "c4 of every script"):
        return count_c4_lines(spans, folded_words(ABBREVIATIONS), every_script=group != "c4")
    if group == "addresses":
        counts = np.zeros((len(spans), addresses.COLUMNS), np.int64)
        addresses.count_addresses(*where, *character_tables(), counts)
        return counts
    counts = np.zeros((len(spans), 1), np.int64)
    if group == "hashtags":
        hashtags.count_hashtag_signs(*where, character_tables().flags, counts[:, 0])
        return counts
    if group == "formulas":
        formulas.count_brackets_outside_formulas(*where, counts[:, 0])
        return counts
    phrases.count_entities(*where, _entity_names(), counts[:, 0])
    return counts


def _count_lines(spans: TextSpans, short: int, prose: bool) -> Counts:
    from operators.kernels.compiled import lines

    counts = np.zeros((len(spans), lines.COLUMNS), np.int64)
    lines.count_lines(spans.data, spans.starts, spans.ends, character_tables().flags, short, prose, counts)
    return counts


def _count_phrases(spans: TextSpans, wanted: tuple[str, ...]) -> Counts:
    """A phrase that starts with a line break is never met."""
    from operators.kernels.compiled import phrases

    encoded = sorted(phrase.encode() for phrase in wanted if phrase[0] not in "\n\r")
    opening = np.searchsorted([phrase[0] for phrase in encoded], np.arange(257))
    bounds = np.cumsum([0, *map(len, encoded)])
    reach = min(map(len, encoded), default=1) - 1
    pairs = np.array(sorted({(phrase[0], phrase[reach]) for phrase in encoded}), np.uint8).reshape(-1, 2)
    looked_for = pairs if len(pairs) <= MOST_PAIRS else pairs[:0]
    counts = np.zeros((len(spans), 2), np.int64)
    pattern = np.frombuffer(b"".join(encoded) or b"\0", np.uint8)
    phrases.count_phrases(spans.data, spans.starts, spans.ends, pattern, bounds, opening, looked_for, reach, counts)
    return counts


def _count_members(spans: TextSpans, wanted: tuple[str, ...]) -> Counts:
    from operators.kernels.compiled import words

    counts = np.zeros((len(spans), 2), np.int64)
    words.count_members(spans.data, spans.starts, spans.ends, *character_tables(), folded_words(wanted), counts)
    return counts


@cache
def folded_words(words: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A sorted set of words as the kernels look them up."""
    from operators.kernels.compiled.words import fold_words

    spans = TextSpans.of(pa.array(words, pa.string()))
    hashes = np.zeros(len(spans), np.uint64)
    fold_words(spans.data, spans.starts, spans.ends, *character_tables(), hashes)
    return np.unique(hashes)


@cache
def _entity_names() -> np.ndarray[Any, np.dtype[np.uint64]]:
    from operators.kernels.compiled.hashing import hash_bytes

    names = [name[:-1] for name in html.entities.html5 if name.endswith(";")]
    return np.unique(np.array([hash_bytes(np.frombuffer(name.encode(), np.uint8), 0, len(name)) for name in names], np.uint64))
