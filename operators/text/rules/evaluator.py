"""Statistics as columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from operators.core.kinds import Evaluate
from operators.kernels.text_statistics import Column, TextStatistics
from operators.tables.columns import Input, Output
from operators.tables.errors import closest

NAMES: Final = tuple(sorted(name for name, value in vars(TextStatistics).items() if isinstance(value, Column)))
SHARES: Final[dict[str, tuple[str, str]]] = {
    "mean_word_length": ("word_characters", "words"),
    "unique_words_share": ("windowed_unique_words", "windowed_words"),
    "alphabetic_words_share": ("alphabetic_words", "words"),
    "upper_case_words_share": ("upper_case_words", "words"),
    "symbol_words_share": ("symbol_words", "words"),
    "curly_brackets_share": ("curly_brackets", "characters"),
    "odd_characters_share": ("odd_characters", "characters"),
    "digits_share": ("digits", "characters"),
    "terminal_lines_share": ("terminal_lines", "lines"),
    "short_lines_share": ("short_lines", "lines"),
    "bullet_lines_share": ("bullet_lines", "lines"),
    "ellipsis_lines_share": ("ellipsis_lines", "lines"),
    "duplicate_lines_share": ("duplicate_lines", "lines"),
    "duplicate_line_characters_share": ("duplicate_line_characters", "characters"),
    "top_2_gram_share": ("top_2_gram_characters", "characters"),
    "duplicate_5_gram_share": ("duplicate_5_gram_characters", "characters"),
    "duplicate_10_gram_share": ("duplicate_10_gram_characters", "characters"),
    "words_per_sentence": ("words", "sentences"),
}
"""Quotients of two statistics; 0 where there is nothing to divide by."""


class StatisticsEvaluator(Evaluate):
    """Chosen statistics of a text as columns, counted in the same scans as the rule filters: to look at before thresholds are set.

    `statistics` are names of `TextStatistics` (counts, 0 or more) or of its quotients (shares from 0 to 1, and means).
    """

    source = "Gopher, C4, FineWeb, RedPajama-V2: what their rules count"
    asks = ("explore word and line counts before filtering", "profile my corpus with basic metrics", "add features such as document length")
    example: ClassVar[Mapping[str, Any]] = {"statistics": ("words", "mean_word_length")}

    input_text = Input(str)
    statistics: tuple[Annotated[str, Field(json_schema_extra={"enum": [*NAMES, *SHARES]})], ...] = Field(
        ("words", "sentences", "lines", "mean_word_length", "alphabetic_words_share", "unique_words_share", "duplicate_5_gram_share"),
        min_length=1,
        description="See `NAMES` and `SHARES` of operators.text.rules.evaluator.",
        json_schema_extra={"uniqueItems": True},
    )

    def outputs(self) -> dict[str, Output]:
        return {name: Output(float if name in SHARES else int) for name in self.statistics}

    def evaluate_batch(self, text: pa.Array) -> dict[str, Any]:
        counted = TextStatistics.of(text)
        return {name: _share(counted, *SHARES[name]) if name in SHARES else getattr(counted, name) for name in self.statistics}

    @field_validator("statistics")
    @classmethod
    def _known(cls, statistics: tuple[str, ...]) -> tuple[str, ...]:
        known = [*NAMES, *SHARES]
        for name in statistics:
            if name not in known:
                raise ValueError(f'there is no statistic "{name}". {closest(name, known) or "There are: " + ", ".join(known)}')
        if len(set(statistics)) < len(statistics):
            raise ValueError("a statistic is named twice")
        return statistics


def _share(counted: TextStatistics, part: str, whole: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    of = getattr(counted, whole)
    share: np.ndarray[Any, np.dtype[np.float64]] = np.divide(getattr(counted, part), of, out=np.zeros(len(of)), where=of != 0)
    return share
