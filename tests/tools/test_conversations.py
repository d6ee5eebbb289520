"""A user, an assistant and functions that are run: what the assistant is told, what is refused, and what stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators import MemoryStorage
from operators.bases.messages.order import wrong_order
from operators.bases.messages.reading import read_turns
from operators.sandboxes import Program, Verdict
from operators.testing.scripted_sandbox import ScriptedSandbox
from operators.testing.scripted_serving import ScriptedServing
from operators.tools.conversations import ToolConversationGenerator
from tests.faults import fault
from tests.tools.railway import MESSAGES, MODULE, ROW, SUB_TASKS

CHOOSE_TRAIN, CHOOSE_SEAT, DONE = {"functions": ["find_train"]}, {"functions": ["book_seat"]}, {"functions": []}
TRAIN, SEATS = {"start": "Bern", "end": "Basel"}, {"train": "IC 71", "seats": 2}
FIRST, SECOND = MESSAGES[3]["content"], MESSAGES[7]["content"]
SCRIPT: list[Any] = [CHOOSE_TRAIN, TRAIN, DONE, FIRST, CHOOSE_SEAT, SEATS, DONE, SECOND]


class Played:
    """A conversation that was played with answers in turn."""

    def __init__(self, script: list[Any], sandbox: Any, row: Any = ROW, **parameters: Any) -> None:
        left = [answer if isinstance(answer, str) else json.dumps(answer) for answer in script]
        self.serving = ScriptedServing(lambda request: left.pop(0))
        kept, aside = MemoryStorage(), MemoryStorage()
        operator = ToolConversationGenerator(**{"own_words": False, "max_failed": 1, **parameters})
        operator.run([row], into=kept, rejected=aside, resources={"llm": self.serving, "sandbox": sandbox}, progress=False)
        self.rows, self.aside, self.left = kept.read().to_pylist(), aside.read().to_pylist(), left

    @property
    def messages(self) -> list[dict[str, Any]]:
        (row,) = self.rows
        found: list[dict[str, Any]] = row["messages"]
        return found

    @property
    def reason(self) -> str:
        return str(self.aside[0]["rejected_reason"])

    def asked(self, place: int) -> str:
        return str(self.serving.requests[place].messages[-1].content)


@fault("tool results are stored with role assistant, giving two assistant messages in a row")
@fault("user speaks only once")
@fault("no early stop: calls the LLM with an empty list when all rows are finished")
def test_the_user_asks_for_one_part_after_the_other_and_results_are_turns_of_the_tools(sandbox: Any) -> None:
    played = Played(SCRIPT, sandbox)
    roles = [message["role"] for message in played.messages]
    assert roles == ["user", "assistant", "tool", "assistant"] * 2
    assert [message["content"] for message in played.messages if message["role"] == "user"] == SUB_TASKS
    assert wrong_order(read_turns(played.messages)) is None
    assert not played.left
    assert len(played.serving.requests) == len(SCRIPT)


def test_results_come_from_running_the_functions_and_what_is_booked_stays_booked(sandbox: Any) -> None:
    again = [*SCRIPT, CHOOSE_SEAT, {"train": "IC 71", "seats": 3}, DONE, "3 more are booked; 35 are left."]
    played = Played(again, sandbox, {**ROW, "sub_tasks": [*SUB_TASKS, "And 3 more seats."]})
    results = [json.loads(message["content"]) for message in played.messages if message["role"] == "tool"]
    assert results == [
        {"trains": [{"name": "IC 71", "free": 40}]},
        {"train": "IC 71", "booked": 2, "free": 38},
        {"train": "IC 71", "booked": 3, "free": 35},
    ]


@fault("arguments are not checked against the generated functions")
def test_a_call_that_does_not_fit_or_was_imagined_is_refused_before_it_is_made(sandbox: Any) -> None:
    wrong: list[Any] = [{"start": "Bern"}, {"start": "Bern", "end": "Geneva"}]
    played = Played([CHOOSE_TRAIN, *wrong, TRAIN, *SCRIPT[2:]], sandbox)
    assert "Field required" in played.asked(2)
    assert "nobody said 'Geneva'" in played.asked(3)
    assert json.loads(played.messages[1]["tool_calls"][0]["function"]["arguments"]) == TRAIN
    assert "invalid_answer" in Played([CHOOSE_TRAIN, *wrong, wrong[0]], sandbox).reason


@fault("an answer without func_call still queries the tool simulator with an empty call")
def test_an_answer_without_a_call_runs_nothing() -> None:
    ran: list[Program] = []

    def verdict(program: Program) -> Verdict:
        ran.append(program)
        results = [{"result": {"trains": [{"name": "IC 71", "free": 40}]}} for _ in json.loads(program.files["calls.json"])]
        return Verdict("passed", stdout=json.dumps({"calls": results}))

    thanks = {**ROW, "sub_tasks": [SUB_TASKS[0], "Thank you, that was all."]}
    played = Played([*SCRIPT[:4], DONE, "You are welcome; have a good journey."], ScriptedSandbox(verdict), thanks)
    assert len(ran) == 1
    assert [message["role"] for message in played.messages[4:]] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("There is a train, and it has 93 free seats: the IC 71.", "93 comes from nothing"),
        ("I will look it up for you.", "nothing of what find_train returned"),
        ("User: thanks!", "speaks for"),
        (SUB_TASKS[0], "repeats the question"),
        ("I'm sorry, but I cannot help with that.", "refuses"),
    ],
)
def test_an_answer_has_to_agree_with_the_results(sandbox: Any, answer: str, said: str) -> None:
    played = Played([*SCRIPT[:3], answer, *SCRIPT[3:]], sandbox)
    assert said in played.asked(4)
    assert played.messages[3]["content"] == FIRST


def test_functions_that_fail_contradict_themselves_or_never_end_are_told_by_their_reason(sandbox: Any) -> None:
    unknown = [CHOOSE_TRAIN, TRAIN, CHOOSE_SEAT, {"train": "Bern"}, CHOOSE_SEAT, {"train": "Basel"}]
    assert "above max_errors = 1: there is no train Basel" in Played(unknown, sandbox, max_errors=1).reason
    moody = MODULE.replace('return {"trains"', 'import os; return {"now": os.urandom(8).hex(), "trains"')
    assert "do not return the same to the same calls" in Played(SCRIPT, sandbox, {**ROW, "implementation": moody}).reason
    broken = MODULE.replace("FROM trains WHERE start", "FROM train WHERE start")
    assert "a function is broken: OperationalError" in Played(SCRIPT, sandbox, {**ROW, "implementation": broken}).reason
    narrow = MODULE.replace("for name, free in rows", "for name, free in [(row[0], row[2]) for row in rows]")
    assert "a function is broken: IndexError: tuple index out of range" in Played(SCRIPT, sandbox, {**ROW, "implementation": narrow}).reason
    endless = MODULE + "\nwhile True: pass"
    assert "timeout" in Played(SCRIPT, sandbox, {**ROW, "implementation": endless}, max_seconds=1).reason
    restless = [CHOOSE_TRAIN, TRAIN, CHOOSE_SEAT, {"train": "IC 71"}, CHOOSE_SEAT]
    assert "max_rounds = 2" in Played(restless, sandbox, max_rounds=2).reason


def test_a_call_that_was_made_is_not_made_again_and_the_user_is_answered(sandbox: Any) -> None:
    script = [CHOOSE_TRAIN, TRAIN, CHOOSE_TRAIN, TRAIN, FIRST, CHOOSE_SEAT, SEATS, CHOOSE_SEAT, SEATS, SECOND]
    played = Played(script, sandbox)
    assert [message["role"] for message in played.messages] == ["user", "assistant", "tool", "assistant"] * 2
    assert not played.left


def test_two_calls_at_once_have_ids_of_their_own(sandbox: Any) -> None:
    both = {**ROW, "sub_tasks": ["Is there a train from Bern to Basel, and please book 2 seats in the IC 71?"]}
    script = [{"functions": ["find_train", "book_seat"]}, TRAIN, SEATS, DONE, "The IC 71 had 40 free seats; 2 are booked now, and 38 are left."]
    messages = Played(script, sandbox, both).messages
    assert [call["id"] for call in messages[1]["tool_calls"]] == ["call_1", "call_2"]
    assert [message["tool_call_id"] for message in messages[2:4]] == ["call_1", "call_2"]


def test_a_user_with_own_words_keeps_every_detail(sandbox: Any) -> None:
    user = ["Hello! What goes from Bern to Basel?", "Take some of it.", "Great, I take 2 seats."]
    played = Played([user[0], *SCRIPT[:4], *user[1:], *SCRIPT[4:]], sandbox, own_words=True)
    assert played.messages[4]["content"] == user[2]
    assert 'you left out "2"' in played.asked(6)


@pytest.mark.parametrize("row", [{**ROW, "tools": "[]"}, {**ROW, "sub_tasks": []}, {**ROW, "sub_tasks": [""]}, {**ROW, "tools": "none"}])
def test_a_row_without_functions_or_tasks_is_set_aside(row: Any) -> None:
    played = Played([], ScriptedSandbox(), row)
    assert "functions" in played.reason or "tasks" in played.reason
    assert not played.serving.requests
