"""A serving at work in one event loop: cache, then an identical request under way, then the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from operators.asking.answers import Answer, Failure, ServingStopped, Usage, Weighed
from operators.asking.requests import GivenText, Request
from resources.llm.answers.log_probabilities import none_given, weighed_of
from resources.llm.answers.reasoning import parted
from resources.llm.answers.reply import Asked, BackendError, Reply
from resources.llm.answers.request_cache import RequestCache
from resources.llm.answers.request_key import NotUnicode, RequestKey, RequestKeys
from resources.llm.engine.accounting import Accounting, answer_of, fault_of
from resources.llm.engine.backend import Connection, WeighsText
from resources.llm.engine.caller import Caller
from resources.llm.engine.ordered_stream import in_order

Counted = TypeVar("Counted", Answer, Weighed)

_OPEN_FOR_EACH_IN_FLIGHT = 4
_LEAST_OPEN = 1000
"""How far a stream runs ahead of a slow first answer: far enough that one request that times out does not leave the server idle."""


@dataclass(slots=True)
class _Call:
    """A request under way and how many have asked for it and not given it up. A task does not raise: nobody may be left to hear it."""

    key: RequestKey
    task: asyncio.Task[Reply | Failure | ServingStopped]
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Somebody's interest in a call. `shared`: somebody else had asked for it before."""

    call: _Call
    shared: bool


@dataclass(frozen=True, slots=True)
class _AskedInStream:
    """A request of a stream: it needs no task beside that of the call."""

    session: Session
    request: Request
    waiting: _Waiting

    def is_there(self) -> bool:
        return self.waiting.call.task.done()

    async def answer(self) -> Answer:
        return self.session.answered(self.request, *await self.session.reply_of(self.waiting))

    def give_up(self) -> None:
        self.session.give_up(self.waiting)


