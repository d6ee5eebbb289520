"""Calls against what was expected, as the Berkeley leaderboard compares them."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tool_calls import agreement
from operators.tables.errors import StageFailed
from operators.tools.calls import Call
from operators.tools.definitions import read_tools
from operators.tools.evaluators import ToolCallMatchEvaluator
from operators.tools.matching import all_matched, calls_fault

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
NUMBER, TEXT = {"type": "number"}, {"type": "string"}
TOOLS = [
    {
        "name": "map.route",
        "description": "A route.",
        "parameters": {"type": "object", "required": ["to"],
                       "properties": {"to": TEXT, "km": NUMBER, "by": {"type": "array", "items": TEXT}, "fast": {"type": "boolean"}}},
    },
    {"name": "tide", "description": "A tide.", "parameters": {"type": "object", "properties": {"day": {"type": "integer"}}, "required": ["day"]}},
]  # fmt: skip
EXPECTED = [{"map.route": {"to": ["St. Gallen", "Sankt Gallen"], "km": [12, ""], "by": [["bus", "boat"], ""], "fast": [True, ""]}}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"to": "St. Gallen"}, None),
        ({"to": "sankt-gallen", "km": 12.0, "by": ["Bus", "boat"], "fast": True}, None),
        ({"to": "St. Gallen", "km": 13}, "km: 13 is none of 12"),
        ({"to": "St. Gallen", "km": "12"}, "another type"),
        ({"to": "St. Gallen", "fast": False}, "fast"),
        ({"to": "St. Gallen", "fast": 1}, "another type"),
        ({"to": "St. Gallen", "by": ["boat", "bus"]}, "by"),
        ({"to": "St. Gallen", "by": ["bus"]}, "by"),
        ({"to": "St. Gallen", "hurry": 1}, '"hurry" is not expected'),
        ({"km": 12}, '"to" is missing'),
        ({"to": "Gallen"}, "none of 'St. Gallen', 'Sankt Gallen'"),
    ],
)
def test_one_call_is_compared_as_data(arguments: dict[str, Any], said: str | None) -> None:
    fault = calls_fault([Call("map_route", arguments)], EXPECTED, read_tools(TOOLS))
    assert (fault is None) if said is None else said in (fault or "")


def test_several_calls_are_matched_in_any_order_and_each_once() -> None:
    tools = read_tools(TOOLS)
    expected = [{"tide": {"day": [1, 2]}}, {"tide": {"day": [1]}}]
    assert calls_fault([Call("tide", {"day": 1}), Call("tide", {"day": 2})], expected, tools) is None
    assert "is none of" in (calls_fault([Call("tide", {"day": 2}), Call("tide", {"day": 2})], expected, tools) or "")
    assert calls_fault([Call("tide", {"day": 1})], expected, tools) == "1 call, and 2 expected"
    assert calls_fault([], [], tools) is None
    assert calls_fault([Call("tide", {"day": 1})], [], tools) == "1 call, and none expected"


@given(st.integers(0, 5).flatmap(lambda size: st.lists(st.lists(st.booleans(), min_size=size, max_size=size), min_size=size, max_size=size)))
def test_calls_are_matched_if_there_is_any_way(fits: list[list[bool]]) -> None:
    places = range(len(fits))
    assert all_matched(fits) == any(all(fits[wanted][call] for wanted, call in zip(places, order, strict=True)) for order in permutations(places))


def test_many_equal_calls_are_matched() -> None:
    assert all_matched([[True] * 1500] * 1500)
    assert not all_matched([[True] * 1499 + [False]] * 1500)


def test_a_column_of_answers_is_compared_with_a_column_of_ground_truth(ran: Any) -> None:
    answers = ["tide(day=1)", '<tool_call>{"name": "tide", "arguments": {"day": 3}}</tool_call>', "I have no function for that.", "tide(1, 2)"]
    truths = ['[{"tide": {"day": [1]}}]', '[{"tide": {"day": [1]}}]', None, '[{"tide": {"day": [1]}}]']
    rows = [{"calls": answer, "ground_truth": truth, "tools": TOOLS} for answer, truth in zip(answers, truths, strict=True)]
    kept, _ = ran(ToolCallMatchEvaluator(), rows)
    assert [row["calls_match"] for row in kept] == [True, False, True, False]
    assert kept[1]["calls_difference"] == "day: 3 is none of 1"
    assert "has no name" in kept[3]["calls_difference"]
    single, _ = ran(ToolCallMatchEvaluator(values="single"), [{"calls": "tide(day=1)", "ground_truth": "tide(day=1)", "tools": TOOLS}])
    assert single[0]["calls_match"]


def test_calls_given_as_what_is_expected_are_told_apart_from_lists_of_values() -> None:
    with pytest.raises(StageFailed, match=r'not one function with its parameters: .* values="single"'):
        ToolCallMatchEvaluator().run([{"calls": "tide(day=1)", "ground_truth": '[{"name": "tide", "arguments": {"day": 1}}]', "tools": TOOLS}])


@pytest.mark.parametrize(
    ("text", "expected", "match"),
    [
        ("f(x={'a': [1, 2]})", "f(x={'a': [1, 2]})", True),
        ("f(x={'a': 1})", "f(x={'a': [1, 2]})", False),
        ("f(x={})", "f(x={'a': ''})", False),
        ("f()", "f(x='')", False),
        ("f(x='')", "f(x='')", True),
        ("f(x=[{'a': 2.0}])", '{"name": "f", "arguments": {"x": [{"a": 2}]}}', True),
        ("f(x='Z\u0075\u0308rich')", "f(x='Z\u00fcrich')", True),
        ("f(x='-')", "f(x='*')", False),
        ("f(x='-')", "f(x=' -')", True),
        ("f(x='1.5')", "f(x='15')", False),
        ("f(x='-3')", "f(x='3')", False),
        ("f(x='5.0')", "f(x='5')", True),
        ("f(x='10.5 km')", "f(x='105 km')", False),
        ("f(x='$1.50')", "f(x='$150')", False),
        ("f(x='-5 C')", "f(x='5 C')", False),
        ("f(x='46.9480,-7.4474')", "f(x='46.9480,7.4474')", False),
        ("f(x='It is 1.5.')", "f(x='it is 1.5')", True),
        ("f(x='2024-01-12')", "f(x='2024/01/12')", True),
        ("f(x='12.01.2024')", "f(x='12/01/2024')", True),
        ("f(x='1,000 km')", "f(x='1000 km')", True),
        ("f(x='555-1234')", "f(x='555 1234')", True),
        ("f(x=123456789012345678901)", '{"name": "f", "arguments": {"x": 123456789012345678902}}', False),
        ("<think>f(y=2) or <tool_call>?</think>\nf(x=1)", "f(x=1)", True),
        ('{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{\\"x\\": 1}"}}]}', "f(x=1)", True),
        ('<function=f>{"x": 1}</function>', "f(x=1)", True),
        ('[TOOL_CALLS]f[ARGS]{"x": 1}[TOOL_CALLS]f[ARGS]{"x": 2}', "f(x=2)\nf(x=1)", True),
        ('[TOOL_CALLS] [{"name": "f", "arguments": {"x": 1}}]', "f(x=1)", True),
        ('{"name": "f"}', "f()", True),
        ('{"name": "Ann"}', None, True),
    ],
)
def test_one_value_that_is_right_is_compared_as_it_is_in_any_syntax(ran: Any, text: str, expected: str | None, match: bool) -> None:
    tools = [{"name": "f", "parameters": {"type": "object", "properties": {}}}]
    (row,), _ = ran(ToolCallMatchEvaluator(values="single"), [{"calls": text, "ground_truth": expected, "tools": tools}])
    assert row["calls_match"] is match, row["calls_difference"]


@pytest.mark.skipif(not (DATA / "tools" / "bfcl_simple_python_open.jsonl").exists(), reason="the Berkeley leaderboard's data is not here")
@pytest.mark.parametrize("name", ["simple_python", "multiple", "parallel", "irrelevance"])
def test_our_decisions_agree_with_the_leaderboards_ground_truth(name: str) -> None:
    counts, disagreements = agreement(DATA / "tools" / f"bfcl_{name}_open.jsonl")
    agreed = counts["right accepted"] + counts["wrong refused"]
    assert agreed >= 0.99 * (agreed + len(disagreements)), disagreements[:5]
    assert not counts["wrong accepted"]
