"""A second copy of a request that takes much longer than the others: whichever answers first counts.

Worth it where a server forgets a request or one of its machines is slow; some providers charge for the copy that was given up, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from resources.llm.answers.reply import BackendError

ReplyType = TypeVar("ReplyType")

_LEAST_MEASURED = 20
_REMEMBERED = 500
_MEASURED_AGAIN_EVERY = 50
_SLOWEST_SHARE = 0.05
_LOOK_AGAIN_SECONDS = 0.25
_MOST_SECOND_COPIES = 3


class Patience:
    """How long an answer may take before it counts as late: `factor` times what 95 % of the last answers took."""

    def __init__(self, factor: float | None) -> None:
        self._factor = factor
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)
        self._measured = 0
        self._limit: float | None = None

    def add(self, seconds: float) -> None:
        if self._factor is None:
            return
        self._seconds.append(seconds)
        self._measured += 1
        if self._measured == _LEAST_MEASURED or (self._measured > _LEAST_MEASURED and self._measured % _MEASURED_AGAIN_EVERY == 0):
            ordered = sorted(self._seconds)
            self._limit = self._factor * ordered[int((1 - _SLOWEST_SHARE) * (len(ordered) - 1))]

    @property
    def on(self) -> bool:
        return self._factor is not None

    def seconds(self) -> float | None:
        """None: too little is known yet."""
        return self._limit


async def _is_done_in_time(copy: asyncio.Future[Any], patience: Callable[[], float | None]) -> bool:
    """What the limit is may become known only while waiting: the first requests of a run can be late too."""
    now = asyncio.get_running_loop().time
    started = now()
    while not copy.done():
        limit, waited = patience(), now() - started
        if limit is not None and waited >= limit:
            return False
        await asyncio.wait({copy}, timeout=_LOOK_AGAIN_SECONDS if limit is None else limit - waited)
    return True


async def first_of_two(
    send: Callable[[], Awaitable[ReplyType]], send_again: Callable[[], Awaitable[ReplyType]], patience: Callable[[], float | None]
) -> ReplyType:
    """The first reply of `send` and, once `patience()` seconds have passed, `send_again`.

    A second copy that fails while the first is still late, as one whose connection broke does, is sent again, up to three in all. Raises the
    BackendError of the first when none brings a reply.
    """
    first = asyncio.ensure_future(send())
    copies = {first}
    waiting = {first}
    try:
        while waiting:
            if waiting == {first} and len(copies) <= _MOST_SECOND_COPIES and not await _is_done_in_time(first, patience):
                second = asyncio.ensure_future(send_again())
                copies.add(second)
                waiting.add(second)
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for copy in done:
                if not isinstance(copy.exception(), BackendError):
                    return copy.result()
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
    return first.result()
