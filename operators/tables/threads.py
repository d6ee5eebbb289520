"""How many threads the work of this process may use, and threads that use them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from operators.tables.errors import ParameterError, Problem

Item = TypeVar("Item")
Computed = TypeVar("Computed")

THREADS = "DATAFLOW_THREADS"
"""Environment variable: the threads of this process. The processes of a pool have one each."""
MOST = 1024
"""Threads or processes of one machine: a larger number is a mistake, and would take all of its memory."""


def usable_cores() -> int:
    """The cores that this process may run on, by its affinity."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_of(said: str) -> int | None:
    """A number of threads or processes as somebody wrote it; None where it is none from 1 to 1,024."""
    return int(said) if said.isdecimal() and len(said) <= len(str(MOST)) and 1 <= int(said) <= MOST else None


def usable_threads() -> int:
    """DATAFLOW_THREADS where it is set, else the usable cores.

    Raises:
        ParameterError: DATAFLOW_THREADS is no number from 1 to 1,024.
    """
    said = os.environ.get(THREADS, "").strip()
    if not said:
        return usable_cores()
    count = count_of(said)
    if count is None:
        raise ParameterError([Problem(f'{THREADS} is "{said}"', suggestion=f"set it to a number of threads, 1 to {MOST:,}, or unset it")])
    return count


def in_threads(compute: Callable[[Item], Computed], items: Iterator[Item], large: Callable[[Item], bool] = lambda item: False) -> Iterator[Computed]:
    """What is computed of each item, in order. For loops that run without the GIL; one item more than there are threads is in memory.

    Behind an item that is `large` no other is taken before it is done.
    """
    count = usable_threads()
    if count == 1:
        yield from map(compute, items)
        return
    under_way: deque[Future[Computed]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="dataflow") as threads:
        for item in items:
            most = 0 if large(item) else count
            under_way.append(threads.submit(compute, item))
            while len(under_way) > most:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
