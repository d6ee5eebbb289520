"""Faults of the reference's filters that count words, sentences and characters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import operators
from operators.engine.batch import Batch
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.rules.evaluator import StatisticsEvaluator
from operators.text.rules.lines import NGramRepetitionFilter
from operators.text.rules.stop_words import STOP_WORDS, StopWordsFilter
from operators.text.rules.whole_text import (
    AlphabeticWordsFilter,
    CapitalWordsFilter,
    CharacterCountFilter,
    MeanWordLengthFilter,
    SentenceCountFilter,
    SymbolToWordRatioFilter,
    UniqueWordsFilter,
    WordCountFilter,
)
from tests.faults import fault
from tests.text.faults.python_calls import python_calls
from tests.text.faults.test_every_rule import CHINESE, GOOD


def columns_after(operator: Any, text: str) -> list[str]:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.table({"row_id": ["0"], "text": [text]})), into=kept)
    return list(kept.schema.names)


IN_AN_EMPTY_FOLDER = """
import socket, sys
def refuse(*arguments): raise SystemExit("a connection was opened")
socket.socket.connect = refuse
from operators.text.rules.whole_text import AlphabeticWordsFilter, CapitalWordsFilter
from operators.text.rules.stop_words import StopWordsFilter
rules = AlphabeticWordsFilter(), CapitalWordsFilter(), StopWordsFilter()
print(*sorted({"nltk", "numba"} & set(sys.modules)))
import pyarrow as pa
from operators import MemoryStorage
for rule, texts in zip(rules, (["1 2 3", "a text"], ["BUY,NOW! SAVE.", "a quiet text"], ["x y z", "the cat and the dog"])):
    table = MemoryStorage(pa.table({"text": texts}))
    print(*rule.run(table).table["text"].to_pylist())
