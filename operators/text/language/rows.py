"""The language of each row of a batch, found when a rule first asks, and once."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from operators.engine.batch import Mask, Places
from operators.kernels.text_statistics import TextStatistics
from operators.kernels.word_lists import GOPHER_STOP_WORDS
from operators.text.language.codes import known_code
from operators.text.language.detection import Share, identify_texts
from operators.text.language.function_words import FUNCTION_WORDS
from operators.text.language.likeness import are_close

Codes = np.ndarray[Any, np.dtype[np.object_]]

DEFAULT = "en"
"""Judges texts of which nobody can say in which language they are: names, codes, a few words."""

_SURE = 0.4
"""What the likeliest language, with those that are taken for it, must have for rules to have no say on a text because they do not know it."""
_ENGLISH_WORDS = 2
"""So many different words of "and be have of that the to with", twice as many in all as of other languages' words, make a text English without asking
the model."""
_MOST_UNSPACED = 0.25
_SAMPLE, _SAMPLES = 200, 2
"""Rules ask for the language of so much of a long text, from inside it: its ends are often in another."""


def are_among(codes: Codes, known: Container[str]) -> Mask:
    """True for the codes that are known. Most batches have few different ones."""
    listed = codes.tolist()
    verdicts = {code: code in known for code in set(listed)}
    if len(set(verdicts.values())) < 2:
        return np.full(len(listed), all(verdicts.values()), np.bool_)
    return np.array([verdicts[code] for code in listed], np.bool_)


def are_all(codes: Codes, code: str) -> bool:
    """Whether there is no other code."""
    return set(codes.tolist()) <= {code}


class RowLanguages:
    """An ISO 639-1 code for each row: that of the column of languages, where there is one and it says one; else the one that is identified.

    A mixed text counts as one of its first language. One that is in no language surely counts as the likeliest that rules know, or as English: it
    is still judged, as texts of names and codes are what rules are there for.
    """

    def __init__(self, text: pa.Array, rows: Places, given: pa.Array | None = None) -> None:
        """`rows`: places in the columns `text` and `given`, which may hold others besides."""
        self._text, self._given, self._rows = text, given, rows
        self._codes: Codes | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def filter(self, mask: Mask) -> RowLanguages:
        """Those of some rows; no text is copied."""
        part = RowLanguages(self._text, self._rows[mask], self._given)
        part._codes = None if self._codes is None else self._codes[mask]
        return part

    def codes(self, statistics: TextStatistics) -> Codes:
        """The codes, given what is counted of the same rows."""
        if self._codes is None:
            self._codes = self._find(statistics)
        return self._codes

    def _find(self, statistics: TextStatistics) -> Codes:
        codes = np.full(len(self), "", object)
        if self._given is not None:
            written = self._given.take(pa.array(self._rows)).to_pylist()
            codes[:] = [_code_of(value) if value else "" for value in written]
        english = statistics.members(GOPHER_STOP_WORDS)
        others = statistics.other_stop_words
        surely = (english.distinct >= _ENGLISH_WORDS) & (english.occurrences > 2 * others)
        codes[(codes == "") & surely & (statistics.unspaced_words <= _MOST_UNSPACED * statistics.words)] = "en"
        listed = (english.occurrences == 0) & (others == 0)
        asked = np.flatnonzero(codes == "")
        texts = self._text.take(pa.array(self._rows[asked])).to_pylist()
        samples = [_sample_of(text or "", 1 if listed[row] else _SAMPLES) for row, text in zip(asked.tolist(), texts, strict=True)]
        codes[asked] = [_language_to_judge_by(found.shares) for found in identify_texts(pa.array(samples, pa.large_string()))]
        return codes


@lru_cache(4096)
def _code_of(written: str) -> str:
    return known_code(written) or ""


def _sample_of(text: str, samples: int) -> str:
    if len(text) <= 2 * _SAMPLE * samples:
        return text
    step = len(text) // samples
    return " ".join(text[start : start + _SAMPLE] for start in range((step - _SAMPLE) // 2, len(text) - _SAMPLE, step))


def _language_to_judge_by(shares: tuple[Share, ...]) -> str:
    if not shares:
        return DEFAULT
    first = shares[0].language
    if first in FUNCTION_WORDS or sum(share.share for share in shares if share.language == first or are_close(first, share.language)) >= _SURE:
        return first
    return next((share.language for share in shares if share.language in FUNCTION_WORDS), DEFAULT)
