"""Ctrl-C and Dagster's terminate, while an event loop runs.

Dagster's signal handler raises wherever the program is: inside a callback of the event loop the loop logs the exception and goes on, as if nobody had
asked it to stop. So the signal first cancels the task that opened the session, which ends its calls in order, and then goes where it would have gone.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_guarded: set[asyncio.AbstractEventLoop] = set()


@contextmanager
def signals_cancel(task: asyncio.Task[Any]) -> Iterator[None]:
    """Inside, the first signal cancels the task; the handler that was there before is called when the context has been left, or by a second signal.

    Handlers of asyncio itself, which do the same, and the default of SIGTERM, which ends the process, stay. Only the main thread has signals.
    """
    loop = task.get_loop()
    if threading.current_thread() is not threading.main_thread() or loop in _guarded:
        yield
        return
    previous: dict[int, Any] = {number: handler for number in _SIGNALS if _is_foreign(handler := signal.getsignal(number))}
    received: list[tuple[int, FrameType | None]] = []

    def cancel(number: int, frame: FrameType | None) -> None:
        if received:
            previous[number](number, frame)
        received.append((number, frame))
        loop.call_soon_threadsafe(task.cancel)

    for number in previous:
        signal.signal(number, cancel)
    _guarded.add(loop)
    try:
        yield
    finally:
        _guarded.discard(loop)
        for replaced, handler in previous.items():
            if signal.getsignal(replaced) is cancel:
                signal.signal(replaced, handler)
        if received:
            number, frame = received[0]
            previous[number](number, frame)


def _is_foreign(handler: Any) -> bool:
    """Whether a handler is Python code that is neither Python's own nor asyncio's (a partial of a method of its Runner)."""
    if not callable(handler) or handler in (signal.default_int_handler, signal.SIG_DFL, signal.SIG_IGN):
        return False
    return not str(getattr(getattr(handler, "func", handler), "__module__", "")).startswith("asyncio")
