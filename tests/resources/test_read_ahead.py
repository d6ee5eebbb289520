"""Reading ahead changes when things are read, not what."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from resources.warehouse.read_ahead import ahead


@pytest.mark.parametrize("count", range(6))
def test_the_items_are_the_same_in_the_same_order(count: int) -> None:
    assert list(ahead(iter(range(count)))) == list(range(count))


def test_who_wants_only_the_first_pays_for_no_other() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for item in range(5):
            made.append(item)
            yield item

    assert next(ahead(items())) == 0
    assert made == [0]


def test_the_next_item_is_made_while_the_last_is_worked_on_and_no_more_than_one() -> None:
    made = [threading.Event() for _ in range(5)]

    def items() -> Iterator[int]:
        for item, event in enumerate(made):
            event.set()
            yield item

    reading = ahead(items())
    assert [next(reading), next(reading)] == [0, 1]
    assert made[2].wait(60)
    assert not made[3].wait(0.05)
    reading.close()


def test_an_error_comes_where_its_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise OSError("the disk is gone")

    reading = ahead(items())
    assert [next(reading) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="the disk is gone"):
        next(reading)
