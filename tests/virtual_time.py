"""An event loop that waits for no time: its clock jumps to the next moment that something waits for.

What happens is decided by the times that the code names, and not by how busy the machine is. For code that waits for time alone: of a thread or a
connection the loop does not know when it answers.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
LEAST = 1e-9
"""Seconds: some time passes whatever is done, or who waits for the rest of a rounded number would wait for ever."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(_Jumping(self))
        self.now = 0.0

    def time(self) -> float:
        return self.now


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        self._loop.now += max(timeout, LEAST)
        return super().select(0)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """As asyncio.run."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def hold_up(seconds: float) -> None:
    """As if the process had stood still for so long."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.now += seconds
