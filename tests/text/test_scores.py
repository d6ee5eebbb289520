"""Scores of texts against their published definitions, and null where they are not defined."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.words import folded_words, sentences, syllables, words
from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.text.scores.diversity import MaximumMeanDiscrepancyEvaluator, VendiEvaluator, maximum_mean_discrepancy, vendi_score
from operators.text.scores.lexical import LexicalDiversityEvaluator, NgramDiversityEvaluator, hdd, mtld
from operators.text.scores.readability import ReadabilityEvaluator
from operators.text.scores.reference import BleuEvaluator, CiderEvaluator, RougeEvaluator, longest_common_subsequence, sentence_bleu

FOX = "the quick brown fox jumps over the lazy dog"


def scored(operator: Operator, *tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = MemoryStorage()
    operator.run(*(MemoryStorage(pa.Table.from_pylist(rows)) for rows in tables), into=kept)
    return kept.read().to_pylist()


def texts(*values: str) -> list[dict[str, Any]]:
    return [{"text": value} for value in values]


# Repetition and vocabulary


def test_ngram_diversity_is_distinct_over_all_and_null_for_a_text_too_short_to_say() -> None:
    rows = scored(NgramDiversityEvaluator(n=2), texts("a b a b a", "a b c d", "one", ""))
    assert [row["ngram_diversity"] for row in rows] == [pytest.approx(2 / 4), 1.0, None, None]


def test_chinese_is_counted_by_characters() -> None:
    assert words("猫坐在垫子上") == list("猫坐在垫子上")
    (row,) = scored(NgramDiversityEvaluator(n=2), texts("好好好好"))
    assert row["ngram_diversity"] == pytest.approx(1 / 3)


def test_mtld_counts_factors_forwards_and_backwards() -> None:
    # Forwards: a b a (2/3 <= 0.72) is a factor, then b a b (2/3) another: 6 / 2. Backwards the same.
    assert mtld(list("ababab")) == pytest.approx(3)
    # a b c a: ratios 1, 1, 1, 0.75: no factor is complete, the last counts (1 - 0.75) / (1 - 0.72).
    assert mtld(list("abca")) == pytest.approx(4 / (0.25 / 0.28))


def test_the_most_diverse_text_has_the_best_mtld_instead_of_the_worst() -> None:
    different = [f"word{index}" for index in range(80)]
    (row,) = scored(LexicalDiversityEvaluator(), texts(" ".join(different)))
    assert row["hdd"] == pytest.approx(1)
    one_repetition = max(mtld([*different[:79], different[place]]) or 0 for place in range(79))
    assert one_repetition < row["mtld"] == mtld([*different, "word0"]) < math.inf
    assert mtld([]) is None


def test_more_varied_words_give_a_higher_mtld_and_hdd() -> None:
    plain, rich = ([f"w{(index * index) % size}" for index in range(400)] for size in (31, 331))
    assert mtld(rich) > mtld(plain) > 0
    assert 1 >= hdd(rich) > hdd(plain) > 0


def test_hdd_is_the_hypergeometric_expectation() -> None:
    # 4 tokens, 2 drawn. "a" twice: 1 - C(2,2)/C(4,2) = 5/6; "b" and "c" once: 1 - C(3,2)/C(4,2) = 1/2 each.
    assert hdd(["a", "a", "b", "c"], draws=2) == pytest.approx((5 / 6 + 1 / 2 + 1 / 2) / 2)


@pytest.mark.parametrize("frequency", [110, 171, 100_000])
def test_hdd_does_not_overflow_however_often_a_word_comes(frequency: int) -> None:
    value = hdd(["the"] * frequency + ["cat"] * 3, draws=42)
    assert 1 / 42 <= value <= 4 / 42


def test_a_short_text_has_no_lexical_diversity() -> None:
    (row,) = scored(LexicalDiversityEvaluator(), texts(FOX))
    assert (row["mtld"], row["hdd"]) == (None, None)


# Readability


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("table", 2), ("reading", 2), ("beautiful", 3), ("jumped", 1), ("wanted", 2), ("the", 1), ("elephant", 3), ("make", 1),
     ("makes", 1), ("boxes", 2), ("people", 2), ("university", 5), ("rhythm", 1), ("little", 2), ("idea", 3), ("created", 3)],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_sentences_are_what_ends_with_a_mark_in_any_script() -> None:
    assert sentences("One. Two! Three? And four") == 4
    assert sentences("这是一个句子。真的吗？") == 2
    assert sentences("3.14 is one number") == 1
    assert sentences(" ... ") == 0


def test_the_formulas_of_readability_are_as_published() -> None:
    (row,) = scored(ReadabilityEvaluator(), texts("The cat sat on the mat. The dog ran to the park."))
    assert (row["word_count"], row["sentence_count"], row["syllable_count"], row["polysyllable_count"], row["letter_count"]) == (12, 2, 12, 0, 35)
    assert row["flesch_reading_ease"] == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert row["flesch_kincaid_grade"] == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert row["gunning_fog"] == pytest.approx(0.4 * 6)
    assert row["coleman_liau_grade"] == pytest.approx(5.88 * 35 / 12 - 29.6 * 2 / 12 - 15.8)
    assert row["automated_readability"] == pytest.approx(4.71 * 35 / 12 + 0.5 * 6 - 21.43)
    assert row["smog_grade"] is None, "not defined under 30 sentences"


def test_a_text_without_words_has_counts_of_zero_and_no_grade() -> None:
    (row,) = scored(ReadabilityEvaluator(), texts("!!! ..."))
    assert (row["word_count"], row["flesch_reading_ease"]) == (0, None)


# Against a reference


def pair(text: str, reference: str) -> dict[str, str]:
    return {"text": text, "reference": reference}


def test_bleu_knows_the_order_of_words() -> None:
    same, shuffled, other, empty = scored(
        BleuEvaluator(), [pair(FOX, FOX), pair(" ".join(sorted(FOX.split())), FOX), pair("no such word", FOX), pair("", FOX)]
    )
    assert same["bleu"] == pytest.approx(1)
    assert shuffled["bleu"] < 0.35
    assert other["bleu"] == 0
    assert empty["bleu"] is None


def test_bleu_of_fewer_orders_is_another_number_and_short_texts_use_what_they_have() -> None:
    tokens, reference = "the fox jumps over a dog".split(), FOX.split()
    assert sentence_bleu(tokens, reference, 1) > sentence_bleu(tokens, reference, 2) > sentence_bleu(tokens, reference, 4) > 0
    assert sentence_bleu(["the", "fox"], ["the", "fox"]) == pytest.approx(1)
    assert sentence_bleu(["the"], FOX.split()) == pytest.approx(math.exp(1 - 9)), "the brevity penalty"


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_bleu_is_that_of_sacrebleu(tokens: list[str], reference: list[str]) -> None:
    sacrebleu = pytest.importorskip("sacrebleu", reason="the comparison needs sacrebleu: pip install sacrebleu")
    theirs = sacrebleu.sentence_bleu(" ".join(tokens), [" ".join(reference)], smooth_method="exp", tokenize="none", use_effective_order=True)
    assert sentence_bleu(tokens, reference) == pytest.approx(theirs.score / 100, abs=1e-6)


def test_rouge_l_is_the_longest_common_subsequence() -> None:
    (row,) = scored(RougeEvaluator(), [pair("police kill the gunman", "police killed the gunman")])
    assert (row["rouge_l_precision"], row["rouge_l_recall"], row["rouge_l"]) == (0.75, 0.75, 0.75)


@given(st.lists(st.sampled_from("abc"), max_size=10), st.lists(st.sampled_from("abc"), max_size=10))
def test_the_longest_common_subsequence_is_that_of_the_table(left: list[str], right: list[str]) -> None:
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for row, one in enumerate(left):
        for column, other in enumerate(right):
            table[row + 1][column + 1] = table[row][column] + 1 if one == other else max(table[row][column + 1], table[row + 1][column])
    assert longest_common_subsequence(left, right) == table[-1][-1]


def test_cider_of_equal_texts_is_ten_and_rare_words_count_more() -> None:
    references = ["a cat sat on the mat", "a dog sat on the grass", "a man rode on the horse"]
    rows = scored(CiderEvaluator(), [pair(reference, reference) for reference in references])
    assert [row["cider"] for row in rows] == pytest.approx([10, 10, 10])
    rare, common = scored(CiderEvaluator(n=1), [pair("cat", references[0]), pair("a", references[1]), pair("x", references[2])])[:2]
    assert rare["cider"] > common["cider"] == 0


def test_cider_has_no_score_where_no_weights_can_be_known() -> None:
    (alone,) = scored(CiderEvaluator(), [pair("a cat", "a cat")])
    assert alone["cider"] is None
    assert scored(CiderEvaluator(), [pair("", "a cat"), pair("a dog", "a dog")])[0]["cider"] is None


# Of a whole table


def test_vendi_counts_the_texts_that_differ() -> None:
    same = scored(VendiEvaluator(), texts(*[FOX] * 6))
    assert [row["vendi_score"] for row in same] == pytest.approx([1] * 6)
    two = scored(VendiEvaluator(), texts(*[FOX] * 3, *["completely unlike words stand here"] * 3))
    assert two[0]["vendi_score"] == pytest.approx(2, abs=0.1)
    assert vendi_score(np.full(5, 0.2)) == pytest.approx(5)


def test_vendi_is_the_same_from_rows_as_from_dimensions_and_leaves_rows_without_vector_null() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(60, 8))
    rows = [{"text": "x", "embedding": vector.tolist()} for vector in vectors]
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = vendi_score(np.linalg.eigvalsh(units @ units.T / 60))
    made = scored(VendiEvaluator(), [*rows, {"text": "x", "embedding": [0.0] * 8}, {"text": "x", "embedding": [1.0]}])
    assert made[0]["vendi_score"] == pytest.approx(expected)
    assert [row["vendi_score"] for row in made[60:]] == [None, None]


def test_vendi_of_a_table_without_words_is_null() -> None:
    assert [row["vendi_score"] for row in scored(VendiEvaluator(), texts("", "!"))] == [None, None]


def test_mmd_is_zero_for_the_same_rows_and_large_for_others() -> None:
    own = texts(*(f"{FOX} number {index}" for index in range(20)))
    other = texts(*(f"completely unlike words stand here {index * 7}" for index in range(20)))
    assert scored(MaximumMeanDiscrepancyEvaluator(), own, own)[0]["mmd"] == pytest.approx(0, abs=1e-9)
    assert scored(MaximumMeanDiscrepancyEvaluator(), own, other)[0]["mmd"] > 0.3


def test_mmd_follows_its_definition() -> None:
    own, other = np.eye(4)[:2], np.eye(4)[2:]
    across = math.exp(-2 / (2 * 0.5**2))
    assert maximum_mean_discrepancy(own, other, sigma=0.5) == pytest.approx((1 + across) / 2 * 2 - 2 * across)


def test_the_draw_of_mmd_does_not_depend_on_the_order_of_the_rows() -> None:
    own, other = texts(*(f"{FOX} {index}" for index in range(30))), texts(*(f"words {index}" for index in range(30)))
    forwards, backwards = (scored(MaximumMeanDiscrepancyEvaluator(max_rows=5), rows, other)[0]["mmd"] for rows in (own, own[::-1]))
    assert forwards == pytest.approx(backwards)


def test_words_fold_case_and_keep_apostrophes() -> None:
    assert words("दिल्ली में cafe\u0301 வணக்கம் القَاهِرَة") == ["दिल्ली", "में", "cafe\u0301", "வணக்கம்", "القَاهِرَة"]
    assert folded_words("Don't SHOUT, café-owner!") == ["don't", "shout", "café", "owner"]
