"""Faults of the reference's deduplicators and its language filter, on a few sentences each."""

from __future__ import annotations

import re
from typing import Any

from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LanguageFilter
from tests.faults import fault

ENGLISH = "The weather is good today, and we decided to walk in the park. There were many people, with children running on the grass."


class TestDeduplication:
    @fault("no normalisation (case, spaces, Unicode)")
    def test_texts_are_normalised_before_they_are_hashed(self, keeps: Any) -> None:
        rule = ExactDedup(ignore_case=True, ignore_punctuation=True)
        assert keeps(rule, "Caf\u00e9, au lait", "cafe\u0301  au lait", "other") == [True, False, True]

    @fault("kept copy is the first in file order; no choice of best copy, no cluster id or duplicate-of column in the output")
    def test_which_copy_is_kept_is_chosen_and_the_others_say_of_what_they_are_duplicates(self, keeps: Any, reasons: Any) -> None:
        assert keeps(ExactDedup(keep="longest"), "a b", "a  b") == [False, True]
        assert reasons(ExactDedup(), "a b", "a  b") == {1: "ExactDedup: duplicate of 0"}

    @fault("text shorter than the n-gram gives an empty signature, so all short texts are duplicates of one another and only one survives")
    def test_short_texts_are_duplicates_of_equal_ones_only(self, keeps: Any) -> None:
        assert keeps(MinHashDedup(), "ab", "cd", "one two", "", " ", "one two") == [True, True, True, True, True, False]
        assert keeps(MinHashDedup(unit="character"), "ab", "cd", "", "") == [True, True, True, True]

    @fault("candidates are not verified with the true Jaccard")
    def test_candidates_are_verified_and_the_reason_says_how_similar(self, reasons: Any) -> None:
        words = [f"w{number}" for number in range(300)]
        near = [*words[:298], "x", "y"]
        far = [*words[:200], *(f"v{number}" for number in range(100))]
        found = reasons(MinHashDedup(), " ".join(words), " ".join(near), " ".join(far))
        assert list(found) == [1]
        assert re.fullmatch(r"MinHashDedup: near-duplicate of 0 \(similarity about (0\.9\d|1\.00)\)", found[1])

    def test_duplicates_are_found_across_batches(self, keeps: Any) -> None:
        texts = [f"text number {number % 3000} of many that are all different from each other" for number in range(6000)]
        assert sum(keeps(ExactDedup(), *texts)) == 3000


class TestLanguageFilter:
    @fault("no probability threshold: a label with probability 0.001 at rank 5 is enough, so the filter is far too permissive")
    def test_a_german_text_is_not_english(self, keeps: Any) -> None:
        assert not keeps(LanguageFilter(keep=("en",)), "Das ist ein deutscher Text über die Geschichte der Stadt.")

    @fault("the shipped pipeline passes a string instead of a list and works only because of substring search")
    def test_one_language_may_be_given_without_a_list(self, keeps: Any) -> None:
        assert keeps(LanguageFilter(keep="en"), ENGLISH)

    @fault("one predict call per row, None crashes")
    def test_nulls_and_texts_without_a_language_are_dropped_and_line_breaks_do_not_matter(self, keeps: Any) -> None:
        texts = (None, "", "12345 !!", ENGLISH, "Line\nbreaks in the text\ndo not matter to it")
        assert keeps(LanguageFilter(keep=("en",)), *texts) == [False, False, False, True, True]
