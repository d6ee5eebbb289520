"""Numbers that a server sends: nothing waits for ever, fills the memory, or goes below zero because of one."""

from __future__ import annotations

import asyncio
import logging
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.answers import Completion, Failure, ServingStopped
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers.numbers import LONGEST_DELAY, MOST_COUNTED, count_of, log_probability_of, retry_after, seconds_between
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.request_cache import RequestCache
from resources.llm.backends.http_errors import ErrorReader
from resources.llm.engine.retries import RetryPolicy
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import completion, http, running


def used(prompt: Any, completed: Any) -> dict[str, Any]:
    return completion(usage={"prompt_tokens": prompt, "completion_tokens": completed})


@pytest.mark.parametrize("count", [2**63, 2**64, 2**53 + 1, -1, -(2**63), 1e300, 0.5, -0.1])
def test_c1_a_count_that_cannot_be_is_malformed_and_that_row_alone(count: float, make_serving: MakeServing) -> None:
    with running({"bad": http(200, used(count, 1)), "worse": http(200, used(1, count))}) as server:
        bad, worse, good = make_serving(server.address, budget_tokens=1000).generate_from_input(["bad", "worse", "good"])
        for answer in (bad, worse):
            assert isinstance(answer, Failure)
            assert answer.kind == "malformed"
        assert isinstance(good, Completion)


