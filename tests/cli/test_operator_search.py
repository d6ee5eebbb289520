"""Operators are found by what users want, in users' words."""

from __future__ import annotations

import functools
import re
from collections import Counter

import pytest

from dataflow_assets.cli.operator_search import search, stem
from operators.core import registry
from operators.core.operator import Operator
from tests.cli.conftest import Dataflow
from tests.cli.operator_queries import MORE_QUERIES, QUERIES

OPERATORS = registry.all_operators()
NAMES = {cls.__name__ for cls in OPERATORS}


@functools.cache
def found(wish: str) -> list[str]:
    result = search(OPERATORS, wish)
    return [cls.__name__ for cls in (*result.having_all, *result.nearest)]


@pytest.mark.parametrize("cls", OPERATORS, ids=lambda cls: cls.__name__)
def test_every_operator_says_two_to_four_wishes_that_it_answers(cls: type[Operator]) -> None:
    assert "asks" in vars(cls), f"{cls.__name__} has no `asks` of its own: two to four short wishes that it answers, in users' words"
    assert 2 <= len(cls.asks) <= 4
    for wish in cls.asks:
        assert 3 <= len(wish.split()) <= 12, wish
        assert not set(re.findall(r"\w+", wish)) & NAMES, f"{wish}: a user who knew the name would not search"


def test_no_two_operators_answer_the_same_wish() -> None:
    counts = Counter(" ".join(sorted(map(stem, re.findall(r"\w+", wish.lower())))) for cls in OPERATORS for wish in cls.asks)
    assert [wish for wish, count in counts.items() if count > 1] == []


def test_an_operator_is_the_first_found_by_each_of_its_wishes_or_near_it() -> None:
    missed = {wish: (cls.__name__, found(wish)[:3]) for cls in OPERATORS for wish in cls.asks if cls.__name__ not in found(wish)[:3]}
    assert missed == {}


def test_other_words_find_it_among_the_first_five() -> None:
    missed = {query: (meant, found(query)[:5]) for query, meant in (*QUERIES, *MORE_QUERIES) if meant not in found(query)[:5]}
    assert len(missed) <= len((*QUERIES, *MORE_QUERIES)) * 0.05, missed


@pytest.mark.parametrize(("query", "meant"), [*QUERIES, *MORE_QUERIES], ids=lambda value: value)
def test_the_queries_are_in_other_words_than_any_wish_of_what_they_mean(query: str, meant: str) -> None:
    assert not any(stems(query) <= stems(wish) for wish in registry.find(meant).asks)


def stems(text: str) -> set[str]:
    return {stem(word) for word in re.findall(r"\w+", text.lower())}


def test_the_order_of_the_words_and_their_forms_make_no_difference() -> None:
    assert found("throw out menus") == found("menu throw out") == found("throwing out a menu")


@pytest.mark.parametrize(
    "forms",
    [("copies", "copy", "copied"), ("dropping", "drop", "drops", "dropped"), ("lines", "line"), ("sentences", "sentence"), ("class", "class")],
    ids=lambda forms: forms[0],
)
def test_the_forms_of_a_word_are_one(forms: tuple[str, ...]) -> None:
    assert len(set(map(stem, forms))) == 1


@pytest.mark.parametrize(("one", "other"), [("is", "i"), ("hashing", "has"), ("text", "test"), ("pass", "past"), ("status", "state")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_a_match_in_the_wishes_comes_before_one_in_the_description() -> None:
    result = search(OPERATORS, "perplexity")
    wished = [any("perplexity" in wish for wish in cls.asks) for cls in result.having_all]
    assert set(wished) == {True, False}
    assert wished == sorted(wished, reverse=True)


def test_where_few_have_all_words_the_next_best_are_given_after_them_and_it_is_said(dataflow: Dataflow) -> None:
    result = search(OPERATORS, "throw out menus on mars")
    assert result.having_all == []
    assert "ShortLinesFilter" in {cls.__name__ for cls in result.nearest}
    assert dataflow("operators", "list", "--search", "throw out menus on mars").output.startswith("None has all of these words")
    assert "all of these words" not in dataflow("operators", "list", "--search", "duplicate").output


def test_the_list_gives_the_best_first_and_the_page_says_the_wishes(dataflow: Dataflow) -> None:
    listed = dataflow("operators", "list", "--search", "throw out texts that are mostly a menu", "--json").json
    assert listed[0]["name"] == "ShortLinesFilter"
    assert "throw out texts that are mostly a menu" in listed[0]["asks"]
    assert "throw out texts that are mostly a menu" in " ".join(dataflow("operators", "show", "ShortLinesFilter").output.split())
