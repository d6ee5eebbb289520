"""What fails for a moment is tried again, what can never succeed is not, and each failure says the truth."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from typing import Any

import pytest

from operators.asking.answers import Completion, Failure, ServingStopped, Usage
from operators.asking.requests import Request
from resources.llm.answers.reply import BackendError
from resources.llm.engine.retries import RetryPolicy
from resources.llm.engine.serving import Serving
from tests.resources.llm.conftest import MakeServing, StartServer
from tests.resources.llm.scripted_server import completion, http, running

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer"}, "reason": {"type": "string"}},
    "required": ["score", "reason"],
    "additionalProperties": False,
}


def only(serving: Serving, **settings: Any) -> Completion | Failure:
    return serving.generate_from_input(["a question"], **settings)[0]


def usage_of(serving: Serving, count: int) -> Usage:
    async def ask() -> Usage:
        async with serving.session() as session:
            async for _ in session.stream(Request.of(f"question {index}") for index in range(count)):
                pass
            return session.usage

    return asyncio.run(ask())


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_a_request_that_can_never_succeed_is_sent_once(status: int, start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(always_status=status, always_message="the context is 8 tokens")
    answer = only(make_serving(server.address))
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts, server.counts.requests) == ("bad_request", 1, 1)
    assert f"HTTP {status}" in answer.message
    assert "the context is 8 tokens" in answer.message


@pytest.mark.parametrize(("status", "kind"), [(500, "unavailable"), (502, "unavailable"), (503, "unavailable"), (429, "rate_limited")])
def test_what_may_pass_is_tried_again_and_then_named(status: int, kind: str, start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(always_status=status)
    answer = only(make_serving(server.address, retries=3, retry_after_most=0))
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts, server.counts.requests) == (kind, 4, 4)


@pytest.mark.parametrize("status", [429, 503])
def test_no_row_is_set_aside_for_a_server_that_has_no_room_for_it_while_others_are_answered(status: int, make_serving: MakeServing) -> None:
    asked = itertools.count(1)

    def one_in_ten(body: dict[str, Any]) -> bytes:
        return http(200, completion("kept")) if next(asked) % 10 == 0 else http(status, {"error": {"message": "slow down"}})

    with running(otherwise=one_in_ten) as server:
        serving = make_serving(server.address, retries=2, retry_seconds_most=0.02, retry_after_most=60)
        answers = serving.generate_from_input([f"question {index}" for index in range(20)])
    assert [answer.text if isinstance(answer, Completion) else answer for answer in answers] == ["kept"] * 20


def test_a_server_that_has_no_room_is_asked_for_as_long_as_any_may_ask_to_wait(make_serving: MakeServing) -> None:
    def asked(most: float, retries: int) -> tuple[Completion | Failure, int]:
        refusals = iter(range(10))
        busy, good = http(429, {"error": {"message": "slow down"}}), http(200, completion("kept"))
        with running(otherwise=lambda body: good if next(refusals, None) is None else busy) as server:
            answer = only(make_serving(server.address, cache=False, retries=retries, retry_seconds_most=0.02, retry_after_most=most))
            return answer, server.asked["a question"]

    answer, times = asked(most=60, retries=2)
    assert isinstance(answer, Completion)
    assert times == 11
    for retries in (0, 2):
        answer, times = asked(most=0 if retries else 60, retries=retries)
        assert isinstance(answer, Failure)
        assert (answer.kind, answer.attempts, times) == ("rate_limited", retries + 1, retries + 1)


def test_the_wait_between_many_attempts_has_its_limit() -> None:
    policy = RetryPolicy(10_000, 0.5, 30.0)
    assert policy.pause(BackendError("unavailable", "busy", retryable=True), 9_999) <= 30.0


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_at_once_with_one_sentence(status: int, start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(always_status=status, latency=0.05)
    with pytest.raises(ServingStopped, match=rf"refused the key \(HTTP {status}: no.*Give a valid one in DATAFLOW_LLM_API_KEY"):
        make_serving(server.address, max_in_flight=8).generate_from_input([f"question {index}" for index in range(500)])
    assert server.counts.requests <= 8


def test_an_unanswered_request_times_out_and_is_sent_again(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(stalled=1.0)
    answer = only(make_serving(server.address, timeout=0.1))
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts) == ("timeout", 3)
    assert "within 0.1 s" in answer.message


def test_a_reply_that_is_no_completion_is_malformed(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(malformed=1.0)
    answer = only(make_serving(server.address))
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts) == ("malformed", 3)


def test_retry_after_is_honoured(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(rate_limited=1.0, retry_after="0.3")
    started = time.monotonic()
    answer = only(make_serving(server.address, retries=1, retry_after_most=0.3))
    assert isinstance(answer, Failure)
    assert time.monotonic() - started >= 0.3


def test_a_server_with_every_fault_answers_everything(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(
        unavailable=0.05,
        rate_limited=0.02,
        reset=0.01,
        malformed=0.01,
        stalled=0.005,
        stall_seconds=60,
        latency=0.01,
        capacity=20,
        retry_after="0.02",
    )
    usage = usage_of(make_serving(server.address, max_in_flight=128, timeout=2), 600)
    assert (usage.calls, usage.failed) == (600, 0)
    assert usage.retried > 30
    assert usage.prompt_tokens == 600 * 20


def test_concurrency_settles_near_what_the_server_takes(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.03, capacity=20)
    usage = usage_of(make_serving(server.address, max_in_flight=256), 1200)
    refused = server.counts.statuses[503]
    assert (usage.calls, usage.failed) == (1200, 0)
    assert refused < 0.35 * 1200


def test_nothing_listening_stops_with_the_address_and_what_to_do(make_serving: MakeServing) -> None:
    with pytest.raises(
        ServingStopped,
        match=r"the server at http://127\.0\.0\.1:9/v1 cannot be reached: the connection was refused\. Start it, or point DATAFLOW_LLM_BASE_URL",
    ):
        make_serving("http://127.0.0.1:9", retries=2).generate_from_input([f"question {index}" for index in range(20)])


def test_an_interruption_keeps_what_came_back(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.02)
    serving = make_serving(server.address, max_in_flight=4)

    async def interrupted() -> int:
        received = 0
        async with serving.session() as session:
            async for _ in session.stream(Request.of(f"question {index}") for index in range(200)):
                received += 1
                if received == 20:
                    asyncio.current_task().cancel()  # type: ignore[union-attr]
        return received

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert server.counts.requests <= 20 + 2 * 4 + 4
    before = server.counts.requests
    usage = usage_of(serving, 200)
    assert usage.cached >= 20
    assert server.counts.requests - before == 200 - usage.cached
    assert server.counts.requests <= 200 + 4


def test_an_error_in_the_stage_keeps_the_answers_that_were_already_sent_for(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(latency=0.05)
    serving = make_serving(server.address, max_in_flight=8)

    async def failing() -> None:
        async with serving.session() as session, asyncio.TaskGroup() as group:
            for index in range(8):
                group.create_task(session.generate(Request.of(f"question {index}")))
            while server.counts.requests < 8:
                await asyncio.sleep(0.005)
            raise RuntimeError("too many rows failed")

    with pytest.raises(ExceptionGroup):
        asyncio.run(failing())
    assert usage_of(serving, 8).cached == 8
    assert server.counts.requests == 8


def test_an_answer_cut_off_in_the_middle_of_its_json_is_truncated_and_not_asked_for_again(
    start_server: StartServer, make_serving: MakeServing
) -> None:
    server = start_server(finish_reason="length")
    answer = only(make_serving(server.address), json_schema=SCHEMA)
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts, server.counts.requests) == ("truncated", 1, 1)
    assert "raise max_tokens" in answer.message


def test_withheld_content_is_filtered(start_server: StartServer, make_serving: MakeServing) -> None:
    answer = only(make_serving(start_server(finish_reason="content_filter").address))
    assert isinstance(answer, Failure)
    assert answer.kind == "filtered"


@pytest.mark.parametrize(
    ("faults", "sent", "requests"),
    [
        ({}, {"type": "json_schema"}, 20),
        ({"knows_json_schema": False}, {"type": "json_object"}, 22),
        ({"knows_json_schema": False, "knows_json_object": False}, {}, 23),
    ],
)
def test_a_server_without_json_schema_is_asked_in_the_best_way_it_knows(
    faults: dict[str, Any],
    sent: dict[str, Any],
    requests: int,
    start_server: StartServer,
    make_serving: MakeServing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = start_server(**faults)
    with caplog.at_level(logging.WARNING, "resources.llm"):
        answers = make_serving(server.address, max_in_flight=1).generate_from_input([f"question {index}" for index in range(20)], json_schema=SCHEMA)
    assert all(isinstance(answer, Completion) and answer.text.startswith("{") for answer in answers)
    body = server.counts.bodies[-1]
    assert {name: body.get("response_format", {}).get(name) for name in sent} == sent
    assert server.counts.requests == requests
    assert len(caplog.records) == requests - 20


def test_a_server_that_renamed_max_tokens_is_understood(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server(takes_max_tokens=False)
    assert isinstance(only(make_serving(server.address), max_tokens=7), Completion)
    assert server.counts.bodies[-1]["max_completion_tokens"] == 7


def test_without_a_model_the_only_one_of_the_server_is_used(start_server: StartServer, make_serving: MakeServing) -> None:
    answer = only(make_serving(start_server(models=("the-only-one",)).address, model=None))
    assert isinstance(answer, Completion)
    assert answer.model == "the-only-one"


def test_without_a_model_several_are_listed(start_server: StartServer, make_serving: MakeServing) -> None:
    with pytest.raises(ServingStopped, match=r"DATAFLOW_LLM_MODEL is not set, and http://.* has 2 models: small, large\. Set DATAFLOW_LLM_MODEL"):
        only(make_serving(start_server(models=("small", "large")).address, model=None))
