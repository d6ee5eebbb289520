"""Faults of the reference's scores of one text: n-grams, readability, vocabulary."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from operators.bases.words import folded_words
from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import ColumnError
from operators.tables.storage import MemoryStorage, Writer
from operators.text.rules.evaluator import StatisticsEvaluator
from operators.text.rules.lines import NGramRepetitionFilter
from operators.text.scores.lexical import LexicalDiversityEvaluator, NgramDiversityEvaluator, hdd, mtld
from operators.text.scores.readability import ReadabilityEvaluator
from tests.faults import fault

PROSE = "The cat sat on the mat. The dog ran to the park, and nobody knew why it did."


def scored(operator: Operator, *texts: str | None) -> list[dict[str, Any]]:
    return table(operator, MemoryStorage(pa.table({"text": pa.array(texts, pa.string())}))).read().to_pylist()


def table(operator: Operator, rows: MemoryStorage, **columns: str) -> MemoryStorage:
    kept = MemoryStorage()
    operator.run(rows, into=kept, **columns)
    return kept


def passed(operator: Operator, column: str, *texts: str, **bounds: Any) -> list[str]:
    """The texts that stay where `operator` is followed by a ScoreFilter on `column`."""
    rows = table(operator, MemoryStorage(pa.table({"text": texts})))
    return table(ScoreFilter(**bounds), rows, input_score=column).read(["text"]).column(0).to_pylist()


# NgramSampleEvaluator, NgramFilter


@fault("counts distinct n-grams, not character share in repeated n-grams as Gopher does")
def test_the_share_of_characters_in_repeated_n_grams_is_gophers_and_distinct_n_grams_are_called_diversity(keeps: Any) -> None:
    twice = "one two three four five"
    text = f"{twice} six {twice}"
    share = len(twice.replace(" ", "")) / len(text)
    (row,) = scored(StatisticsEvaluator(statistics=("duplicate_5_gram_share", "duplicate_10_gram_share")), text)
    assert row["duplicate_5_gram_share"] == pytest.approx(share), "the characters of the second occurrence, each once"
    assert row["duplicate_10_gram_share"] == 0
    for limit, stays in ((share + 0.01, True), (share - 0.01, False)):
        assert keeps(NGramRepetitionFilter(max_top_shares=(1, 1, 1), max_duplicate_shares=(limit, 1, 1, 1, 1, 1)), text) is stays
    assert scored(NgramDiversityEvaluator(), text)[0]["ngram_diversity"] == pytest.approx(6 / 7)


@fault("short valid texts get the worst score 0 and are dropped by the filter")
@fault("texts shorter than n words are dropped silently")
def test_a_text_shorter_than_an_n_gram_has_no_score_and_stays(keeps: Any) -> None:
    assert [row["ngram_diversity"] for row in scored(NgramDiversityEvaluator(n=5), "Yes, of course.", "", None)] == [None] * 3
    assert keeps(NGramRepetitionFilter(), "Yes, of course.", "No.", "") == [True, True, True]
    rows = table(NgramDiversityEvaluator(n=5), MemoryStorage(pa.table({"text": ["Yes, of course.", "one two three four five " * 3]})))
    assert table(ScoreFilter(min=0.5, nulls="keep"), rows, input_score="ngram_diversity").read(["text"]).column(0).to_pylist() == ["Yes, of course."]
    rejected = MemoryStorage()
    ScoreFilter(min=0.1).run(rows, into=MemoryStorage(), rejected=rejected, input_score="ngram_diversity")
    assert [row["rejected_reason"] for row in rejected.read().to_pylist()] == ["ngram_diversity is null"], "dropped only when asked, and not silently"


# LangkitSampleEvaluator, LangkitFilter


@fault("builds a pandas frame and runs the whole schema per row: slow")
def test_readability_makes_no_data_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a data frame was made")

    monkeypatch.setattr(pd.DataFrame, "__init__", refuse)
    assert scored(ReadabilityEvaluator(), PROSE)[0]["word_count"] == 18


class Noted(MemoryStorage):
    """Notes the size of each batch that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    @contextmanager
    def writer(self, schema: pa.Schema) -> Iterator[Writer]:
        with super().writer(schema) as writer:
            self._writer = writer
            yield self

    def write(self, batch: Any) -> None:
        self.sizes.append(batch.num_rows)
        self._writer.write(batch)


@fault("writes cell by cell with dataframe.at")
def test_scores_are_written_as_whole_columns_of_a_batch() -> None:
    kept = Noted()
    ReadabilityEvaluator().run(MemoryStorage(pa.table({"text": [PROSE] * 5000})), into=kept)
    assert kept.sizes == [2048, 2048, 904]
    assert kept.read(["word_count"]).column(0).to_pylist() == [18] * 5000


@fault("dead dependency")
def test_readability_needs_nothing_but_the_text(modules_after: Callable[[str], set[str]]) -> None:
    used = modules_after("""
from operators.text.scores.readability import ReadabilityEvaluator
ReadabilityEvaluator().run(MemoryStorage(pa.table({"text": ["A cat sat."]})), into=MemoryStorage())
""")
    assert not {"langkit", "whylogs", "textstat", "nltk", "pyphen"} & used
    assert ReadabilityEvaluator.packages == ()


def readable(*texts: str) -> MemoryStorage:
    return table(ReadabilityEvaluator(), MemoryStorage(pa.table({"text": texts})))


