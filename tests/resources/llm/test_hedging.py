"""A second copy of a late request: the first answer counts, and is written down once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from operators.asking.answers import Completion, Usage
from operators.asking.requests import Request
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.engine.hedging import Patience, first_of_two
from tests import virtual_time
from tests.resources.llm.conftest import MakeServing, StartServer
from tests.resources.llm.scripted_server import ScriptedServer, Step, good_answer, question_of, running

STRAGGLERS = ("question 90", "question 120", "question 150")
STALLED_SECONDS = 50.0


def run(make_serving: MakeServing, address: str, **settings: float) -> tuple[Usage, float]:
    async def ask() -> tuple[Usage, float]:
        started = time.monotonic()
        async with make_serving(address, max_in_flight=16, timeout=60.0, **settings).session() as session:
            async for answer in session.stream(Request.of(f"question {index}") for index in range(200)):
                assert isinstance(answer, Completion)
            return session.usage, time.monotonic() - started

    return asyncio.run(ask())


def test_a_straggler_is_asked_again_and_nobody_waits_for_it(make_serving: MakeServing) -> None:
    def answer(body: dict[str, Any]) -> list[Step]:
        late = question_of(body) in STRAGGLERS and server.asked[question_of(body)] == 1
        return [STALLED_SECONDS if late else 0.02, good_answer(body)]

    server: ScriptedServer
    with running(otherwise=answer) as server:
        usage, seconds = run(make_serving, server.address, hedge=4.0)
    assert all(server.asked[question] >= 2 for question in STRAGGLERS)
    assert usage.hedged >= len(STRAGGLERS)
    assert seconds < STALLED_SECONDS, "it waited for a straggler"
    assert usage.calls == 200


def test_without_the_setting_nothing_is_sent_twice(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.01, stalled=0.01, stall_seconds=0.3)
    usage, _ = run(make_serving, server.address)
    assert (usage.hedged, server.counts.requests) == (0, 200)


@pytest.mark.parametrize("second_succeeds", [True, False])
def test_when_one_copy_fails_the_other_decides(second_succeeds: bool) -> None:
    async def fail_late() -> Reply:
        await asyncio.sleep(0.03)
        raise BackendError("unavailable", "the first")

    async def second() -> Reply:
        await asyncio.sleep(0.05)
        if second_succeeds:
            return Reply("yes", "m", 1, 1, "stop")
        raise BackendError("timeout", "the second")

    if second_succeeds:
        assert virtual_time.run(first_of_two(fail_late, second, lambda: 0.01)).text == "yes"
    else:
        with pytest.raises(BackendError, match="the first"):
            virtual_time.run(first_of_two(fail_late, second, lambda: 0.01))


@pytest.mark.parametrize(("broken", "answered"), [(2, True), (5, False)])
def test_a_second_copy_that_fails_is_sent_again_while_the_first_is_late(broken: int, answered: bool) -> None:
    sent = 0

    async def late() -> Reply:
        await asyncio.sleep(0.5 if not answered else 60)
        return Reply("the first", "m", 1, 1, "stop")

    async def second() -> Reply:
        nonlocal sent
        sent += 1
        if sent <= broken:
            raise BackendError("unavailable", "the connection broke")
        return Reply("the second", "m", 1, 1, "stop")

    reply = virtual_time.run(first_of_two(late, second, lambda: 0.01))
    assert (reply.text, sent) == (("the second", 3) if answered else ("the first", 3))


def test_patience_is_a_multiple_of_what_most_answers_take() -> None:
    patience = Patience(3.0)
    for _ in range(19):
        patience.add(1.0)
    assert patience.seconds() is None
    patience.add(100.0)
    assert patience.seconds() == 3.0
    assert not Patience(None).on
