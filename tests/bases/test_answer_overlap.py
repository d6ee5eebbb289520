"""Whether two answers say the same, by their words: in any script, whatever the spelling of their numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from operators.bases.answer_overlap import SaidWords, answer_units, as_answers, best_overlap, exact_match, overlap
from operators.bases.number_words import plain_number

SAME = [
    ("The Beatles", "beatles"),
    ("1,000", "1000"),
    ("10 000", "10000"),
    ("１，０００", "1000"),
    ("2.50", "2.5"),
    ("3,5", "3.5"),
    ("1.000.000", "1,000,000"),
    ("three", "3"),
    ("Twenty-one books", "21 books"),
    ("two hundred and fifty", "250"),
    ("5 million people", "5,000,000 people"),
    ("the third", "3rd"),
    ("三百五十", "350"),
    ("二〇二三年", "2023年"),
    ("3万5千", "35000"),
    ("50%", "50 percent"),
    ("U.S.", "US"),
    ("J.R.R. Tolkien", "JRR Tolkien"),
    ("“Hamlet”", "Hamlet"),
    ("Lovelace's", "Lovelace"),
    ("北京 大学。", "北京大学"),
    ("이순신 장군", "이순신장군"),
    ("yes", "Yes."),
    ("是的", "yes"),
    ("Yes, both are American.", "yes"),
    ("不是", "no"),
]
DIFFERENT = [
    ("vitamin A", "vitamin C"),
    ("C++", "C"),
    ("C#", "C"),
    ("-5", "5"),
    ("+", "-"),
    ("007", "7"),
    ("1.5", "15"),
    ("no idea", "no"),
    ("Norway", "no"),
    ("no", "no answer"),
    ("百度", "100"),
    ("हिन्दी", "हन्द"),
    ("Beyoncé", "Beyonce"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_spellings_of_an_answer_are_the_same_answer(one: str, other: str) -> None:
    assert overlap(one, other) == overlap(other, one) == (True, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_says_something_else_is_not_the_same(one: str, other: str) -> None:
    assert not overlap(one, other).exact
    assert not overlap(other, one).exact


def test_precision_and_recall_say_which_answer_has_more() -> None:
    longer = overlap("in the year 1998 in Oslo", "1998")
    assert (longer.exact, longer.precision, longer.recall) == (False, 0.2, 1.0)
    assert math.isclose(longer.f1, 1 / 3)
    assert overlap("Paris", "Oslo") == (False, 0.0, 0.0, 0.0)


def test_scripts_without_spaces_are_compared_by_their_characters() -> None:
    assert overlap("上海交通大学", "上海大学").f1 == pytest.approx(0.8)
    assert overlap("東京タワー", "東京").recall == 1.0


def test_of_several_gold_answers_the_best_one_counts() -> None:
    assert best_overlap("the United States", ["America", "United States of America", "United States"]).exact
    assert best_overlap("United States", ["America", "United States of America"]).f1 == pytest.approx(2 / 3)
    assert best_overlap("anything", []) == (False, 0.0, 0.0, 0.0)
    assert exact_match("22", ["twenty-two", "two"])


def test_a_yes_or_no_shares_nothing_with_other_words() -> None:
    assert overlap("no, it was Oslo", "yes").f1 == 0
    assert overlap("no city of Norway", "no").f1 == 0


def test_a_cell_may_hold_a_text_a_number_a_list_or_nothing() -> None:
    assert as_answers(["a", [1.0, 2.5], None, math.nan, "", True]) == ["a", "1", "2.5", "yes"]
    assert as_answers(math.nan) == as_answers(None) == as_answers(" ") == []


@given(st.text(max_size=40))
@example("the")
@example("a\u0301...")
@example("5三千1,000")
@settings(max_examples=200)
def test_every_text_says_what_it_says_itself(text: str) -> None:
    assert overlap(text, text) == (True, 1.0, 1.0, 1.0)
    assert (text in SaidWords(text)) == bool(answer_units(text))


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=200)
def test_the_order_of_the_two_changes_precision_and_recall_alone(one: str, other: str) -> None:
    there, back = overlap(one, other), overlap(other, one)
    assert (there.exact, there.precision, there.recall) == (back.exact, back.recall, back.precision)
    assert 0 <= there.f1 <= 1
    assert math.isclose(there.f1, back.f1)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_groups_of_digits_change_no_number(number: int) -> None:
    assert plain_number(f"{number:,}") == str(number)


@pytest.mark.parametrize("text", ["1," * 50_000, "२" * 100_000, "5三" * 50_000, "1 000" * 50_000, "a'" * 100_000, "a." * 100_000, "ten " * 50_000])
def test_time_is_linear_in_the_text(text: str) -> None:
    """Quadratic time would run into the limit of the suite."""
    assert answer_units(text)


@pytest.mark.parametrize(
    ("said", "gold"),
    [("10²³", "1023"), ("1½", "112"), (".5", "5"), ("> 5", "< 5"), ("≥5", "≤5"), ("€5", "$5"), ("No. 5", "no"), ("No. 10 Downing Street", "no")],
)
def test_what_says_another_value_is_not_the_same(said: str, gold: str) -> None:
    assert not overlap(said, gold).exact
    assert not overlap(gold, said).exact


@pytest.mark.parametrize(
    ("said", "gold"),
    [("10²³", "10^23"), (".5", "0.5"), ("a million people", "1,000,000 people"), ("İstanbul", "istanbul"), ("$5", "5"), ("No, it is not.", "no")],
)
def test_other_spellings_of_a_value_are_the_same(said: str, gold: str) -> None:
    assert overlap(said, gold).exact
    assert overlap(gold, said).exact
