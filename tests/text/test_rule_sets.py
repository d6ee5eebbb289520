"""The published rule sets, C4's lines and statistics as columns."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from operators.core.sequential import Sequential
from operators.tables.errors import ParameterError
from operators.text.rules.blocklist import BLOCKED, BlocklistFilter
from operators.text.rules.c4 import C4PageFilter, KeepC4Lines
from operators.text.rules.evaluator import NAMES, SHARES, StatisticsEvaluator
from operators.text.rules.rule_sets import c4_quality, fineweb_quality, gopher_quality, gopher_repetition

PROSE = (
    "The river had risen during the night, and by morning the lower fields were under water.\n"
    "Nobody in the village could remember such a flood, not even the old miller.\n"
    "His wife counted the sheep with her grandson while the boats were brought out of the barn.\n"
    "They saved what they could, then waited on the hill for help to arrive from town.\n"
    "It came in the afternoon: two lorries of bread, blankets and dry clothes.\n"
    "When spring returned, people built a wall that has held until today."
)


def test_all_four_sets_fit_in_one_sequential(keeps: Any) -> None:
    stage = Sequential(*gopher_quality(), *gopher_repetition(), *c4_quality(), *fineweb_quality())
    assert len(stage.parts) == 15
    assert keeps(stage, PROSE, "Buy now! " * 50, "menu\nhome\nabout\n" * 30) == [True, False, False]


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("This line stays here.", True),
        ("Is it so? [12][citation needed]", False),  # the space before the mark ends the line, as in C4's code
        ("It is so.[12][edit]", True),
        ("It trails off...", False),
        ("Two words.", False),
        ("Please enable JavaScript now.", False),
        ("We use cookies here.", False),
        ("Read our privacy policy now!", False),
        ('She said "so it is"', True),
        ("No end mark at all", False),
        (f"One {'x' * 1001} word.", False),
        ("With code { in it.", True),
        ("  spaces around it.  ", True),
    ],
)
def test_the_lines_that_c4_keeps(line: str, stays: bool) -> None:
    assert KeepC4Lines().refine_batch(pa.array([line])).to_pylist() == [line.strip() if stays else ""]


def test_a_page_is_judged_the_same_before_and_after_its_lines_are_removed(keeps: Any) -> None:
    pages = [
        PROSE,
        f"{PROSE}\nmenu",
        f"{PROSE}\nx = {{",
        f"{PROSE}\nHere is a { {1} }.",
        f"{PROSE}\nLorem ipsum dolor sit amet.",
        "One. Two three four.",
    ]
    cleaned = KeepC4Lines().refine_batch(pa.array(pages)).to_pylist()
    assert keeps(C4PageFilter(), *pages) == keeps(C4PageFilter(), *cleaned) == [True, True, True, False, False, False]


def test_statistics_become_columns() -> None:
    found = StatisticsEvaluator(statistics=("words", "mean_word_length", "sentences")).evaluate_batch(pa.array(["One two. Three!", ""]))
    assert found["words"].tolist() == [3, 0]
    assert found["sentences"].tolist() == [2, 0]
    assert found["mean_word_length"].tolist() == [pytest.approx(13 / 3), 0]
    every = StatisticsEvaluator(statistics=(*NAMES, *SHARES))
    assert set(every.evaluate_batch(pa.array(["x"]))) == set(every.outputs())


def test_a_wrong_statistic_is_answered_with_the_closest() -> None:
    with pytest.raises(ParameterError, match="words"):
        StatisticsEvaluator(statistics=("wrods",))


class TestBlocklist:
    """The faults of the reference's BlocklistFilter."""

    def test_threshold_1_means_one_obscene_word_is_allowed(self, keeps: Any) -> None:
        assert not keeps(BlocklistFilter(), "Free porn here")

    def test_entries_with_a_space_can_never_equal_a_single_token(self, keeps: Any) -> None:
        assert keeps(BlocklistFilter(), "a blow job", "a Blow-Job", "a blow\njob", "a job with a blow") == [False, False, False, True]

    def test_chinese_text_has_no_spaces_so_the_list_never_matches(self, keeps: Any) -> None:
        assert not keeps(BlocklistFilter(language="zh"), "这里有很多黄色网站可以看")

    def test_punctuation_glued_to_the_word_escapes_the_match(self, keeps: Any) -> None:
        assert keeps(BlocklistFilter(), '"porn!"', "Scunthorpe and cockpit", "popcorn") == [False, True, True]

    def test_unknown_language_is_named(self) -> None:
        with pytest.raises(ParameterError):
            BlocklistFilter(language="xx")

    @pytest.mark.parametrize("language", sorted(BLOCKED))
    def test_every_entry_of_every_list_is_found(self, language: Any, keeps: Any) -> None:
        assert not any(keeps(BlocklistFilter(language=language), *(f"({entry.upper()})" for entry in BLOCKED[language])))

    def test_own_phrases_replace_the_list_and_may_hold_any_character(self, keeps: Any, reasons: Any) -> None:
        rule = BlocklistFilter(phrases=("c++", "{x}"), max_occurrences=1)
        assert keeps(rule, "C++ and {x}", "c++ once", "porn") == [False, True, True]
        assert reasons(rule, "C++ and {x}")[0].endswith("C++, {x}")
