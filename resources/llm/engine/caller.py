"""One request to the server, through the limits, until it is answered or cannot be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from operators.asking.answers import Failure, FailureKind, ServingStopped, ServingUnreachable, Usage
from resources.llm.accounting.budget import Budget
from resources.llm.answers.reply import BackendError, Paid
from resources.llm.engine.backend import HasLimits, Measured
from resources.llm.engine.concurrency import START_IN_FLIGHT, ConcurrencyLimiter
from resources.llm.engine.hedging import Patience, first_of_two
from resources.llm.engine.rate_limits import RateLimits
from resources.llm.engine.retries import RetryPolicy

logger = logging.getLogger(__name__)

KEPT = "Answers so far are kept in the cache."

_FIRST_CONTACT_SECONDS = 3.0
"""A server that was never reached is most likely not started: that is said soon. One that dies at work is waited for as long as the retries last."""

AskedType = TypeVar("AskedType", bound=Measured)
ReplyType = TypeVar("ReplyType", bound=Paid)


_LONG_WAIT_SECONDS = 10.0


@dataclass(slots=True)
class Contact:
    """When a server last answered anything to any session of a serving, and when it last gave an answer that was no error; 0 for never."""

    reached_at: float = 0.0
    answered_at: float = 0.0


@dataclass(slots=True)
class _Absence:
    """Of a server, as one request has it: since when it finds none, and how often it tried since."""

    since: float = 0.0
    attempts: int = 0


class Caller(Generic[AskedType, ReplyType]):
    """The calls of one session: concurrency, rate limits, retries and budget. What is asked, and what comes back, is the backend's own affair."""

    def __init__(
        self,
        backend: HasLimits,
        send: Callable[[AskedType], Awaitable[ReplyType]],
        rate_limits: RateLimits,
        retries: RetryPolicy,
        budget: Budget,
        usage: Usage,
        hedge: float | None = None,
        contact: Contact | None = None,
    ) -> None:
        self._backend = backend
        self._ask = send
        self._rate_limits = rate_limits
        self._retries = retries
        self._budget = budget
        self._usage = usage
        self._limiter = ConcurrencyLimiter(backend.max_in_flight, getattr(backend, "start_in_flight", START_IN_FLIGHT))
        self._patience = Patience(hedge)
        self._paused_until = 0.0
        self._contact = contact or Contact()
        self._opened_at = time.monotonic()
        self._seconds_an_answer = 0.0
        self._stopping = False
        self._stopped: ServingStopped | None = None
        self._sending: set[asyncio.Task[Any] | None] = set()
        self._told_of_waiting = False

    def is_sending(self, task: asyncio.Task[Any]) -> bool:
        """Whether a task waits for the server, which then counts what it does, or until what came back is kept."""
        return task in self._sending

    def stop(self) -> None:
        """No further attempts."""
        self._stopping = True

    async def reply(self, request: AskedType, keep: Callable[[ReplyType], Awaitable[None]]) -> ReplyType | Failure:
        """The reply, kept, or why there is none.

        Args:
            keep: writes a reply down, or raises BackendError for one that is no answer. Its request counts as in flight until then: a kill loses
                no more answers than there may be requests in flight.

        Raises:
            ServingStopped: no other request could succeed either.
        """
        began = time.monotonic()
        failures: list[FailureKind] = []
        refusals = 0
        absence = _Absence()
        while True:
            try:
                return await self._attempt(request, keep, again=bool(failures) or refusals + absence.attempts > 0)
            except BackendError as error:
                if error.unreachable:
                    delay: float | None = self._until_it_is_back(error, absence, began)
                else:
                    absence = _Absence()
                    if error.overload and error.kind != "timeout":
                        refusals += 1
                        delay = self._until_there_is_room(error, refusals)
                    else:
                        failures.append(error.kind)
                        delay = self._retries.delay(error, len(failures), failures.count(error.kind))
                if self._stopped is not None:
                    raise self._stopped from None
                if delay is None or self._stopping:
                    return Failure(error.kind, error.message, len(failures) + refusals + absence.attempts)
            self._usage.retried += 1
            await asyncio.sleep(delay)

    def _until_it_is_back(self, error: BackendError, absence: _Absence, began: float) -> float:
        """Seconds until a request is tried again that found no server. No row is to blame for that: while others find it again, its tries begin anew;
        where nobody did, all stops."""
        now = time.monotonic()
        if absence.attempts and self._contact.reached_at > absence.since:
            absence.attempts = 0
        if not absence.attempts:
            absence.since = now
        absence.attempts += 1
        delay = self._retries.delay(error, absence.attempts)
        if not self._contact.reached_at and now + (delay or 0.0) > began + _FIRST_CONTACT_SECONDS:
            delay = None
        if delay is None:
            self._stopped = ServingUnreachable(f"{error.message}. {error.remedy or self._backend.remedy} {KEPT}")
            return 0.0
        if absence.attempts == 1 and self._contact.reached_at < began:
            logger.warning("%s; trying again", error.message)
        return delay

    def _until_there_is_room(self, error: BackendError, refusals: int) -> float | None:
        """Seconds until a request is tried again that the server had no room for, as where a quota a minute is used up.

        No row is to blame for that: it is given up once its tries are spent and nobody was answered for as long as any server may ask to wait.
        """
        delay = self._retries.delay(error, refusals)
        last_answer = max(self._opened_at, self._contact.answered_at)
        if delay is None and self._retries.retries and time.monotonic() - last_answer < self._retries.retry_after_most:
            return self._retries.pause(error, refusals)
        return delay

    async def _attempt(self, request: AskedType, keep: Callable[[ReplyType], Awaitable[None]], again: bool) -> ReplyType:
        """`again`: before all that were not tried yet, since answers are given in order and all others would be waited for first."""
        estimate = await self._wait_for_rate_limits(request) if self._rate_limits.active else 0.0
        limiter = self._limiter
        period = await limiter.acquire(first=again)
        try:
            while (pause := self._paused_until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            if self._stopped is not None:
                raise self._stopped
            self._budget.check()
            try:
                reply = await self._send(request)
            except BackendError as error:
                await self._after_error(error, period)
                raise
            limiter.report(period, refused=False)
            self._after_reply(reply, estimate)
            with self._waited_for():
                await keep(reply)
            return reply
        finally:
            limiter.release()

    async def _send(self, request: AskedType) -> ReplyType:
        with self._waited_for():
            if not self._patience.on:
                return await self._ask(request)
            return await first_of_two(lambda: self._ask(request), lambda: self._second_copy(request), self._patience.seconds)

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        task = asyncio.current_task()
        self._sending.add(task)
        try:
            yield
        finally:
            self._sending.discard(task)

    async def _second_copy(self, request: AskedType) -> ReplyType:
        """Under the same limits as any other request."""
        if self._rate_limits.active:
            await self._wait_for_rate_limits(request)
        await self._limiter.acquire(first=True)
        try:
            self._usage.hedged += 1
            return await self._ask(request)
        finally:
            self._limiter.release()

    async def _wait_for_rate_limits(self, request: AskedType) -> float:
        wait, estimate = self._rate_limits.reserve(request.characters)
        if wait:
            await asyncio.sleep(wait)
        return estimate

    def _after_reply(self, reply: ReplyType, estimate: float) -> None:
        self._contact.reached_at = self._contact.answered_at = time.monotonic()
        self._seconds_an_answer = reply.seconds if not self._seconds_an_answer else 0.9 * self._seconds_an_answer + 0.1 * reply.seconds
        self._patience.add(reply.seconds)
        paid = (0, 0) if reply.keeper == "gateway's cache" else (reply.prompt_tokens, reply.completion_tokens)
        self._budget.spend(*paid, ledger_is_elsewhere=bool(reply.keeper))
        if estimate:
            self._rate_limits.correct(estimate, reply.prompt_tokens, reply.completion_tokens)

    async def _after_error(self, error: BackendError, period: int) -> None:
        if error.fatal:
            said = f"{error.message} {KEPT}"
            self._stopped = ServingUnreachable(said) if error.stop_cause == "unreachable" else ServingStopped(said, error.stop_cause)
        if not error.unreachable:
            self._contact.reached_at = time.monotonic()
        wait = self._retries.asked_for(error)
        self._tell_of_waiting(error, wait)
        if self._limiter.report(period, refused=error.overload) and wait:
            self._paused_until = max(self._paused_until, time.monotonic() + wait)
        if error.overload and error.kind != "timeout":
            # a refusal comes back at once: holding the place for as long as an answer takes makes the share of refusals the share that is too many
            await asyncio.sleep(min(self._seconds_an_answer, self._retries.most))

    def _tell_of_waiting(self, error: BackendError, wait: float) -> None:
        """Once: nobody should wonder why nothing moves."""
        is_cut = error.retry_after is not None and error.retry_after > wait
        if (wait >= _LONG_WAIT_SECONDS or is_cut) and not self._told_of_waiting:
            self._told_of_waiting = True
            cut = "" if not is_cut else f", not the {error.retry_after:g} s that it asks for (retry_after_most)"
            logger.warning("%s; waiting %g s%s", error.message, wait, cut)
