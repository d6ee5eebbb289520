"""Answers in the order of their requests, with a bounded number of requests open."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Protocol

from operators.asking.answers import Answer, Completion, Failure
from operators.asking.requests import Request

_BREATH = 64
"""Answers from the cache between two turns of the event loop, so that calls under way go on."""


class Awaited(Protocol):
    """The answer to a request under way."""

    def is_there(self) -> bool:
        """Whether `answer` gives it at once."""

    async def answer(self) -> Answer:
        """Wait for it, once. Who is cancelled meanwhile has given it up."""

    def give_up(self) -> None:
        """Instead of `answer`."""


async def in_order(
    requests: Iterable[Request] | AsyncIterable[Request], ask: Callable[[Request], Answer | Awaited], window: int
) -> AsyncIterator[Answer]:
    """`ask` answers at once, or begins to. When the consumer stops, is cancelled or a request raises, what is open is given up."""
    opened: deque[Answer | Awaited] = deque()
    at_once = 0
    try:
        async for request in _asynchronously(requests):
            answer = ask(request)
            opened.append(answer)
            at_once = at_once + 1 if isinstance(answer, Completion | Failure) else 0
            if at_once % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            while opened and (len(opened) >= window or _is_there(opened[0])):
                yield await _answer(opened.popleft())
        while opened:
            yield await _answer(opened.popleft())
    finally:
        for entry in opened:
            if not isinstance(entry, Completion | Failure):
                entry.give_up()


def _is_there(entry: Answer | Awaited) -> bool:
    return isinstance(entry, Completion | Failure) or entry.is_there()


async def _answer(entry: Answer | Awaited) -> Answer:
    return entry if isinstance(entry, Completion | Failure) else await entry.answer()


async def _asynchronously(requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[Request]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request
