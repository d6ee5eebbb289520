"""Answers in the order of their requests, with a bounded number of requests open."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeAlias

from operators.asking.answers import Answer
from operators.asking.requests import Request

_BREATH = 64
"""Answers from the cache between two turns of the event loop, so that calls under way go on."""

_Open: TypeAlias = "Answer | asyncio.Task[Answer]"


async def in_order(
    requests: Iterable[Request] | AsyncIterable[Request],
    known: Callable[[Request], Answer | None],
    generate: Callable[[Request], Awaitable[Answer]],
    window: int,
) -> AsyncIterator[Answer]:
    """`known` answers at once or not at all. When the consumer stops, is cancelled or a request raises, what is open is cancelled."""
    opened: deque[_Open] = deque()
    at_once = 0
    try:
        async for request in _asynchronously(requests):
            answer = known(request)
            opened.append(asyncio.ensure_future(generate(request)) if answer is None else answer)
            at_once = 0 if answer is None else at_once + 1
            if at_once % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            while opened and (len(opened) >= window or _is_done(opened[0])):
                yield await _answer(opened.popleft())
        while opened:
            yield await _answer(opened.popleft())
    finally:
        tasks = [entry for entry in opened if isinstance(entry, asyncio.Task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_done(entry: _Open) -> bool:
    return not isinstance(entry, asyncio.Task) or entry.done()


async def _answer(entry: _Open) -> Answer:
    return await entry if isinstance(entry, asyncio.Task) else entry


async def _asynchronously(requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[Request]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request
