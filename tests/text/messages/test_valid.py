"""Which conversations are well formed, and what is said of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.text.messages.valid import ValidMessagesFilter
from tests.text.messages.conversations import CALLING, OPENAI, SHAPES, said

LONG = "The ferry leaves at six in the morning."


def reason(conversation: Any, **parameters: Any) -> str | None:
    rejected = ValidMessagesFilter(**parameters).run([{"messages": json.dumps(conversation)}], progress=False).rejected.to_pylist()
    return rejected[0]["rejected_reason"] if rejected else None


@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_conversation_stays_in_every_shape(shape: str) -> None:
    value = SHAPES[shape]
    assert reason(json.loads(value) if isinstance(value, str) else value) is None


def test_calls_with_their_results_in_any_order_stay() -> None:
    assert reason(CALLING) is None


def test_one_result_without_an_id_may_be_that_of_all_calls() -> None:
    two = [{"function": {"name": name, "arguments": "{}"}} for name in ("add", "subtract")]
    conversation = [*said("Do both."), {"role": "assistant", "content": "", "tool_calls": two}, {"role": "tool", "content": "3, 1"}]
    assert reason([*conversation, {"role": "assistant", "content": "3 and 1."}]) is None


@pytest.mark.parametrize(
    ("conversation", "why"),
    [
        ([], "has no turns"),
        (said("a", "b")[1:], "has 0 turns of the user, below min_exchanges = 1"),
        ([*said("a"), *said("b", "c")], "turn 1 (user) is followed by turn 2 (user)"),
        ([*said("a", "b"), {"role": "assistant", "content": "c"}], "turn 2 (assistant) is followed by turn 3 (assistant)"),
        ([*said("a", "b")[1:], *said("a", "b")], "the conversation begins with turn 1 (assistant)"),
        (said("a", "b", "c"), "the last turn is of the role user, not an answer"),
        (said("a", " \n"), "turn 2 (assistant) is blank"),
        ([*said("a", "b"), *OPENAI], "turn 3 is a system message, which stands first or not at all"),
        (CALLING[:2], "the last turn is a call without its result, not an answer"),
        ([*CALLING[:3], CALLING[4]], "turn 4 (assistant) comes before the result of a call of turn 3"),
        ([*CALLING[:2], {**CALLING[2], "tool_call_id": "c"}], "turn 3 is the result of a call 'c' that was not made"),
        ([*CALLING[:4], CALLING[2]], "turn 5 is the result of one call more than were made"),
        (said("a", LONG, "b", LONG.upper()), "turn 4 says the same as turn 2"),
        ([{"role": "narrator", "content": "a"}], 'turn 1 has the role "narrator", which is not known.'),
    ],
)
def test_what_is_wrong_is_said_with_its_turn(conversation: Any, why: str) -> None:
    said_of_it = reason(conversation)
    assert said_of_it is not None
    assert said_of_it.startswith(why)


def test_limits_and_choices() -> None:
    assert reason(said("a", "b", "c")[:3], assistant_last=False) is None
    assert reason(said("a", LONG, "b", LONG), repeats=True) is None
    assert reason(said("a", "b"), min_exchanges=2) == "has 1 turns of the user, below min_exchanges = 2"
    assert reason(said("a", "b", "c", "d"), max_exchanges=1) == "has 2 turns of the user, above max_exchanges = 1"