print(*{"nltk"} & set(sys.modules))
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a new process prints that can reach no network: modules after the rules were built, the text that each keeps, modules at the end."""
    folder = tmp_path_factory.mktemp("empty")
    environment = {**os.environ, "PYTHONPATH": str(Path(operators.__file__).parent.parent)}
    command = [sys.executable, "-B", "-c", IN_AN_EMPTY_FOLDER]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=environment)
    assert not list(folder.iterdir()), "something was downloaded or created"
    return result.stdout.split("\n")[:-1]


class TestWordNumberFilter:
    @fault("column named label holds a count, unlike its siblings")
    def test_a_filter_adds_no_column_and_the_count_is_had_under_its_name(self) -> None:
        assert columns_after(WordCountFilter(min_words=1), "two words") == ["row_id", "text"]
        assert columns_after(StatisticsEvaluator(statistics=("words",)), "two words") == ["row_id", "text", "words"]

    @fault("CJK text counts as about 1 word and is dropped")
    def test_a_chinese_text_has_as_many_words_as_it_says(self, keeps: Any) -> None:
        assert keeps(WordCountFilter(min_words=30, max_words=80), CHINESE)


class TestSentenceNumberFilter:
    @fault("description promises Chinese full stops but the regex knows only . ! ? so a 4-sentence Chinese text counts 1 and is dropped (verified)")
    def test_the_marks_of_other_scripts_end_sentences(self, keeps: Any) -> None:
        four = ("你好。今天好吗？很好！再见。", "مرحبا. كيف حالك؟ بخير! شكرا.", "नमस्ते। आप कैसे हैं? ठीक! धन्यवाद।")
        assert keeps(SentenceCountFilter(min_sentences=4, max_sentences=4), *four) == [True] * 3

    @fault("abbreviations and decimals are cut (Dr. / 3.5 give 4 sentences instead of 2, verified)")
    def test_abbreviations_and_decimals_end_none(self, keeps: Any) -> None:
        assert keeps(SentenceCountFilter(min_sentences=2, max_sentences=2), "Dr. Smith paid 3.5 dollars. He left.")

    @fault("regex is compiled in run()")
    def test_running_compiles_no_regular_expression(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rule, batch = SentenceCountFilter(), Batch(pa.record_batch({"text": [GOOD, "One. Two.", ""] * 100}))
        asked: list[Any] = []
        monkeypatch.setattr(re, "_compile", lambda pattern, flags: asked.append(pattern))
        assert len(rule.process(batch, {}).kept) == 100
        assert not asked


class TestSymbolWordRatioFilter:
    @fault("tokenizer object is rebuilt per row")
    def test_nothing_is_built_or_called_per_row(self) -> None:
        few, many = (Batch(pa.record_batch({"text": [GOOD] * rows})) for rows in (10, 1000))
        rule = SymbolToWordRatioFilter()
        assert len(rule.process(many, {}).kept) == 1000
        # a new batch each time: what is counted once is kept with the batch
        calls = [python_calls(lambda rows=batch.rows: rule.process(Batch(rows), {})) for batch in (few, many)]  # type: ignore[misc]
        assert calls[0] == calls[1]

    @fault("WordPunct counts punctuation as words so the ratio is much lower than in the paper, with a four times looser threshold")
    def test_words_stand_between_spaces_and_the_limit_is_that_of_the_paper(self, keeps: Any) -> None:
        one_of_eleven, one_of_nine = "word, word; " * 5 + "#", "word, word; " * 4 + "#"  # the paper's limit is one of ten
        assert keeps(SymbolToWordRatioFilter(), one_of_eleven, one_of_nine) == [True, False]

    def test_other_symbols_can_be_named(self, keeps: Any) -> None:
        assert not keeps(SymbolToWordRatioFilter(symbols=("§",)), "§ one § two")

    def test_markdown_is_no_row_of_hashtags(self, keeps: Any) -> None:
        changes = "### Changed\n\nThis mends #12 and #13.\n\n#### Added\n\nSee [the list](#list) of changes."
        assert keeps(SymbolToWordRatioFilter(), changes, "A #lovely #day at the #sea with you") == [True, False]
        assert not keeps(SymbolToWordRatioFilter(strict=True), changes)


class TestAlphaWordsFilter:
    @fault("no defaults although siblings have them")
    def test_it_can_be_built_without_parameters(self, keeps: Any) -> None:
        assert keeps(AlphabeticWordsFilter(), GOOD, "1 2 3 4 5") == [True, False]

    @fault("no null guard: None crashes")
    def test_a_null_is_a_rejected_row(self, reasons: Any) -> None:
        assert reasons(AlphabeticWordsFilter(), None, GOOD) == {0: "text is null"}

    @fault("ASCII letters only: every non-Latin language is dropped")
    @pytest.mark.parametrize("text", ["Это русский текст", "هذا نص عربي", "นี่คือข้อความ", CHINESE, "Αυτό είναι κείμενο", "हिन्दी में पाठ", "한국어 문장"])
    def test_the_letters_of_every_script_are_letters(self, text: str, keeps: Any) -> None:
        assert keeps(AlphabeticWordsFilter(), text)

    @fault("NLTK import/download inside constructor")
    def test_building_it_imports_no_tokenizer_and_downloads_nothing(self, printed: list[str]) -> None:
        assert printed[0] == ""


class TestMeanWordLengthFilter:
    @fault("upper bound exclusive while paper is inclusive")
    def test_both_bounds_are_included(self, keeps: Any) -> None:
        assert keeps(MeanWordLengthFilter(), "abcdefghij abcdefghij", "abc def", "abcdefghijk", "ab cd") == [True, True, False, False]

    @fault("no CJK handling")
    def test_it_has_no_say_where_words_are_not_separated(self, keeps: Any) -> None:
        assert keeps(MeanWordLengthFilter(), CHINESE, "これは日本語の文章です。東京に行きました。") == [True, True]

    def test_a_page_with_many_links_is_no_gibberish_and_glued_words_are(self, keeps: Any) -> None:
        links = GOOD + (" [docs](https://example.org/" + "a" * 80 + "/index.html)") * 30 + " anna@example.org /usr/share/doc/x"
        glued = " ".join(["thesewordsareglued", "togetherandsoarethese"] * 20)
        assert keeps(MeanWordLengthFilter(), links, glued, "https://example.org/some/page " * 30) == [True, False, False]
        assert keeps(MeanWordLengthFilter(strict=True), links, GOOD) == [False, True]


class TestStopWordFilter:
    @fault("download directory is a hard-coded relative path from an older folder layout, created under the current directory")
    @fault("punkt is never checked although use_tokenizer needs it")
    @fault("mutates nltk.data.path globally")
    def test_it_works_in_an_empty_folder_without_network_or_nltk(self, printed: list[str]) -> None:
        assert printed[0] == ""
        assert printed[3:] == ["the cat and the dog", ""]

    @fault("English only")
    def test_it_knows_the_stop_words_of_many_languages(self, keeps: Any) -> None:
        assert keeps(StopWordsFilter(language="de"), "Der Mann geht in den Park und das Kind ist mit ihm dort.")
        assert keeps(StopWordsFilter(language="ru"), "Он не знал, что это было в городе и на реке.")
        assert keeps(StopWordsFilter(language="ja"), "これは本です。東京に行きました。私は学生で、彼も学生です。")
        for language, words in STOP_WORDS.items():
            assert keeps(StopWordsFilter(language=language), " ".join(words[:6])), language

    def test_an_unknown_language_is_a_clear_error(self) -> None:
        with pytest.raises(ParameterError, match='did you mean "en"'):
            StopWordsFilter(language="eng")


class TestCapitalWordsFilter:
    @fault("default output column is capital_words_filter (no _label suffix)")
    def test_it_adds_no_column(self) -> None:
        assert columns_after(CapitalWordsFilter(), GOOD) == ["row_id", "text"]

    @fault("checks the old punkt resource while current NLTK needs punkt_tab, so tokenizer mode fails on recent NLTK")
    def test_words_are_cut_without_nltk(self, printed: list[str]) -> None:
        assert printed[2:] == ["a quiet text", "the cat and the dog", ""]

    @fault("numeric+letter codes such as A1 count as upper")
    def test_codes_with_digits_are_no_capital_words(self, keeps: Any) -> None:
        assert keeps(CapitalWordsFilter(), "Rooms A1 B2 C3 D4 are free, I think", "BUY NOW and SAVE") == [True, False]


class TestUniqueWordsFilter:
    @fault("ratio falls with length, so long good documents are punished (no length normalisation)")
    def test_the_share_does_not_fall_with_length(self, keeps: Any) -> None:
        vocabulary = " ".join(f"word{number}" for number in range(400))
        assert keeps(UniqueWordsFilter(min_share=0.35), *(" ".join([vocabulary] * times) for times in (3, 50, 500))) == [True] * 3
        assert not keeps(UniqueWordsFilter(), "buy now " * 500)

    @fault("default output column unique_words_filter has no _label suffix")
    def test_it_adds_no_column(self) -> None:
        assert columns_after(UniqueWordsFilter(), GOOD) == ["row_id", "text"]


@fault("other Unicode white space (NBSP, ideographic space, CR) is counted")
def test_char_number_filter_counts_no_white_space_of_any_kind(keeps: Any) -> None:
    spaces = "\xa0\u3000\r\u2028\u2003\u202f\x85\t\n\x0b"
    assert keeps(CharacterCountFilter(min_characters=3), f"a{spaces}b{spaces}", "a\u3000bc") == [False, True]


@fault("texts shorter than n words are dropped silently")
def test_ngram_filter_keeps_texts_that_are_too_short_to_repeat_anything(keeps: Any) -> None:
    assert keeps(NGramRepetitionFilter(), "two words", "one", "four words are here") == [True] * 3