@fault("min_scores keys must equal output_keys in the same ORDER or it raises")
@fault("list order of keys must match exactly")
@pytest.mark.parametrize(
    ("evaluator", "first", "second", "unknown"),
    [
        (ReadabilityEvaluator(), ("flesch_kincaid_grade", {"max": 9}), ("word_count", {"min": 5}), "flesch_kincaid"),
        (LexicalDiversityEvaluator(min_words=5), ("hdd", {"min": 0.2}), ("mtld", {"min": 10}), "mtdl"),
    ],
    ids=["readability", "lexical diversity"],
)
def test_scores_are_filtered_one_by_one_in_any_order(evaluator: Operator, first: Any, second: Any, unknown: str) -> None:
    texts = [PROSE * 4, "the the the", "Extraordinarily incomprehensible institutional responsibilities. " * 20, "word " * 60]
    rows = table(evaluator, MemoryStorage(pa.table({"text": texts})))
    results = []
    for order in ((first, second), (second, first)):
        kept = rows
        for column, bounds in order:
            kept = table(ScoreFilter(**bounds), kept, input_score=column)
        results.append(kept.read(["text"]).column(0).to_pylist())
    assert results[0] == results[1] == [PROSE * 4]
    with pytest.raises(ColumnError, match=f'column "{unknown}" does not exist'):
        table(ScoreFilter(min=0), rows, input_score=unknown)


@fault("return value lists column names that were never created (short names)")
@fault("return list uses names of columns that do not exist")
@pytest.mark.parametrize("evaluator", [ReadabilityEvaluator(), LexicalDiversityEvaluator(), NgramDiversityEvaluator()], ids=lambda one: one.name)
def test_the_columns_that_it_names_are_those_of_the_table(evaluator: Operator) -> None:
    rows = MemoryStorage(pa.table({"text": [PROSE]}))
    made = table(evaluator, rows)
    assert made.schema.names == ["row_id", "text", *evaluator.output_columns().values()]
    bound = {f"output_{short}": f"my_{short}" for short in evaluator.outputs()}
    assert table(evaluator, rows, **bound).schema.names == ["row_id", "text", *bound.values()]


@fault("mutable dict defaults")
def test_no_parameter_can_be_changed_in_place() -> None:
    for operator in (ReadabilityEvaluator(), ScoreFilter(min=0.0), LexicalDiversityEvaluator(), NgramDiversityEvaluator(), NGramRepetitionFilter()):
        assert isinstance(hash(operator), int)
        for name in type(operator).model_fields:
            assert not isinstance(getattr(operator, name), dict | list | set)
            with pytest.raises(AttributeError, match="cannot be set"):
                setattr(operator, name, None)


@fault("Flesch ease can be negative or above 100 for normal text, such rows are dropped")
def test_only_the_bounds_that_are_given_drop_a_text() -> None:
    easy, hard = "Go on. We do. I go. He is in.", "Notwithstanding institutional responsibilities, interdisciplinary comparability deteriorated."
    high, low = (row["flesch_reading_ease"] for row in scored(ReadabilityEvaluator(), easy, hard))
    assert high > 100
    assert low < 0
    assert passed(ReadabilityEvaluator(), "flesch_reading_ease", easy, hard, min=0) == [easy]
    assert passed(ReadabilityEvaluator(), "flesch_reading_ease", easy, hard, max=100) == [hard]
    assert passed(ReadabilityEvaluator(), "flesch_reading_ease", easy, hard, min=-1000, max=1000) == [easy, hard]


# LexicalDiversitySampleEvaluator, LexicalDiversityFilter

DIFFERENT = " ".join(f"word{number}" for number in range(80))


@fault("verified: a text of all-distinct words returns MTLD -1 (no factor reached), so the most diverse text fails the filter")
@fault("inherits -1 and overflow faults")
def test_the_most_diverse_text_has_the_highest_mtld_and_passes() -> None:
    plain = " ".join(["the cat and the dog"] * 30)
    assert passed(LexicalDiversityEvaluator(), "mtld", DIFFERENT, plain, min=50) == [DIFFERENT]
    nearly = f"{DIFFERENT.removesuffix(' word79')} word0"
    best, second = (row["mtld"] for row in scored(LexicalDiversityEvaluator(), DIFFERENT, nearly))
    assert math.inf > best > second > 50


@fault("verified: HD-D gives nan when one word occurs about 110+ times and raises OverflowError at 171+ (naive factorials)")
@fault("inherits -1 and overflow faults")
@pytest.mark.parametrize("times", [109, 110, 171, 5000])
def test_hdd_is_a_number_however_often_a_word_comes(times: int) -> None:
    text = "the " * times + PROSE
    assert 0 < scored(LexicalDiversityEvaluator(), text)[0]["hdd"] < 1
    assert passed(LexicalDiversityEvaluator(), "hdd", text, min=0) == [text]


@fault("uses linear factorial loops instead of lgamma")
@pytest.mark.parametrize("times", [45, 400, 3_000_000])
def test_hdd_is_the_exact_expectation_for_any_number_of_words(times: int) -> None:
    """Loops over the factorials of millions, or their digits, would not end here."""
    rare = Fraction(42, times + 3)
    assert hdd(["the"] * times + ["a", "b", "c"], 42) == pytest.approx(float((1 + 3 * rare) / 42), rel=1e-6)


@fault("punctuation-only tokens become an empty-string type")
def test_punctuation_is_no_word() -> None:
    plain, marked = "one two one three", "one , two ... one — three !"
    assert folded_words(marked) == plain.split()
    assert mtld(folded_words(marked)) == mtld(plain.split())
    assert scored(LexicalDiversityEvaluator(min_words=1), "... , ! —")[0]["mtld"] is None
