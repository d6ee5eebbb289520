"""Operators that wait for a model: many rows are under way at once, and written in order as the oldest are done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from operators.engine.batch import Batch
from operators.engine.calls import call_asynchronously, row_arguments
from operators.engine.promises import check_promise
from operators.engine.run import Run
from operators.engine.synchronously import run_to_end

OPEN_BATCH_ROWS = 16
"""Rows of a batch: few, so that finished rows are written soon."""
OPEN_ROWS = 1000
OPEN_ROWS_PER_REQUEST = 4
"""`OPEN_ROWS` rows are open, or so many for each request the server can take, if that is more: rows are written in order, and while the oldest
waits for a slow answer the server must have others to work on."""


def run_waiting(run: Run, given: Mapping[str, Any]) -> None:
    """Run an asynchronous operator over the first table."""
    run_to_end(lambda: _run_asynchronously(run, given))


async def _run_asynchronously(run: Run, given: Mapping[str, Any]) -> None:
    operator = run.operator
    async with AsyncExitStack() as stack:
        sessions = dict(given)
        for need, name in operator.resource_names().items():
            if hasattr(given[need], "session"):
                session = await stack.enter_async_context(given[need].session())
                sessions[need] = session
                if hasattr(session, "usage"):
                    run.report.usage[name] = session.usage
        in_flight = max((getattr(session, "max_in_flight", 1) for session in sessions.values()), default=1)
        most_open = max(OPEN_ROWS, OPEN_ROWS_PER_REQUEST * in_flight)
        under_way: deque[tuple[Batch, list[asyncio.Task[Any]]]] = deque()
        open_rows = done = 0
        function = operator.row_function()

        def count(task: asyncio.Task[Any]) -> None:
            nonlocal done
            if not task.cancelled():
                task.exception()  # marks it as seen: a fatal one is raised where its row is awaited
                done += 1
                run.tell(max(done, run.report.rows_in))

        async def finish_oldest() -> int:
            batch, tasks = under_way.popleft()
            processed = operator.assemble(batch, [await task for task in tasks])
            check_promise(operator, batch, processed)
            run.finish(processed, len(batch))
            return len(batch)

        try:
            for rows in run.inputs[0].batches(size=OPEN_BATCH_ROWS):
                batch = Batch(rows)
                tasks = [asyncio.create_task(call_asynchronously(function, arguments, sessions)) for arguments in row_arguments(operator, batch)]
                for task in tasks:
                    task.add_done_callback(count)
                under_way.append((batch, tasks))
                open_rows += len(batch)
                while open_rows > most_open:
                    open_rows -= await finish_oldest()
            while under_way:
                await finish_oldest()
        finally:
            left = [task for _, tasks in under_way for task in tasks]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
