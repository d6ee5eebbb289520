"""Concurrency and rates, without a server."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.llm.answers.reply import BackendError
from resources.llm.backends.http_errors import error_of_status, retry_after
from resources.llm.backends.structured_output import allows_strict
from resources.llm.engine.concurrency import ConcurrencyLimiter
from resources.llm.engine.latencies import LatencySample
from resources.llm.engine.rate_limits import RateLimit
from resources.llm.engine.retries import RetryPolicy


async def waves(limiter: ConcurrencyLimiter, capacity: int, count: int, random_refusals: int = 0) -> list[float]:
    """Waves of as many requests as the limit allows, to a server that takes `capacity` and refuses every n-th besides."""
    limits, number = [], 0
    for _ in range(count):
        periods = [await limiter.acquire() for _ in range(int(limiter.limit))]
        for index, period in enumerate(periods):
            number += 1
            limiter.report(period, refused=index >= capacity or bool(random_refusals and number % random_refusals == 0))
        for _ in periods:
            limiter.release()
        limits.append(limiter.limit)
    return limits


@pytest.mark.parametrize("capacity", [5, 40, 100])
def test_the_limit_settles_near_the_capacity(capacity: int) -> None:
    limits = asyncio.run(waves(ConcurrencyLimiter(256), capacity, 200))[50:]
    assert 0.7 * capacity <= min(limits)
    assert max(limits) <= max(1.3 * capacity, capacity + 6)


def test_refusals_now_and_then_do_not_lower_the_limit() -> None:
    assert asyncio.run(waves(ConcurrencyLimiter(128), 10_000, 80, random_refusals=14))[-1] == 128


@given(st.integers(1, 40), st.lists(st.booleans(), min_size=1, max_size=200))
@settings(deadline=None, max_examples=30)
def test_the_limit_stays_between_one_and_the_most_and_no_place_is_lost(most: int, outcomes: list[bool]) -> None:
    async def run() -> None:
        limiter = ConcurrencyLimiter(most)

        async def one(refused: bool) -> None:
            period = await limiter.acquire()
            try:
                assert limiter.in_flight <= most
                await asyncio.sleep(0)
                limiter.report(period, refused)
                assert 1 <= limiter.limit <= most
            finally:  # also where it is cancelled: who holds a place gives it back
                limiter.release()

        tasks = [asyncio.ensure_future(one(refused)) for refused in outcomes]
        await asyncio.sleep(0)
        for task in tasks[::5]:
            task.cancel()
        outcomes_seen = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes_seen)
        assert limiter.in_flight == 0

    asyncio.run(asyncio.wait_for(run(), 30))


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=100), st.floats(60, 6000))
@settings(deadline=None, max_examples=50)
def test_no_more_than_the_rate_is_let_through(units: list[float], per_minute: float) -> None:
    now = 0.0
    limit = RateLimit(per_minute, clock=lambda: now)
    used = 0.0
    for each in units:
        now += limit.reserve(each)
        assert used <= (now + 1.0) * per_minute / 60 + 1e-6
        used += each


def test_backing_off_grows_up_to_its_limit_and_obeys_the_server() -> None:
    policy = RetryPolicy(5, 1.0, 8.0)
    busy = BackendError("unavailable", "busy", retryable=True)
    for attempt, most in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 8)):
        delay = policy.delay(busy, attempt)
        assert delay is not None
        assert 0 <= delay <= most
    assert policy.delay(busy, 6) is None
    assert policy.delay(BackendError("bad_request", "no"), 1) is None
    told = policy.delay(BackendError("rate_limited", "wait", retryable=True, retry_after=20), 1)
    assert told is not None
    assert told >= 20


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_spent_quota_is_not_waited_for() -> None:
    error = error_of_status(429, {}, "You exceeded your current quota (insufficient_quota)", "the server")
    assert error.fatal
    assert not error.retryable


def test_latencies_are_a_bounded_sample_of_all_calls() -> None:
    kept: list[float] = []
    sample = LatencySample(kept, most=100)
    for seconds in range(10_000):
        sample.add(seconds)
    assert len(kept) == 100
    assert 3000 < sum(kept) / 100 < 7000


def test_strict_is_asked_for_only_where_the_schema_allows_it() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    assert allows_strict(closed)
    assert not allows_strict({**closed, "required": []})
    assert not allows_strict({**closed, "properties": {"a": {"type": "object", "properties": {"b": {}}}}})
