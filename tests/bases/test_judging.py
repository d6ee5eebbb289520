"""Judging cheaply, in both orders, and by votes."""

from __future__ import annotations

import asyncio
import itertools
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.implausible_answers import implausible, no_improvement
from operators.bases.preferences import Comparison, Preference, compare, settled
from operators.bases.votes import count_votes

# Cheap checks

RIGHT = ["Yes.", "144", "-3.5", "Bonjour.", "好的。", ":)", "(a) rain", "[1] Rain falls.", '{"answer": 1}', "```json\n{}\n```", '"Rain", he said.']
STRAY = ["}1) Rain", '"} Rain', "]", ' "}]}', '", "reason": "x"', ': "Rain"', ', "b": 2', "'}", "` }"]


@pytest.mark.parametrize("answer", RIGHT)
def test_short_and_odd_answers_are_plausible(answer: str) -> None:
    assert implausible(answer, "What should I say?") is None


@pytest.mark.parametrize("answer", STRAY)
def test_what_is_left_over_of_json_is_seen(answer: str) -> None:
    assert implausible(answer, "What should I say?") == "the answer begins with stray JSON"


@pytest.mark.parametrize(
    ("improved", "original", "fault"),
    [
        ("It rains.", "it  rains", "the answer is the same"),
        ("Why does it rain", "Because of clouds.", "the answer repeats the question"),
        ("", "Because of clouds.", "the answer is empty"),
        ('{"improved": "It rains."}', "Because of clouds.", "the answer begins with stray JSON"),
        ("1", "Because of the heavy clouds above us.", "the answer has no word left"),
        ("1.", "Because of the heavy clouds above us.", "the answer has no word left"),
        ("144", "143", None),
        ("{'a': 1}", "{'a': 2}", None),
        ('{"a": 1}', '{"a": 2}', None),
        ("因为有云。", "Because of the heavy clouds above us.", None),
    ],
)
def test_an_improvement_that_is_none_is_seen_without_asking(improved: str, original: str, fault: str | None) -> None:
    assert no_improvement(improved, original, "Why does it rain?") == fault


@given(st.text(), st.text())
def test_the_same_answer_is_never_an_improvement(original: str, question: str) -> None:
    assert no_improvement(original, original, question) is not None
    assert no_improvement(f"\n{original} ", original, question) is not None


# Both orders

Better = Literal["first", "second", "equal"]
PLACES: tuple[Better, ...] = ("first", "second", "equal")


def said(better: Better) -> Preference:
    return Preference(reason=better, better=better)


@pytest.mark.parametrize(("old_first", "new_first"), list(itertools.product(PLACES, PLACES)))
def test_a_side_wins_that_wins_once_and_never_loses(old_first: Better, new_first: Better) -> None:
    points = {"first": -1, "second": 1, "equal": 0}[old_first] + {"first": 1, "second": -1, "equal": 0}[new_first]
    verdict = settled(said(old_first), said(new_first)).verdict
    assert verdict == ("better" if points > 0 else "worse" if points < 0 else "equal")


def test_the_reason_is_that_of_the_judgement_that_decided() -> None:
    assert settled(said("equal"), said("first")) == Comparison("better", "first")
    assert settled(said("second"), said("equal")) == Comparison("better", "second")
    assert "contradicts itself when the order is turned: second / second" in settled(said("second"), said("second")).reason


def test_the_two_orders_are_asked_for_at_once() -> None:
    under_way: list[tuple[str, str]] = []

    async def ask(first: str, second: str) -> Preference:
        under_way.append((first, second))
        await asyncio.sleep(0)
        assert len(under_way) == 2
        return said("first" if first == "new" else "second")

    assert asyncio.run(compare(ask, "old", "new")).verdict == "better"
    assert under_way == [("old", "new"), ("new", "old")]


# Votes


@pytest.mark.parametrize(
    ("answers", "outcome", "winner", "abstained"),
    [
        ("aab", "majority", "a", 0),
        ("ab", "tie", None, 0),
        ("aabbc", "tie", None, 0),
        ("aabc", "no majority", None, 0),
        ("aa--", "majority", "a", 2),
        ("--", "no votes", None, 2),
        ("", "no votes", None, 0),
    ],
)
def test_each_outcome_of_a_vote_is_said(answers: str, outcome: str, winner: str | None, abstained: int) -> None:
    vote = count_votes([None if answer == "-" else answer for answer in answers])
    assert (vote.outcome, vote.winner, vote.abstained) == (outcome, winner, abstained)


def test_the_most_votes_win_where_no_majority_is_needed_and_a_tie_is_still_a_tie() -> None:
    assert count_votes(list("aabc"), needed=0).winner == "a"
    assert count_votes(list("abc"), needed=0).outcome == "tie"
    assert count_votes(list("aab"), needed=2 / 3).outcome == "no majority"


def test_answers_that_say_the_same_are_counted_together_under_the_first() -> None:
    vote = count_votes(["1/2", "0.5", "2"], alike=lambda one, other: Fraction(one) == Fraction(other))
    assert vote.votes == (("1/2", 2), ("2", 1))
    assert vote.share == pytest.approx(2 / 3)


@given(st.lists(st.none() | st.integers(0, 3), max_size=12))
def test_every_sample_is_a_vote_or_abstains_and_a_winner_has_more_than_half(answers: list[Any]) -> None:
    vote = count_votes(answers)
    assert sum(count for _, count in vote.votes) + vote.abstained == len(answers)
    assert [count for _, count in vote.votes] == sorted((count for _, count in vote.votes), reverse=True)
    assert (vote.winner is not None) == (vote.outcome == "majority")
    if vote.outcome == "majority":
        assert vote.share > 0.5
        assert answers.count(vote.winner) == vote.votes[0][1]
