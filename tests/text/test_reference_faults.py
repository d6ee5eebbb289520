"""Each fault that was found in a rule filter of the reference system is a test that ours passes.

The names of the tests are the reference's operators; each case quotes its fault.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from operators.core.errors import ParameterError
from operators.text.filter import (
    AlphabeticWordsFilter,
    BlankFilter,
    BulletLinesFilter,
    CapitalWordsFilter,
    CharacterCountFilter,
    ColonEndFilter,
    CurlyBracketFilter,
    EllipsisLinesFilter,
    HtmlEntityFilter,
    JavascriptLinesFilter,
    LongestUnpunctuatedRunFilter,
    LoremIpsumFilter,
    MeanWordLengthFilter,
    SentenceCountFilter,
    SpecialCharacterFilter,
    SymbolToWordRatioFilter,
    UniqueWordsFilter,
    WatermarkFilter,
    WordCountFilter,
)
from operators.text.identity_numbers import IdentityNumberFilter
from operators.text.line_filter import NGramRepetitionFilter
from operators.text.refine import RemoveLines
from operators.text.stop_words import StopWordsFilter

CHINESE = (
    "今天天气很好，我们决定去公园散步。公园里有很多人，孩子们在草地上奔跑。"
    "我们坐在湖边的长椅上，看着远处的山。傍晚的时候，我们一起回家吃饭，大家都觉得很开心。"
)
ENGLISH = (
    "The weather is good today, and we decided to walk in the park. There were many people, "
    "with children running on the grass. We had to go home in the evening."
)
RULES: tuple[Any, ...] = (
    *(WordCountFilter(min_words=5), CharacterCountFilter(), SentenceCountFilter(), MeanWordLengthFilter(), SymbolToWordRatioFilter()),
    *(AlphabeticWordsFilter(), UniqueWordsFilter(), CapitalWordsFilter(), CurlyBracketFilter(), BulletLinesFilter(), EllipsisLinesFilter()),
    *(JavascriptLinesFilter(), LoremIpsumFilter(), HtmlEntityFilter(), ColonEndFilter(), BlankFilter(), LongestUnpunctuatedRunFilter()),
    *(SpecialCharacterFilter(), WatermarkFilter(), IdentityNumberFilter(), StopWordsFilter(), NGramRepetitionFilter()),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
class TestEveryRule:
    def test_a_missing_value_crashes_the_reference_and_is_a_rejected_row_here(self, rule: Any, reasons: Any) -> None:
        assert reasons(rule, None, ENGLISH) == {0: "text is null"}

    def test_rejected_rows_and_reasons_are_not_lost(self, rule: Any, reasons: Any) -> None:
        junk = (
            "",
            "{#...#}:",
            "\ufffd" * 9,
            "lorem ipsum:",
            "-- ... " * 400,
            "x" * 60 + " &amp;",
            "javascript",
            "ID 123-45-6789",
            "AA BB CC",
            "w " * 900,
        )
        dropped = reasons(rule, *junk, "- a\n- b", "copyright\ncopyright")
        assert dropped
        assert all(reason.startswith(f"{rule.name}: ") and len(reason) > len(rule.name) + 3 for reason in dropped.values())

    def test_chinese_prose_is_not_dropped_for_having_no_spaces(self, rule: Any, keeps: Any) -> None:
        rule = StopWordsFilter(language="zh") if isinstance(rule, StopWordsFilter) else rule
        rule = CharacterCountFilter(min_characters=50) if isinstance(rule, CharacterCountFilter) else rule
        assert keeps(rule, CHINESE)


class TestColonEndFilter:
    @pytest.mark.parametrize("text", ["Which one: ", "Which one:\n", "Which one:\u3000"])
    def test_trailing_space_or_newline_after_the_colon_defeats_it(self, text: str, keeps: Any) -> None:
        assert not keeps(ColonEndFilter(), text)

    def test_full_width_colon_is_not_recognised(self, keeps: Any) -> None:
        assert not keeps(ColonEndFilter(), "哪一个：")


class TestSentenceNumberFilter:
    def test_a_4_sentence_chinese_text_counts_1_and_is_dropped(self, keeps: Any) -> None:
        assert keeps(SentenceCountFilter(min_sentences=4, max_sentences=4), "你好。今天好吗？很好！再见。")

    def test_abbreviations_and_decimals_are_cut(self, keeps: Any) -> None:
        assert keeps(SentenceCountFilter(min_sentences=2, max_sentences=2), "Dr. Smith paid 3.5 dollars. He left.")


def test_content_null_filter_crashes_on_nan(keeps: Any) -> None:
    assert keeps(BlankFilter(), None, "", " \u3000\n", "x") == [False, False, False, True]


class TestSymbolWordRatioFilter:
    def test_word_punct_counts_punctuation_as_words_so_the_ratio_is_lower_than_in_the_paper(self, keeps: Any) -> None:
        text = "# one, two; three! four? five: six. seven, eight #"
        assert not keeps(SymbolToWordRatioFilter(), text)

    def test_symbols_are_a_fixed_list_not_a_parameter(self, keeps: Any) -> None:
        assert not keeps(SymbolToWordRatioFilter(symbols=("§",)), "§ one § two")


class TestAlphaWordsFilter:
    def test_no_defaults_although_siblings_have_them(self) -> None:
        assert AlphabeticWordsFilter().min_share == 0.8

    @pytest.mark.parametrize("text", ["Это русский текст", "هذا نص عربي", "นี่คือข้อความ", CHINESE, "Αυτό είναι κείμενο"])
    def test_ascii_letters_only_every_non_latin_language_is_dropped(self, text: str, keeps: Any) -> None:
        assert keeps(AlphabeticWordsFilter(), text)


class TestHtmlEntityFilter:
    def test_substring_hits_inside_urls_drop_good_pages(self, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), "See http://a.example/?a=1&lt_x=2 and http://a.example/?a=1&lt;x for more.")

    def test_numeric_entities_are_not_detected(self, keeps: Any) -> None:
        assert not keeps(HtmlEntityFilter(), "a&#160;b&#x27;c")

    def test_the_form_without_a_semicolon_implies_the_other_variants(self, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), "R&amplifier and Q&quote")


class TestIDCardFilter:
    def test_an_essay_about_cultural_identity_is_dropped(self, keeps: Any) -> None:
        assert keeps(IdentityNumberFilter(), "Identity, identification and identity again: an essay on identity. ID No, id card, I.D. Number.")

    @pytest.mark.parametrize("number", ["11010519491231002X", "S1234567D", "900101-1234568", "219-09-1234"])
    def test_no_checksum_or_digit_pattern_so_real_ids_pass(self, number: str, keeps: Any) -> None:
        assert not keeps(IdentityNumberFilter(), f"My number is {number}.")

    @pytest.mark.parametrize("number", ["110105194912310021", "S1234567A", "900101-1234567", "000-12-3456", "2024-01-1234", "11010519491331002X"])
    def test_numbers_whose_check_fails_are_only_numbers(self, number: str, keeps: Any) -> None:
        assert keeps(IdentityNumberFilter(), f"Order {number}.")


class TestNoPuncFilter:
    def test_no_cjk_punctuation_and_no_spaces_so_the_measure_is_meaningless_there(self, keeps: Any) -> None:
        assert keeps(LongestUnpunctuatedRunFilter(), CHINESE * 20)
        assert not keeps(LongestUnpunctuatedRunFilter(), CHINESE.replace("，", "").replace("。", "") * 20)


class TestSpecialCharacterFilter:
    def test_the_first_pattern_matches_the_visible_string_u200e(self, keeps: Any) -> None:
        assert keeps(SpecialCharacterFilter(), "The code point u200e is called LRM.")

    def test_a_ternary_or_french_typography_is_dropped(self, keeps: Any) -> None:
        assert keeps(SpecialCharacterFilter(), "x = a ? b : c; Pourquoi ? : parce que ☀ 🎉")

    def test_one_bad_character_drops_the_whole_document(self, keeps: Any) -> None:
        assert keeps(SpecialCharacterFilter(), ENGLISH * 3 + "\ufffd")
        assert not keeps(SpecialCharacterFilter(), "b\ufffdd\ufffd")


class TestWatermarkFilter:
    def test_strings_are_not_escaped(self, keeps: Any) -> None:
        rule = WatermarkFilter(phrases=("a.b+c",), max_share=0, min_lines=1)
        assert keeps(rule, "axbbc", "see a.b+c") == [True, False]

    def test_mutable_list_default(self) -> None:
        assert isinstance(WatermarkFilter().phrases, tuple)

    def test_any_page_with_a_copyright_line_is_removed(self, keeps: Any) -> None:
        page = "\n".join([*[f"Line {number} of an article." for number in range(20)], "Copyright 2024 Someone"])
        assert keeps(WatermarkFilter(), page, "Copyright", "CONFIDENTIAL\ntext\nConfidential\ntext") == [True, True, False]

    def test_an_empty_phrase_is_refused(self) -> None:
        with pytest.raises(ParameterError, match="empty phrase"):
            WatermarkFilter(phrases=("",))


class TestMeanWordLengthFilter:
    def test_upper_bound_exclusive_while_paper_is_inclusive(self, keeps: Any) -> None:
        assert keeps(MeanWordLengthFilter(), "abcdefghij abcdefghij", "abc def", "abcdefghijk") == [True, True, False]

    def test_no_cjk_handling(self, keeps: Any) -> None:
        assert keeps(MeanWordLengthFilter(), CHINESE)


class TestStopWordFilter:
    def test_english_only(self, keeps: Any) -> None:
        german = "Der Mann geht in den Park und das Kind ist mit ihm dort."
        assert keeps(StopWordsFilter(language="de"), german)
        assert keeps(StopWordsFilter(language="ru"), "Он не знал, что это было в городе и на реке.")
        assert keeps(StopWordsFilter(language="ja"), "これは本です。東京に行きました。私は学生で、彼も学生です。")

    def test_an_unknown_language_is_a_clear_error(self) -> None:
        with pytest.raises(ParameterError, match='did you mean "en"'):
            StopWordsFilter(language="eng")

    def test_nothing_is_downloaded_or_created_when_it_is_built(self, tmp_path: Any) -> None:
        code = "import sys; from operators.text.stop_words import StopWordsFilter; StopWordsFilter()\n"
        code += "print(sorted({'nltk', 'numba'} & set(sys.modules)))"
        command = [sys.executable, "-B", "-c", code]
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=_environment())
        assert result.stdout.strip() == "[]"
        assert not list(tmp_path.iterdir())


class TestCurlyBracketFilter:
    def test_drops_code_and_latex_no_domain_switch(self, keeps: Any) -> None:
        latex = r"\begin{align} \frac{a}{b} + \frac{c}{d} = \sum_{i}{x} \end{align}"
        assert keeps(CurlyBracketFilter(keep_code=True), latex)
        assert not keeps(CurlyBracketFilter(), latex)


class TestCapitalWordsFilter:
    def test_numeric_and_letter_codes_such_as_a1_count_as_upper(self, keeps: Any) -> None:
        assert keeps(CapitalWordsFilter(), "Rooms A1 B2 C3 D4 are free, I think")
        assert not keeps(CapitalWordsFilter(), "BUY NOW and SAVE")


class TestLoremIpsumFilter:
    def test_the_ratio_is_a_disguised_boolean(self, keeps: Any) -> None:
        assert keeps(LoremIpsumFilter(max_occurrences=1), "Lorem Ipsum is filler. " + ENGLISH)
        assert not keeps(LoremIpsumFilter(), "LOREM IPSUM dolor")


def test_unique_words_filter_punishes_long_good_documents(keeps: Any) -> None:
    vocabulary = " ".join(f"word{number}" for number in range(400))
    assert keeps(UniqueWordsFilter(), " ".join([vocabulary] * 50))
    assert not keeps(UniqueWordsFilter(), "buy now " * 500)


def test_char_number_filter_counts_other_unicode_white_space(keeps: Any) -> None:
    rule = CharacterCountFilter(min_characters=3)
    assert keeps(rule, "a\xa0\xa0\u3000b\r\r", "a\u3000bc") == [False, True]


class TestLineStartWithBulletpointFilter:
    def test_markdown_bullets_and_numbered_lists_are_ignored(self, keeps: Any) -> None:
        assert not keeps(BulletLinesFilter(), "- a\n* b\n+ c\n1. d\n2) e")

    def test_an_en_dash_dialogue_line_counts_as_bullet(self, keeps: Any) -> None:
        assert keeps(BulletLinesFilter(), "– Bonjour.\n– Bonsoir.\n— Hello.")


class TestLineWithJavascriptFilter:
    def test_1000_javascript_lines_plus_3_normal_ones_pass(self, keeps: Any) -> None:
        assert not keeps(JavascriptLinesFilter(), "Enable JavaScript\n" * 1000 + "a\nb\nc")

    def test_any_3_line_text_passes(self, keeps: Any) -> None:
        assert not keeps(JavascriptLinesFilter(), "javascript is off\njavascript is off\nbye")

    def test_drops_the_document_instead_of_the_lines_as_in_c4(self, refined: Any) -> None:
        assert refined(RemoveLines(phrases=("javascript",)), "A story.\nPlease enable JavaScript.\nThe end.") == "A story.\nThe end."


def test_word_number_filter_drops_cjk_text_as_one_word(keeps: Any) -> None:
    assert keeps(WordCountFilter(min_words=30, max_words=80), CHINESE)


def test_ngram_filter_drops_texts_shorter_than_n_words_silently(keeps: Any) -> None:
    assert keeps(NGramRepetitionFilter(), "two words")


def _environment() -> dict[str, str]:
    import os
    from pathlib import Path

    import operators

    return {**os.environ, "PYTHONPATH": str(Path(operators.__file__).parent.parent)}
