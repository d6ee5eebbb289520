"""Faults of the reference's filters of lines, phrases and signs."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from operators.engine.batch import Batch
from operators.tables.errors import ParameterError
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, RemoveLines
from operators.text.privacy.identity_numbers import IdentityNumberFilter
from operators.text.rules.blocklist import BLOCKED, BlocklistFilter
from operators.text.rules.whole_text import (
    BlankFilter,
    BulletLinesFilter,
    ColonEndFilter,
    CurlyBracketFilter,
    HtmlEntityFilter,
    JavascriptLinesFilter,
    LongestUnpunctuatedRunFilter,
    LoremIpsumFilter,
    SpecialCharacterFilter,
    WatermarkFilter,
)
from tests.faults import fault
from tests.text.faults.python_calls import python_calls
from tests.text.faults.test_every_rule import CHINESE, GOOD


class TestColonEndFilter:
    @fault("trailing space or newline after the colon defeats it")
    @pytest.mark.parametrize("text", ["Which one: ", "Which one:\n", "Which one:\u3000", "Which one:\r\n\n\t"])
    def test_white_space_after_the_colon_does_not_count(self, text: str, keeps: Any) -> None:
        assert not keeps(ColonEndFilter(), text)

    @fault("full-width colon U+FF1A is not recognised")
    def test_a_colon_of_any_width_is_one(self, keeps: Any) -> None:
        assert keeps(ColonEndFilter(), "哪一个：", "哪一个: 甲") == [False, True]


@fault("the one operator meant for nulls crashes on NaN (float has no strip)")
def test_content_null_filter_drops_nulls_and_blank_texts_alike(keeps: Any) -> None:
    assert keeps(BlankFilter(), None, "", " \u3000\n", "x") == [False, False, False, True]


class TestHtmlEntityFilter:
    @fault("no-semicolon form already implies the other variants, so 5/6 of the list is redundant")
    def test_a_name_that_goes_on_is_no_entity(self, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), "R&amplifier and Q&quote", "R&amp;D") == [True, False]

    @fault("substring hits inside URLs such as a=1&lt_x=2 drop good pages")
    def test_the_parameters_of_a_url_are_no_entities(self, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), "See http://a.example/?a=1&lt_x=2 and http://a.example/?a=1&lt;x for more.")

    @fault("numeric entities are not detected")
    def test_numeric_entities_are_entities(self, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), "a&#160;b", "a&#x27;b", "a&#;b, &#x;") == [False, False, True]

    def test_a_refiner_repairs_them_instead(self, refined: Any, keeps: Any) -> None:
        assert keeps(HtmlEntityFilter(), refined(DecodeHtmlEntities(), "a &lt; b &amp; c"))


class TestIDCardFilter:
    @fault("matches topic words, not numbers: an essay about cultural identity with three uses is dropped")
    @fault("unescaped dots in I.D.")
    def test_writing_about_identity_is_no_reason(self, keeps: Any) -> None:
        essay = "Identity, identification and identity again: an essay on identity. ID No, id card, I.D. Number."
        assert keeps(IdentityNumberFilter(), essay, "IxDx number, IADB number, i d number") == [True, True]

    @fault("no checksum or digit pattern so real IDs pass")
    @pytest.mark.parametrize("number", ["11010519491231002X", "S1234567D", "900101-1234568", "219-09-1234"])
    def test_numbers_of_documents_are_found(self, number: str, keeps: Any) -> None:
        assert not keeps(IdentityNumberFilter(), f"My number is {number}.")

    @pytest.mark.parametrize("number", ["110105194912310021", "S1234567A", "900101-1234567", "000-12-3456", "2024-01-1234", "11010519491331002X"])
    def test_numbers_whose_check_fails_are_only_numbers(self, number: str, keeps: Any) -> None:
        assert keeps(IdentityNumberFilter(), f"Order {number}.")


@fault("no CJK punctuation, and CJK text has no spaces, so the measure is meaningless there")
def test_no_punc_filter_knows_the_punctuation_of_chinese(keeps: Any) -> None:
    assert keeps(LongestUnpunctuatedRunFilter(), CHINESE * 20)
    assert not keeps(LongestUnpunctuatedRunFilter(), CHINESE.replace("，", "").replace("。", "") * 20)


class TestSpecialCharacterFilter:
    @fault("the first pattern matches the visible string 'u200e', not the LRM character")
    def test_the_characters_count_and_not_their_names(self, keeps: Any) -> None:
        assert keeps(SpecialCharacterFilter(), "The code point u200e is called LRM.")
        assert keeps(SpecialCharacterFilter(), "a\u202eb", "a\x07b", "a\ufffdb", "a\ue000b") == [False] * 4

    @fault("'? :' drops any C-like ternary or French typography")
    def test_a_ternary_or_french_typography_is_no_reason(self, keeps: Any) -> None:
        assert keeps(SpecialCharacterFilter(), "x = a ? b : c; Pourquoi ? : parce que ☀ 🎉")

    @fault("one bad character drops the whole document instead of repairing it")
    def test_a_share_of_them_drops_a_text_and_a_few_can_be_repaired(self, keeps: Any, refined: Any) -> None:
        assert keeps(SpecialCharacterFilter(), GOOD * 3 + "\ufffd", "b\ufffdd\ufffd") == [True, False]
        assert refined(FixUnicode(), "schÃ¶n\x00") == "schön"


class TestWatermarkFilter:
    @fault("strings are not escaped (a dot or + changes meaning)")
    def test_phrases_are_literal(self, keeps: Any) -> None:
        rule = WatermarkFilter(phrases=("a.b+c", "(", "$1"), max_share=0, min_lines=1)
        assert keeps(rule, "axbbc", "see a.b+c", "cost: $1", "cost: 1$", "f(x)") == [True, False, False, True, False]

    @fault("mutable list default")
    def test_the_phrases_of_one_filter_cannot_change_those_of_another(self) -> None:
        one = WatermarkFilter()
        with pytest.raises((ValidationError, AttributeError)):
            one.phrases.append("x")  # type: ignore[attr-defined]
        with pytest.raises(AttributeError, match="cannot be set"):
            setattr(one, "phrases", ("x",))  # noqa: B010
        given = ["mine"]
        other = WatermarkFilter(phrases=given)
        given.append("x")
        assert (other.phrases, WatermarkFilter().phrases) == (("mine",), ("copyright", "watermark", "confidential"))

    @fault("any page with a copyright line is removed: very high false-positive rate on web text")
    def test_the_one_copyright_line_of_a_page_is_no_reason(self, keeps: Any) -> None:
        page = "\n".join([*[f"Line {number} of an article." for number in range(20)], "Copyright 2024 Someone"])
        assert keeps(WatermarkFilter(), page, "Copyright", "CONFIDENTIAL\ntext\nConfidential\ntext") == [True, True, False]

    @fault("regex joined again for every row")
    def test_nothing_is_joined_or_compiled_per_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rule, tables = WatermarkFilter(), [pa.record_batch({"text": [GOOD] * rows}) for rows in (10, 1000)]
        calls = [python_calls(lambda rows=rows: rule.process(Batch(rows), {})) for rows in tables]  # type: ignore[misc]
        assert calls[0] == calls[1]
        asked: list[Any] = []
        monkeypatch.setattr(re, "_compile", lambda pattern, flags: asked.append(pattern))
        assert len(rule.process(Batch(tables[0]), {}).kept) == 10
        assert not asked

    def test_an_empty_phrase_is_refused(self) -> None:
        with pytest.raises(ParameterError, match="empty phrase"):
            WatermarkFilter(phrases=("",))


@fault("drops code and LaTeX; no domain switch")
def test_curly_bracket_filter_spares_code_and_latex_where_it_is_told_to(keeps: Any) -> None:
    latex = r"\begin{align} \frac{a}{b} + \frac{c}{d} = \sum_{i}{x} \end{align}"
    code = "def f(x):\n    return {**x, 'a': {}}\n\ndef g(x):\n    return {x: {}}\n"
    assert keeps(CurlyBracketFilter(keep_code=True), latex, code) == [True, True]
    assert keeps(CurlyBracketFilter(), latex, code, "{" * 40) == [True, False, False]
    assert not keeps(CurlyBracketFilter(keep_code=True), "{" * 40)


class TestLoremIpsumFilter:
    @fault("3e-8 means one hit in a text of under 33 million characters always drops it, so the ratio is a disguised boolean")
    def test_the_parameter_counts_occurrences(self, keeps: Any) -> None:
        texts = [f"{'Lorem Ipsum is filler. ' * times}{GOOD}" for times in range(4)]
        assert keeps(LoremIpsumFilter(), *texts) == [True, False, False, False]
        assert keeps(LoremIpsumFilter(max_occurrences=2), *texts) == [True, True, True, False]

    @fault("lower() plus IGNORECASE is redundant")
    def test_case_is_ignored_once_in_the_scan_and_no_copy_is_made(self, keeps: Any) -> None:
        assert keeps(LoremIpsumFilter(), "LOREM IPSUM dolor", "lOrEm IpSuM", "lorem, ipsum") == [False, False, True]
        tables = [pa.record_batch({"text": [GOOD.upper()] * rows}) for rows in (10, 1000)]
        calls = [python_calls(lambda rows=rows: LoremIpsumFilter().process(Batch(rows), {})) for rows in tables]  # type: ignore[misc]
        assert calls[0] == calls[1]


class TestLineStartWithBulletpointFilter:
    @fault("Markdown - and * bullets and numbered lists are ignored")
    def test_markdown_and_numbered_items_are_bullets(self, keeps: Any) -> None:
        assert not keeps(BulletLinesFilter(), "- a\n* b\n+ c\n1. d\n2) e")

    @fault("an en-dash dialogue line counts as bullet")
    def test_a_dash_that_opens_speech_is_none(self, keeps: Any) -> None:
        assert keeps(BulletLinesFilter(), "– Bonjour.\n– Bonsoir.\n— Hello.")


class TestLineWithJavascriptFilter:
    @fault("logic keeps nearly everything: 1000 javascript lines plus 3 normal ones pass, and any 3-line text passes")
    def test_the_share_of_the_lines_decides_however_many_there_are(self, keeps: Any) -> None:
        texts = ("Enable JavaScript\n" * 1000 + "a\nb\nc", "javascript is off\njavascript is off\nbye", "javascript", "JavaScript\n" + "a line\n" * 9)
        assert keeps(JavascriptLinesFilter(), *texts) == [False, False, False, True]

    @fault("drops the document instead of the lines as in C4")
    def test_a_refiner_drops_the_lines_alone(self, refined: Any) -> None:
        assert refined(RemoveLines(phrases=("javascript",)), "A story.\nPlease enable JavaScript.\nThe end.") == "A story.\nThe end."

    @fault("constant 3 duplicated with the parameter")
    def test_the_parameter_alone_decides(self, keeps: Any) -> None:
        three = "javascript\ntwo\nthree"
        assert [keeps(JavascriptLinesFilter(max_share=share), three) for share in (0, 0.3, 0.34, 1)] == [False, False, True, True]


class TestBlocklistFilter:
    @fault("threshold 1 means one obscene word is allowed")
    def test_one_is_too_many_unless_some_are_allowed(self, keeps: Any) -> None:
        assert keeps(BlocklistFilter(phrases=("spam",)), "no spam here", "nothing") == [False, True]
        assert keeps(BlocklistFilter(phrases=("spam",), max_occurrences=1), "one spam", "spam, spam") == [True, False]

    @fault("124 of 403 English entries contain a space and can never equal a single token")
    def test_every_entry_is_found_also_those_of_several_words(self, keeps: Any) -> None:
        for phrase in BLOCKED["en"]:
            assert not keeps(BlocklistFilter(), f"Look: {phrase}!"), phrase
        assert keeps(BlocklistFilter(phrases=("two words",)), "Two\n words", "two-words", "two other words") == [False, False, True]

    @fault("Chinese text has no spaces so the zh list almost never matches")
    @pytest.mark.parametrize("language", ["zh", "ja"])
    def test_scripts_without_spaces_are_searched_anywhere(self, language: Any, keeps: Any) -> None:
        for phrase in BLOCKED[language]:
            assert not keeps(BlocklistFilter(language=language), f"今天{phrase}很多"), phrase
        assert keeps(BlocklistFilter(language="zh"), CHINESE)

    @fault("punctuation glued to the word escapes the match in split mode")
    def test_punctuation_around_a_word_does_not_hide_it(self, keeps: Any) -> None:
        assert keeps(BlocklistFilter(phrases=("spam",)), "(spam),", "«Spam»!", "**SPAM**", "spammer") == [False, False, False, True]

    @fault("unknown language raises FileNotFoundError")
    def test_an_unknown_language_is_answered_with_those_there_are(self) -> None:
        with pytest.raises(ParameterError, match="'de', 'en', 'es', 'fr', 'ja' or 'zh'"):
            BlocklistFilter(language="xx")
