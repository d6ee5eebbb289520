"""Reading the next batch while the last one is worked on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from operators.tables.threads import usable_threads

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items, from the third on made one ahead in a thread of its own: who wants only the first pays for no more.

    A process that may use one thread alone makes none.
    """
    if usable_threads() == 1:
        yield from items
        return
    end = object()
    first = next(items, end)
    if first is end:
        return
    yield first  # type: ignore[misc]
    with ThreadPoolExecutor(1, "warehouse-reader") as thread:
        item = next(items, end)
        while item is not end:
            following = thread.submit(next, items, end)
            yield item  # type: ignore[misc]
            item = following.result()
