"""Rules are declarations: one scan for all rules of a stage, and reasons made of the comparisons that failed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators import Sequential
from operators.bases.statistics.filter import StatisticsFilter
from operators.engine.batch import Batch, Mask
from operators.kernels.text_statistics import TextStatistics
from operators.text.rules.lines import DuplicateLinesFilter
from operators.text.rules.whole_text import AlphabeticWordsFilter, EllipsisLinesFilter, MeanWordLengthFilter, WordCountFilter


@pytest.mark.parametrize(
    ("rule", "text", "reason"),
    [
        (WordCountFilter(), "one two", "WordCountFilter: words = 2, below min_words = 50"),
        (WordCountFilter(min_words=0, max_words=1), "one two", "WordCountFilter: words = 2, above max_words = 1"),
        (EllipsisLinesFilter(), "a...\nb", "EllipsisLinesFilter: ellipsis_lines / lines = 0.5, above max_share = 0.3"),
        (AlphabeticWordsFilter(), "", "AlphabeticWordsFilter: alphabetic_words / (words - mark_words) = 0, below min_share = 0.8"),
    ],
)
def test_a_reason_names_the_statistic_its_value_and_the_parameter(rule: Any, text: str, reason: str, reasons: Any) -> None:
    assert reasons(rule, text) == {0: reason}


def test_a_reason_names_every_comparison_that_failed(reasons: Any) -> None:
    found = reasons(DuplicateLinesFilter(), "same line\n" * 5)[0]
    assert "(duplicate_lines - duplicate_mark_lines) / (lines - mark_lines) = 0.8, above max_share = 0.3" in found
    assert "above max_character_share = 0.2" in found


def test_a_rule_that_compares_nothing_tells_what_it_read(reasons: Any) -> None:
    class OddWords(StatisticsFilter):
        """Keep texts of an odd number of words."""

        def keep(self, text: TextStatistics) -> Mask:
            return np.asarray(text.words) % 2 == 1

    assert reasons(OddWords(), "a b", "a") == {0: "OddWords: words = 2"}


def test_the_rules_of_a_sequential_scan_a_batch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[tuple[str, int]] = []
    count = TextStatistics._count_part
    monkeypatch.setattr(
        TextStatistics, "_count_part", lambda text, group, part, prose: (scans.append((group, len(text))), count(text, group, part, prose))[1]
    )
    stage = Sequential(WordCountFilter(min_words=2), MeanWordLengthFilter(), AlphabeticWordsFilter(), EllipsisLinesFilter())
    rows = pa.record_batch({"row_id": ["a", "b", "c"], "text": ["some words", "x", "more words..."]})
    kept = stage.process(Batch(rows), {}).kept
    assert kept.column("row_id").to_pylist() == ["a"]
    assert scans == [("words", 3), ("lines", 2)]


def test_a_rule_reads_the_column_that_it_is_bound_to() -> None:
    rows = pa.record_batch({"row_id": ["a", "b"], "text": ["x", "x y"], "body": ["x y", "x"]})
    kept = WordCountFilter(min_words=2).bind(input_text="body").process(Batch(rows), {}).kept
    assert kept.column("row_id").to_pylist() == ["a"]