@pytest.mark.parametrize("count", [None, "12", True, [], {}])
def test_a_count_that_is_no_number_counts_as_not_told(count: Any, make_serving: MakeServing) -> None:
    with running(otherwise=http(200, used(count, count))) as server:
        [answer] = make_serving(server.address).generate_from_input(["a question"])
        assert isinstance(answer, Completion)
        assert (answer.prompt_tokens, answer.completion_tokens) == (len("a question") // 4 + 1, len("an answer") // 4 + 1)


@pytest.mark.parametrize(
    ("usage", "paid"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 1020}, (10, 1010)),
        ({"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 1020, "completion_tokens_details": {"reasoning_tokens": 1000}}, (10, 1010)),
        ({"prompt_tokens": 10, "completion_tokens": 10, "completion_tokens_details": {"reasoning_tokens": 1000}}, (10, 1010)),
        ({"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 500}, (10, 490)),
        ({"prompt_tokens": 10, "completion_tokens": 900, "total_tokens": 910, "completion_tokens_details": {"reasoning_tokens": 890}}, (10, 900)),
        ({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}, (10, 20)),
        ({"prompt_tokens": 10, "completion_tokens": 20}, (10, 20)),
        ({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 20}, (10, 20)),
        ({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": -1}, (10, 20)),
        ({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": "many", "completion_tokens_details": []}, (10, 20)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, (len("a question") // 4 + 1, len("an answer") // 4 + 1)),
    ],
)
def test_tokens_of_thinking_are_paid_wherever_a_server_counts_them(usage: dict[str, Any], paid: tuple[int, int], make_serving: MakeServing) -> None:
    with running(otherwise=http(200, completion(usage=usage))) as server:
        [answer] = make_serving(server.address).generate_from_input(["a question"])
        assert isinstance(answer, Completion)
        assert (answer.prompt_tokens, answer.completion_tokens) == paid


@given(st.floats() | st.integers() | st.text() | st.none() | st.booleans())
def test_a_count_is_a_whole_number_in_its_range_or_none_or_refused(value: Any) -> None:
    try:
        count = count_of(value)
    except ValueError:
        return
    assert count is None or 0 <= count <= MOST_COUNTED


def put_all(cache: RequestCache, replies: list[Reply], paid: list[PaidCall | None]) -> list[Any]:
    async def put() -> list[Any]:
        puts = [cache.put(bytes([place]) * 32, reply, call) for place, (reply, call) in enumerate(zip(replies, paid, strict=True))]
        return await asyncio.wait_for(asyncio.gather(*puts, return_exceptions=True), 20)

    return asyncio.run(put())


def test_c1_whatever_the_file_cannot_hold_reaches_who_waits_and_no_other(tmp_path: Path) -> None:
    cache = RequestCache(tmp_path / "answers.sqlite")
    replies = [
        Reply("a", "m", 1, 1, "stop"),
        Reply("b", "m", 2**63, 1, "stop"),
        Reply("c", "m", 1, 1, ["stop"] and "stop"),
        Reply("d", "m", 1, 1, "stop"),
    ]
    replies[2] = Reply("c", object(), 1, 1, "stop")  # type: ignore[arg-type]
    results = put_all(cache, replies, [None, None, None, PaidCall("2026-01-01", "p", "s", "m", -(2**70), 0, None, 0.1)])
    assert [type(result) for result in results] == [type(None), BackendError, BackendError, BackendError]
    assert put_all(cache, [Reply("e", "m", 1, 1, "stop")], [None]) == [None]
    cache.close()
    with pytest.raises(ServingStopped, match="cannot be used"):
        asyncio.run(asyncio.wait_for(cache.put(b"x" * 32, Reply("f", "m", 1, 1, "stop")), 20))


@pytest.mark.parametrize(
    "header",
    [
        {"Retry-After": "1000000000"}, {"Retry-After": "inf"}, {"Retry-After": "nan"}, {"Retry-After": "1e9"}, {"Retry-After": "²"},
        {"Retry-After": "-5"}, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, {"Retry-After": "Fri, 99 Dec 99999 99:99:99 GMT"},
        {"Retry-After": "9" * 400}, {"Retry-After": "soon"}, {"Retry-After": ""}, {"retry-after-ms": "999999999999"}, {"retry-after-ms": "²"},
        {"retry-after-ms": "inf"}, {"retry-after-ms": "1.2.3"}, {"Retry-After": "٣"}, {"Retry-After": "0x10"}, {"Retry-After": "1_000"},
        {"Retry-After": "99999999h"}, {"Retry-After": "Mon, 01 Jan 0000 00:00:00 GMT"},
    ],
)  # fmt: skip
def test_c2_nonsense_counts_as_no_wish(header: dict[str, str], make_serving: MakeServing) -> None:
    assert retry_after(header) in (None, 0.0)
    refused = [http(429, {"error": {"message": "slow down"}}, {name: value.encode().decode("latin-1") for name, value in header.items()})]
    with running(otherwise=lambda body: refused.pop() if refused else http(200, completion())) as server:
        started = time.monotonic()
        [answer] = make_serving(server.address).generate_from_input(["a question"])
        assert isinstance(answer, Completion), answer
        assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ({"Retry-After": "3"}, 3, 3),
        ({"retry-after": " 2.5 "}, 2.5, 2.5),
        ({"RETRY-AFTER-MS": "250"}, 0.25, 0.25),
        ({"Retry-After": "1m30s"}, 90, 90),
        ({"Retry-After": "200ms"}, 0.2, 0.2),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
        ({"Retry-After": "7", "retry-after-ms": "²"}, 7, 7),
    ],
)
def test_c2_a_wish_is_read_in_each_of_its_forms(header: dict[str, str], least: float, most: float) -> None:
    found = retry_after(header)
    assert found is not None
    assert least <= found <= most


def test_c2_a_date_in_ten_minutes_is_a_wish_of_ten_minutes() -> None:
    found = retry_after({"Retry-After": formatdate(time.time() + 600, usegmt=True)})
    assert found is not None
    assert 300 <= found <= 600


@given(st.text() | st.from_regex(r"[0-9]{1,30}(\.[0-9]+)?(ms|s|m|h)?"))
def test_c2_no_text_is_a_delay_of_more_than_a_day(text: str) -> None:
    found = retry_after({"Retry-After": text})
    assert found is None or 0 <= found <= LONGEST_DELAY


def test_c2_a_long_wish_is_cut_and_said(make_serving: MakeServing, caplog: pytest.LogCaptureFixture) -> None:
    policy = RetryPolicy(3, 0.01, 0.02, retry_after_most=60)
    delay = policy.delay(BackendError("rate_limited", "wait", retryable=True, retry_after=7200), 1)
    assert delay is not None
    assert 60 <= delay <= 60.02
    refused = [http(429, {"error": {"message": "slow down"}}, {"Retry-After": "7200"})]
    with running(otherwise=lambda body: refused.pop() if refused else http(200, completion())) as server, caplog.at_level(logging.WARNING):
        [answer] = make_serving(server.address, retry_after_most=0.05).generate_from_input(["a question"])
        assert isinstance(answer, Completion)
    assert "not the 7200 s that it asks for (retry_after_most)" in caplog.text


def test_a_delay_in_the_body_is_a_wish_too() -> None:
    body = b'[{"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "x", "retryDelay": "34.5s"}]}}]'
    assert ErrorReader("the server").error(429, {}, body).retry_after == 34.5
    assert ErrorReader("the server").error(429, {}, body.replace(b"34.5s", b"99999999999s")).retry_after is None


def test_c3_a_huge_answer_is_not_read_to_its_end(make_serving: MakeServing) -> None:
    chunk = b"x" * 100_000
    told = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b"%x\r\n" % len(chunk) + chunk + b"\r\n"] * 200
    with running({"told": [told, *[chunk] * 50], "chunked": [chunked, *parts]}) as server:
        answers = make_serving(server.address, answer_megabytes=2).generate_from_input(["told", "chunked", "good"])
        for answer in answers[:2]:
            assert isinstance(answer, Failure)
            assert (answer.kind, answer.attempts) == ("malformed", 1)
            assert "more than 2 MB" in answer.message
        assert isinstance(answers[2], Completion)


@pytest.mark.parametrize("reason", [["stop"], {"a": 1}, 7, True])
def test_c4_an_ending_that_is_no_text_is_malformed_and_that_row_alone(reason: Any, make_serving: MakeServing) -> None:
    with running({"bad": http(200, completion(finish_reason=reason))}) as server:
        bad, good = make_serving(server.address).generate_from_input(["bad", "good"])
        assert isinstance(bad, Failure)
        assert bad.kind == "malformed"
        assert isinstance(good, Completion)


@pytest.mark.parametrize("model", [None, 7, ["m"], {"a": 1}, ""])
def test_c4_a_model_that_is_no_name_is_the_one_that_was_asked_for(model: Any, make_serving: MakeServing) -> None:
    with running(otherwise=http(200, completion(model=model))) as server:
        [answer] = make_serving(server.address).generate_from_input(["a question"])
        assert isinstance(answer, Completion)
        assert answer.model == "mock"


def test_times_and_probabilities_pass_the_gate_too() -> None:
    assert seconds_between(10, 25.5) == 15.5
    for start, end in ((25, 10), (None, 10), (float("nan"), 1), (0, float("inf")), ("1", 2), (0, 10**15)):
        assert seconds_between(start, end) is None
    assert log_probability_of(-1.5) == -1.5
    assert log_probability_of(1e-6) == 0.0
    for value in (1.5, float("nan"), float("-inf"), None, "x", True):
        with pytest.raises(ValueError, match="no log-probability"):
            log_probability_of(value)
