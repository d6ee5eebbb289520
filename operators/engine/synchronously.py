"""Running a coroutine from ordinary code, also where an event loop already runs (a notebook)."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_to_end(function: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """The coroutine's result. An interruption (Ctrl-C) cancels it and waits for its clean-up."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(function())
    return _in_a_thread(function)


def _in_a_thread(function: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    result: Future[Result] = Future()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = Future()

    context = contextvars.copy_context()

    async def announced() -> Result:
        started.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await function()

    def run() -> None:
        try:
            result.set_result(context.run(asyncio.run, announced()))
        except BaseException as error:  # every error belongs to the thread that waits
            result.set_exception(error)

    thread = threading.Thread(target=run, name="llm-requests", daemon=True)
    thread.start()
    try:
        return result.result()
    except BaseException:
        if thread.is_alive():
            loop, task = started.result()
            if task is not None and not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join()
