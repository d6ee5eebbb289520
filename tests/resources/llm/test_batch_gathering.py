"""When waiting items are handed on."""

from __future__ import annotations

import asyncio

from resources.llm.engine.gathering import Gathering


def handed_on(sizes: list[int], *, pause: float = 0.0, **limits: float) -> list[list[str]]:
    batches: list[list[str]] = []

    async def add_all() -> None:
        gathering: Gathering[str] = Gathering(
            batches.append, int(limits.get("most", 100)), 0.05, int(limits["most_bytes"]) if "most_bytes" in limits else None
        )
        for number, size in enumerate(sizes):
            gathering.add(f"item {number}", size)
            await asyncio.sleep(pause)
        await asyncio.sleep(0.15)

    asyncio.run(add_all())
    return batches


def test_when_enough_wait_and_the_rest_when_it_is_quiet() -> None:
    assert [len(batch) for batch in handed_on([1] * 7, most=3)] == [3, 3, 1]


def test_when_they_add_up_to_enough_bytes_and_a_large_one_goes_alone() -> None:
    assert handed_on([40, 40, 40, 500, 1], most_bytes=100) == [["item 0", "item 1"], ["item 2"], ["item 3"], ["item 4"]]


def test_not_while_more_keep_coming() -> None:
    assert [len(batch) for batch in handed_on([1] * 8, pause=0.02)] == [8]


def test_what_nobody_waits_for_any_more_is_not_sent() -> None:
    gathered: list[list[object]] = []

    async def one_given_up() -> None:
        gathering: Gathering[object] = Gathering(gathered.append, 10, 0.02)
        first, second = object(), object()
        gathering.add(first)
        gathering.add(second)
        gathering.remove(first)
        await asyncio.sleep(0.06)
        assert gathered == [[second]]

    asyncio.run(one_given_up())
