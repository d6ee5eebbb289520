"""Faults found by running: texts of other languages dropped by English rules, languages told wrong, and reasons that read as untrue."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_assets.pipelines.pretrain_to_chat import PretrainToChat
from dataflow_assets.pipelines.sft_synthesis import SftSynthesis
from dataflow_assets.pipelines.web_text import WebText
from operators.core.sequential import Sequential
from operators.generic.selection.score import ScoreFilter
from operators.tables.numbers import number_beside
from operators.tables.storage import MemoryStorage
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.detection import identify
from operators.text.language.identification import LanguageEvaluator, LanguageFilter
from operators.text.rules.c4 import C4PageFilter
from operators.text.rules.lines import DuplicateLinesFilter
from operators.text.rules.rule_sets import c4_quality, fineweb_quality, gopher_quality, gopher_repetition
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import AlphabeticWordsFilter, ColonEndFilter, MeanWordLengthFilter, SentenceCountFilter

GERMAN = (
    "Der alte Hafen liegt am Rand der Stadt, und jeden Morgen fahren die Fischer mit ihren Booten hinaus auf das Meer. Am Nachmittag kommen sie "
    "zurück und verkaufen ihren Fang auf dem kleinen Markt hinter der Kirche. Viele Leute warten dort schon seit Stunden, denn der Fisch ist frisch "
    "und nicht teuer. Im Winter bleibt der Markt oft geschlossen, weil der Wind zu stark ist. Dann sitzen die Männer in der Stube und flicken ihre "
    "Netze."
)
ENGLISH = "The old harbour lies at the edge of the town, and every morning the fishermen go out to sea with their boats. "
COOKIES = (
    "We use cookies to make this site work and to see how it is used by our visitors. If you go on, you agree to the use of cookies and to the rules "
    "that are named in our notice. You can change your choice at any time in the settings of your browser, or at the foot of every page. "
)
THAI = "ท่าเรือเก่าอยู่ที่ขอบเมือง และทุกเช้าชาวประมงจะออกไปในทะเลกับเรือของพวกเขา ในตอนบ่ายพวกเขากลับมาและขายปลาในตลาดเล็ก " * 3
CHINESE = (
    "老港口在城市的边上，每天早上渔民都坐船出海。下午他们回来，在教堂后面的小市场里卖鱼。"
    "很多人已经在那里等了几个小时，因为鱼很新鲜，也不贵。冬天市场常常关门。"
)
HINDI = "पुराना बंदरगाह शहर के किनारे पर है। हर सुबह मछुआरे नाव लेकर समुद्र में जाते हैं। दोपहर में वे वापस आते हैं। बाज़ार में मछली बिकती है। लोग वहाँ घंटों से खड़े हैं।"
KOREAN = (
    "오래된 항구는 도시의 가장자리에 있다. 매일 아침 어부들은 배를 타고 바다로 나간다. 오후에는 "
    "그들이 돌아와서 작은 시장에서 물고기를 판다. 많은 사람이 그곳에서 기다린다."
)


def run(rule: Any, *texts: str, **columns: list[str | None]) -> tuple[Any, list[str], list[str]]:
    """The report, the texts that stay, and the reasons of the others."""
    kept, rejected = MemoryStorage(), MemoryStorage()
    report = rule.run(MemoryStorage(pa.table({"text": list(texts), **columns})), into=kept, rejected=rejected)
    return report, kept.read()["text"].to_pylist(), rejected.read()["rejected_reason"].to_pylist()


QUALITY = {
    "web_text": WebText(languages=["de"], rate=False).operators()["quality"],
    "pretrain_to_chat": PretrainToChat(languages=["de"]).operators()["quality"],
    "sft_synthesis": SftSynthesis().operators()["readable"],
}


@pytest.mark.parametrize("name", QUALITY)
def test_d1_a_good_german_text_passes_the_rules_of_the_pipelines(name: str) -> None:
    assert run(QUALITY[name], GERMAN)[1] == [GERMAN]


@pytest.mark.parametrize("text", [THAI, CHINESE, HINDI, KOREAN, GERMAN], ids=["th", "zh", "hi", "ko", "de"])
def test_d1_rules_follow_the_script_of_a_text(text: str) -> None:
    rules = Sequential(SentenceCountFilter(), MeanWordLengthFilter(), StopWordsFilter(), C4PageFilter(min_sentences=3))
    assert run(rules, text)[2] == []


def test_d1_rows_on_which_a_rule_has_no_say_are_counted_by_rule() -> None:
    report, kept, _ = run(Sequential(SentenceCountFilter(), MeanWordLengthFilter()), THAI, GERMAN)
    assert kept == [THAI, GERMAN]
    assert report.no_say == {"SentenceCountFilter": 1, "MeanWordLengthFilter": 1}
    assert report.as_dict()["no_say"] == {"SentenceCountFilter": 1, "MeanWordLengthFilter": 1}


def test_d1_the_language_of_a_column_is_believed_and_one_that_says_nothing_is_not() -> None:
    rule = StopWordsFilter()
    assert run(rule, GERMAN, GERMAN, GERMAN, GERMAN, language=["fr", "German", None, "klingon"])[1] == [GERMAN] * 3
    assert run(rule, GERMAN, language=["sw"])[0].no_say == {"StopWordsFilter": 1}
    assert run(rule.bind(input_language="code"), GERMAN, code=["fr"])[2] == [
        "StopWordsFilter: different stop words of the language = 0, below min_distinct = 2"
    ]


@pytest.mark.parametrize("junk", ["alpha-7 beta_9 gamma.x 12 34 56", "Smith Jones Miller Brown " * 10, "= 1 + 2 - 3"])
def test_d1_a_text_of_no_language_is_still_judged(junk: str) -> None:
    report, kept, _ = run(StopWordsFilter(), junk)
    assert (kept, report.no_say) == ([], {})


def test_d1_strict_sets_decide_as_published_whatever_the_language() -> None:
    strict = Sequential(*gopher_quality(strict=True), *gopher_repetition(strict=True), *c4_quality(strict=True), *fineweb_quality(strict=True))
    report, kept, _ = run(strict, GERMAN, THAI)
    assert (kept, report.no_say) == ([], {})


class TestIdentification:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("NOTICE: ALL GUESTS HAVE TO LEAVE THE POOL BEFORE THE GATES CLOSE AT 9pm EVERY DAY", "en"),
            ("Uma boa experiencia", "pt"),
            ("Der Alte Hafen Liegt Am Rand Der Stadt", "de"),
            (GERMAN + " https://example.com/the/best/of/the/web " * 5, "de"),
            (GERMAN + "\n```\nfor (int i = 0; i < n; i++) { total += list[i]; }\n```\n" + GERMAN, "de"),
            (COOKIES + GERMAN * 2 + COOKIES, "de"),
        ],
        ids=["capitals", "short", "title", "urls", "code", "cookies"],
    )
    def test_d6_what_stands_around_a_text_does_not_decide(self, text: str, language: str) -> None:
        found = identify(text)
        assert (found.language, found.confidence > 0.5) == (language, True)

    def test_d6_one_small_letter_changes_nothing(self) -> None:
        shout = "PLEASE LEAVE YOUR BAGS AND COATS AT THE DOOR BEFORE YOU GO INTO THE HALL"
        assert identify(shout).language == identify(shout + " x").language == "en"

    @pytest.mark.parametrize("text", ["", "12345 !!!", "https://www.example.com/the/page", "Smith, Garcia, Kowalska, Tanaka, Li, Petrova, Hassan"])
    def test_d6_what_is_of_no_language_is_undetermined(self, text: str) -> None:
        assert identify(text)[:2] == ("und", 0.0)

    def test_d6_a_text_of_two_languages_is_mixed_and_says_of_which(self, reasons: Any, keeps: Any) -> None:
        text = GERMAN + ENGLISH * 5
        found = identify(text)
        assert found.language == "mixed"
        assert {share.language for share in found.shares} == {"de", "en"}
        assert keeps(LanguageFilter(keep=("en", "de")), text)
        assert re.fullmatch(r"LanguageFilter: language = mixed \((de|en) 0\.\d\d, (de|en) 0\.\d\d\), not en", reasons(LanguageFilter(), text)[0])

    def test_d6_shares_are_a_column(self) -> None:
        kept = MemoryStorage()
        LanguageEvaluator().run(MemoryStorage(pa.table({"text": [GERMAN + ENGLISH * 5, "1"]})), into=kept)
        mixed, none = kept.read()["language_shares"].to_pylist()
        assert {share["language"] for share in mixed} == {"de", "en"}
        assert none == []

    def test_d6_two_letters_are_never_sure(self) -> None:
        assert all(identify(word).confidence < 0.5 for word in ("Ja", "OK", "de", "on"))

    @given(st.text(max_size=400))
    def test_any_text_has_a_language_and_a_confidence_between_0_and_1(self, text: str) -> None:
        found = identify(text)
        assert 0 <= found.confidence <= 1
        assert (found.confidence == 0) == (found.language == "und")
        assert all(0 <= share.share <= 1 for share in found.shares)


class TestMarksAreNoWords:
    def test_d5_quote_marks_bullets_and_rulers_are_no_words(self, keeps: Any) -> None:
        mail = "> > yes\n> > it\n> is\n####\n- good\n----\n> so\n"
        assert keeps(AlphabeticWordsFilter(), mail, "12 % 34 $ 56 € 78", "#### ####") == [True, False, False]
        assert not keeps(AlphabeticWordsFilter(strict=True), mail)

    def test_d5_rulers_and_blank_quotes_repeat_nothing(self, keeps: Any) -> None:
        text = "One line here.\n----------\n>\nAnother line.\n----------\n>\nA third one.\n----------\n>\n"
        assert keeps(DuplicateLinesFilter(), text, "same line\n" * 3) == [True, False]
        assert not keeps(DuplicateLinesFilter(strict=True), text)

    def test_d5_the_end_of_a_long_text_says_little(self, keeps: Any) -> None:
        assert keeps(ColonEndFilter(), "See the list:", GERMAN * 10 + " Mehr dazu:") == [False, True]


class TestReasons:
    def test_d11_a_value_never_reads_as_lying_on_its_bound(self, reasons: Any) -> None:
        rows = "a " * 79999 + "1 " * 20001
        assert reasons(AlphabeticWordsFilter(), rows)[0].endswith("= 0.79999, below min_share = 0.8")
        _, _, found = run_scores(0.4999999)
        assert found == ["score = 0.4999999, below min = 0.5"]

    def test_d11_the_parameter_named_is_the_one_that_failed(self, reasons: Any) -> None:
        found = reasons(DuplicateLinesFilter(max_share=0.2, max_character_share=0.2), "a longer line that comes twice\n" * 2 + "x\ny\nz\nu\nv\nw\n")
        assert "max_character_share = 0.2" in found[0]
        assert "max_share" not in found[0].replace("max_character_share", "")

    def test_d11_a_near_duplicate_states_a_similarity_that_reaches_the_threshold(self, reasons: Any) -> None:
        words = [f"w{number}" for number in range(400)]
        chain = [" ".join(words[start : start + 300]) for start in range(0, 100, 10)]
        for reason in reasons(MinHashDedup(permutations=256), *chain).values():
            assert float(re.search(r"similarity about ([\d.]+)", reason)[1]) >= 0.8  # type: ignore[index]

    @given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    def test_a_number_stays_on_its_side_of_the_bound(self, value: float, bound: float) -> None:
        shown = float(number_beside(value, bound))
        assert (shown > bound, shown < bound) == (value > bound, value < bound)


def run_scores(value: float) -> tuple[Any, int, list[str]]:
    rejected = MemoryStorage()
    report = ScoreFilter(min=0.5).run(MemoryStorage(pa.table({"score": [value]})), rejected=rejected)
    return report, report.rows_out, rejected.read()["rejected_reason"].to_pylist()
