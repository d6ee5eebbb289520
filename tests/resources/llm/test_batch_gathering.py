"""When waiting items are handed on."""

from __future__ import annotations

import asyncio

from resources.llm.engine.gathering import Gathering
from tests import virtual_time

QUIET = 1.0


def handed_on(sizes: list[int], *, pause: float = 0.0, held_up: float = 0.0, **limits: int) -> list[list[str]]:
    """The items of each batch. `pause` between two of them; the process stands still for `held_up` after the first. Both in seconds."""
    batches: list[list[str]] = []

    async def add_all() -> None:
        gathering: Gathering[str] = Gathering(batches.append, limits.get("most", 100), QUIET, limits.get("most_bytes"))
        for number, size in enumerate(sizes):
            gathering.add(f"item {number}", size)
            virtual_time.hold_up(0 if number else held_up)
            await asyncio.sleep(pause)
        await asyncio.sleep(3 * QUIET)

    virtual_time.run(add_all())
    return batches


def test_when_enough_wait_and_the_rest_when_it_is_quiet() -> None:
    assert [len(batch) for batch in handed_on([1] * 7, most=3)] == [3, 3, 1]


def test_when_they_add_up_to_enough_bytes_and_a_large_one_goes_alone() -> None:
    assert handed_on([40, 40, 40, 500, 1], most_bytes=100) == [["item 0", "item 1"], ["item 2"], ["item 3"], ["item 4"]]


def test_not_while_more_keep_coming() -> None:
    assert [len(batch) for batch in handed_on([1] * 8, pause=0.9 * QUIET)] == [8]
    assert [len(batch) for batch in handed_on([1] * 3, pause=1.1 * QUIET)] == [1, 1, 1]


def test_while_the_process_stood_still_nothing_could_come() -> None:
    assert [len(batch) for batch in handed_on([1] * 5, pause=0.9 * QUIET, held_up=10 * QUIET)] == [5]


def test_a_process_that_always_stands_still_hands_on_all_the_same() -> None:
    handed: list[list[str]] = []

    async def held_up_for_ever() -> None:
        gathering: Gathering[str] = Gathering(handed.append, 100, QUIET)
        gathering.add("item")
        for _ in range(3):
            await asyncio.sleep(0.9 * QUIET)
            virtual_time.hold_up(10 * QUIET)
        assert handed == [["item"]]

    virtual_time.run(held_up_for_ever())


def test_what_nobody_waits_for_any_more_is_not_sent() -> None:
    gathered: list[list[object]] = []

    async def one_given_up() -> None:
        gathering: Gathering[object] = Gathering(gathered.append, 10, QUIET)
        first, second = object(), object()
        gathering.add(first)
        gathering.add(second)
        gathering.remove(first)
        await asyncio.sleep(2 * QUIET)
        assert gathered == [[second]]

    virtual_time.run(one_given_up())