class Session:
    """An LLMSession. Calls run in tasks of their own, so that who waits for an identical request does not depend on who asked first."""

    def __init__(
        self, caller: Caller[Asked, Reply], keys: RequestKeys, cache: RequestCache | None, accounting: Accounting, max_in_flight: int
    ) -> None:
        self.usage: Usage = accounting.usage
        self.max_in_flight = max_in_flight
        self._caller = caller
        self._keys = keys
        self._cache = cache
        self._accounting = accounting
        self._calls: dict[RequestKey, _Call] = {}
        self._stopped: ServingStopped | None = None

    async def generate(self, request: Request) -> Answer:
        return self.answered(request, *await self.reply(request))

    def answered(self, request: Request, reply: Reply | Failure, cached: bool) -> Answer:
        """What a reply is worth; a failure is counted."""
        return self._counted(reply if isinstance(reply, Failure) else answer_of(request, reply, cached))

    async def log_probabilities(self, given: GivenText) -> Weighed:
        reply, cached = await self.reply(given)
        return self._counted(reply if isinstance(reply, Failure) else weighed_of(reply, cached))

    def stream(self, requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[Answer]:
        window = max(_LEAST_OPEN, _OPEN_FOR_EACH_IN_FLIGHT * self.max_in_flight)
        return in_order(requests, self._ask, window)

    async def close(self, finish: bool) -> None:
        """End the calls under way: with `finish` those that were sent come back first, since they are paid for."""
        self._caller.stop()
        tasks = [call.task for call in self._calls.values()]
        for task in tasks:
            if not finish or not self._caller.is_sending(task):
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask(self, request: Request) -> Answer | _AskedInStream:
        try:
            key = self._keys.of(request)
        except NotUnicode as error:
            return self._counted(Failure("bad_request", str(error), attempts=0))
        reply = self._from_cache(key)
        if reply is not None:
            return self._counted(answer_of(request, reply, cached=True))
        return _AskedInStream(self, request, self._call_of(key, request))

    def _from_cache(self, key: RequestKey) -> Reply | None:
        if self._stopped is not None:
            raise self._stopped
        reply = self._cache.get(key) if self._cache is not None else None
        if reply is not None:
            self.usage.cached += 1
        return reply

    def cached(self, request: Asked) -> Reply | None:
        """What the cache has. Raises ServingStopped as `reply` does."""
        return self._from_cache(self._keys.of(request))

    async def reply(self, request: Asked) -> tuple[Reply | Failure, bool]:
        """What came back, also where it is no whole answer, and whether it cost nothing: from a cache, or with an identical request under way.

        Raises:
            ServingStopped: no request can succeed.
        """
        try:
            key = self._keys.of(request)
        except NotUnicode as error:
            return Failure("bad_request", str(error), attempts=0), False
        reply = self._from_cache(key)
        return await self.reply_of(self._call_of(key, request)) if reply is None else (reply, True)

    def _call_of(self, key: RequestKey, request: Asked) -> _Waiting:
        call = self._calls.get(key)
        shared = call is not None
        if call is None:
            call = self._calls[key] = _Call(key, asyncio.ensure_future(self._call(key, request)))
        call.waiting += 1
        return _Waiting(call, shared)

    async def reply_of(self, waiting: _Waiting) -> tuple[Reply | Failure, bool]:
        """As `reply`, of a call under way."""
        task = waiting.call.task
        try:
            reply = task.result() if task.done() else await asyncio.shield(task)
        except asyncio.CancelledError:
            self.give_up(waiting)
            raise
        if isinstance(reply, ServingStopped):
            raise reply
        if waiting.shared and not isinstance(reply, Failure):
            self.usage.cached += 1
        return reply, waiting.shared or (isinstance(reply, Reply) and reply.keeper == "gateway's cache")

    def give_up(self, waiting: _Waiting) -> None:
        """Where nobody else wants the answer, the call ends; but what was sent is paid for, and its answer kept."""
        call = waiting.call
        call.waiting -= 1
        if not call.waiting and not self._caller.is_sending(call.task):
            call.task.cancel()
            self._forget(call.key, call.task)

    async def _call(self, key: RequestKey, request: Asked) -> Reply | Failure | ServingStopped:
        try:
            return await self._caller.reply(request, lambda reply: self._keep(key, reply))
        except ServingStopped as stop:
            self._stopped = self._stopped or stop
            return self._stopped
        finally:
            self._forget(key, asyncio.current_task())

    async def _keep(self, key: RequestKey, reply: Reply) -> None:
        """Count what was paid, and wait until it is written. Raises BackendError for a broken reply, which the server may do better next time.

        What a gateway answers is counted here, and kept and written down there.
        """
        self.usage.caution = self.usage.caution or reply.caution
        if reply.keeper == "gateway's cache":
            self.usage.cached += 1
            return
        paid = self._accounting.paid(reply)
        if reply.keeper:
            return
        if self._cache is not None:
            await self._cache.put(key, reply, paid)
        if reply.ending == "broken":
            raise BackendError("malformed", fault_of(reply), retryable=True)

    def _forget(self, key: RequestKey, task: asyncio.Task[Any] | None) -> None:
        """By then the key may already belong to another task."""
        call = self._calls.get(key)
        if call is not None and call.task is task:
            del self._calls[key]

    def _counted(self, answer: Counted) -> Counted:
        if isinstance(answer, Failure):
            self.usage.failed += 1
        return answer


async def ask(connection: Connection, server: str, asked: Asked) -> Reply:
    """One attempt at whatever a language model may be asked. Thinking is parted from the answer here, for all backends. Raises BackendError."""
    if isinstance(asked, GivenText):
        if not isinstance(connection, WeighsText):
            raise none_given(server)
        return await connection.log_probabilities(asked)
    reply = await connection.complete(asked)
    if reply.keeper:  # the gateway has parted it
        return reply
    text, thought = parted(reply.text)
    return replace(reply, text=text, reasoning="\n\n".join(filter(None, (reply.reasoning, thought)))) if thought or text != reply.text else reply
