"""As test_reference_faults.py, for deduplication, language and refiners."""

from __future__ import annotations

from typing import Any

import pytest

from operators.text.dedup import ExactDedup
from operators.text.emoji import RemoveEmoji
from operators.text.html_text import HtmlToText
from operators.text.language import LanguageFilter
from operators.text.minhash_dedup import MinHashDedup
from operators.text.refine import DecodeHtmlEntities, NormalizeSpaces
from operators.text.urls import RemoveUrls

ENGLISH = "The weather is good today, and we decided to walk in the park. There were many people, with children running on the grass."


class TestDeduplication:
    def test_hash_no_normalisation(self, keeps: Any) -> None:
        rule = ExactDedup(ignore_case=True, ignore_punctuation=True)
        assert keeps(rule, "Caf\u00e9, au lait", "cafe\u0301  au lait", "other") == [True, False, True]

    def test_kept_copy_is_the_first_no_choice_no_duplicate_of(self, keeps: Any, reasons: Any) -> None:
        assert keeps(ExactDedup(keep="longest"), "a b", "a  b") == [False, True]
        assert reasons(ExactDedup(), "a b", "a  b") == {1: "ExactDedup: duplicate of 0"}

    def test_minhash_all_short_texts_are_duplicates_of_one_another(self, keeps: Any) -> None:
        assert keeps(MinHashDedup(), "ab", "cd", "one two", "", " ", "one two") == [True, True, True, True, True, False]
        assert keeps(MinHashDedup(unit="character"), "ab", "cd", "", "") == [True, True, True, True]

    def test_minhash_candidates_are_not_verified(self, reasons: Any) -> None:
        words = [f"w{number}" for number in range(300)]
        near = [*words[:298], "x", "y"]
        far = [*words[:200], *(f"v{number}" for number in range(100))]
        found = reasons(MinHashDedup(), " ".join(words), " ".join(near), " ".join(far))
        assert list(found) == [1]
        assert found[1].startswith("MinHashDedup: near-duplicate of 0 (similarity about 0.9")

    def test_duplicates_are_found_across_batches(self, keeps: Any) -> None:
        texts = [f"text number {number % 3000} of many that are all different from each other" for number in range(6000)]
        assert sum(keeps(ExactDedup(), *texts)) == 3000


class TestLanguageFilter:
    def test_a_label_with_probability_0_001_at_rank_5_is_enough(self, keeps: Any) -> None:
        assert not keeps(LanguageFilter(keep=("en",)), "Das ist ein deutscher Text über die Geschichte der Stadt.")

    def test_a_string_works_only_because_of_substring_search(self, keeps: Any) -> None:
        assert keeps(LanguageFilter(keep="en"), ENGLISH)

    def test_one_predict_call_crashes_on_none(self, keeps: Any) -> None:
        assert keeps(LanguageFilter(keep=("en",)), None, "", "12345 !!", ENGLISH, "Line\nbreaks in the text\ndo not matter to it") == [
            False,
            False,
            False,
            True,
            True,
        ]


class TestRefiners:
    def test_html_entity_refiner_deletes_instead_of_decoding(self, refined: Any) -> None:
        assert refined(DecodeHtmlEntities(), "a &lt; b &amp;&#160;c &hellip;") == "a < b &\xa0c …"

    @pytest.mark.parametrize(
        "text", ["a < b and c > d", "if (a<b && c>d) return x<y;", "vector<int> v; Map<K, V> m; Box<T> b;", "`<b>` is bold", "x <- 3 -> y", "<3 you"]
    )
    def test_a_smaller_b_and_c_greater_d_loses_its_middle(self, text: str, refined: Any) -> None:
        assert refined(HtmlToText(), text) == text

    def test_multi_line_tags_and_script_bodies_remain(self, refined: Any) -> None:
        assert refined(HtmlToText(), "<div\n class='a'>Text</div><script>var a = 1;</script>") == "Text"

    @pytest.mark.parametrize(
        ("text", "without"),
        [
            ("See (https://a.example/b). Then", "See (). Then"),
            ("[the docs](https://a.example/x_(y)) say", "the docs say"),
            ("Go to www.a.example/b, please", "Go to, please"),
            ("a https://a.example b", "a b"),
            ("访问https://a.example/中文。好", "访问中文。好"),
            ("<https://a.example>", ""),
            ("https://en.wikipedia.org/wiki/A_(b)", ""),
            ("no link: //comment, and/or, http:", "no link: //comment, and/or, http:"),
        ],
    )
    def test_closing_bracket_or_markdown_after_a_url_is_eaten_and_www_is_untouched(self, text: str, without: str, refined: Any) -> None:
        assert refined(RemoveUrls(), text) == without

    @pytest.mark.parametrize(
        "emoji",
        ["👩\u200d👩\u200d👧", "1\ufe0f\u20e3", "🇩🇪", "👍🏽", "❤\ufe0f", "☀", "🥹", "🏴\U000e0067\U000e0062\U000e0065\U000e007f", "🧑\u200d💻"],
    )
    def test_other_blocks_zwj_and_keycaps_leave_broken_residues(self, emoji: str, refined: Any) -> None:
        assert refined(RemoveEmoji(), f"Good {emoji} day{emoji}") == "Good day"

    def test_remove_extra_spaces_destroys_newlines(self, refined: Any) -> None:
        text = "A  heading\r\n\r\n\r\n\r\nA\u3000paragraph \n    code(x,  y)\n"
        assert refined(NormalizeSpaces(), text) == "A heading\n\nA paragraph\n    code(x, y)"

    @pytest.mark.parametrize(
        "refiner", [HtmlToText(), RemoveUrls(), RemoveEmoji(), NormalizeSpaces(), DecodeHtmlEntities()], ids=lambda refiner: refiner.name
    )
    def test_null_value_crashes(self, refiner: Any, refined: Any) -> None:
        assert refined(refiner, None) is None
