"""What is collected on an object store, and what is not: at whatever moment somebody else reads, publishes, sleeps or dies. On a store in memory."""

from __future__ import annotations

import datetime
import gc
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from obstore.store import MemoryStore

from resources.warehouse import TableNotFound, Warehouse, WarehouseError
from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.session import PinLost, Times
from tests.resources.objects.memory import ADDRESS, NO_GRACE, SCHEMA, WatchedBucket, connection_of, in_bucket, numbers, publish

MOST_REQUESTS = 200
SLEEPY = Times(grace=0, valid=600, renewed_every=3600)
"""Of a process that does not renew its pin."""


@pytest.fixture
def memory() -> Any:
    return MemoryStore()


def settle(warehouse: Warehouse) -> None:
    """Tell the store what this process let go."""
    gc.collect()
    connection_of(warehouse).session.settle()


def copied(memory: Any) -> Any:
    """Another store with the same objects, but for pins."""
    old, new = Bucket(ADDRESS, memory), MemoryStore()
    for listed in old.list(""):
        if not listed.key.startswith("pins/"):
            Bucket(ADDRESS, new).put(listed.key, (old.get(listed.key) or pytest.fail(listed.key)).body)
    return new


def everything_that_counts_is_whole(memory: Any) -> dict[str, list[int]]:
    """Version -> its numbers, read by a process that comes new. An error where a file of one is missing."""
    warehouse = in_bucket(Bucket(ADDRESS, memory))
    table = warehouse.table("web", "rate")
    seen = {version: numbers(table.at(version).read()) for version in table.versions()}
    connection_of(warehouse).session.end()
    return seen


def test_old_versions_go_and_the_last_ones_and_what_is_read_stay(memory: Any) -> None:
    writer, reader = in_bucket(Bucket(ADDRESS, memory)), in_bucket(Bucket(ADDRESS, memory))
    table = writer.table("web", "rate")
    versions = [publish(table, number) for number in range(5)]
    settle(writer)
    held = reader.table("web", "rate").at(versions[1])
    collected = in_bucket(Bucket(ADDRESS, memory)).collect(keep=2)
    assert [version for _, version in collected.removed] == [versions[0], versions[2]]
    assert [version for _, version in collected.in_use] == [versions[1]]
    assert table.versions() == [versions[1], *versions[3:]]
    assert collected.freed_bytes > 0
    assert numbers(held.read()) == [1]
    del held
    settle(reader)
    writer.collect(keep=1)
    assert table.versions() == versions[4:]
    assert len({listed.key.rpartition("/")[0] for listed in connection_of(writer).bucket.list("versions")}) == 1
    with pytest.raises(ValueError, match="keep=0"):
        writer.collect(keep=0)


def test_what_is_younger_than_the_grace_period_stays(memory: Any) -> None:
    warehouse = in_bucket(Bucket(ADDRESS, memory), Times(grace=3600))
    versions = [publish(warehouse.table("web", "rate"), number) for number in range(3)]
    settle(warehouse)
    collected = warehouse.collect(keep=1)
    assert (collected.removed, [version for _, version in collected.young]) == ([], versions[:2])
    assert in_bucket(Bucket(ADDRESS, memory)).collect(keep=1).removed == [("web.rate", version) for version in versions[:2]]


def test_files_stay_while_a_version_that_shares_them_is_left(memory: Any) -> None:
    warehouse = in_bucket(Bucket(ADDRESS, memory))
    table = warehouse.table("web", "rate")
    first, second = publish(table, 1), publish(table, 1)
    settle(warehouse)
    assert [version for _, version in warehouse.collect(keep=1).removed] == [first]
    assert everything_that_counts_is_whole(memory) == {second: [1]}
    publish(table, 2)
    settle(warehouse)
    assert warehouse.collect(keep=1).freed_bytes > 0
    assert len(connection_of(warehouse).bucket.list("versions")) == 2


def test_a_killed_writers_files_go_once_its_pin_is_too_old_and_it_cannot_publish_any_more(memory: Any) -> None:
    sleeper = in_bucket(Bucket(ADDRESS, memory), SLEEPY)
    other = in_bucket(Bucket(ADDRESS, memory))
    publish(other.table("web", "rate"), 1)

    def sleep_while_others_collect(version: Any) -> None:
        version.write(pa.record_batch([pa.array([7])], schema=SCHEMA))
        connection_of(other).bucket.put(f"{version_folder(memory)}/rows-00000.parquet", b"as far as it came")
        assert other.collect(keep=1).abandoned_writes == 0, "its pin is young"
        wait_until_old(other)
        assert other.collect(keep=1).abandoned_writes == 1

    with pytest.raises(PinLost, match="Run again"), sleeper.table("web", "rate").writer_version(SCHEMA) as version:
        sleep_while_others_collect(version)
    assert list(everything_that_counts_is_whole(memory).values()) == [[1]]
    publish(sleeper.table("web", "rate"), 3)
    assert list(everything_that_counts_is_whole(memory).values()) == [[1], [3]], "with a new session it goes on"


def version_folder(memory: Any) -> str:
    """Of the one attempt that is under way."""
    bucket = Bucket(ADDRESS, memory)
    held = {folder for listed in bucket.list("pins") if (found := bucket.get(listed.key)) for folder in json.loads(found.body)["holds"]}
    return max(held)


def wait_until_old(other: Warehouse) -> None:
    """Longer than a pin of `SLEEPY` is valid, as `other` sees it."""
    connection = connection_of(other)
    began = connection.now()
    connection.now = lambda: began + datetime.timedelta(seconds=SLEEPY.valid + 1)


def test_a_reader_that_slept_is_told_so(memory: Any) -> None:
    sleeper, other = in_bucket(Bucket(ADDRESS, memory), SLEEPY), in_bucket(Bucket(ADDRESS, memory))
    publish(sleeper.table("web", "rate"), 1)
    held = sleeper.table("web", "rate").current()
    publish(other.table("web", "rate"), 2)
    settle(other)
    wait_until_old(other)
    assert len(other.collect(keep=1).removed) == 1
    with pytest.raises(PinLost):
        connection_of(sleeper).session.confirm()
    with pytest.raises(WarehouseError):
        held.read()
    assert numbers(sleeper.table("web", "rate").read()) == [2]


def test_a_process_that_ended_by_itself_holds_nothing(memory: Any) -> None:
    warehouse = in_bucket(Bucket(ADDRESS, memory))
    publish(warehouse.table("web", "rate"), 1)
    held = warehouse.table("web", "rate").current()
    connection_of(warehouse).session.end()
    assert Bucket(ADDRESS, memory).list("pins") == []
    assert held.version


def test_a_foreign_object_among_the_pins_stops_collection_by_name(memory: Any) -> None:
    warehouse = in_bucket(Bucket(ADDRESS, memory))
    publish(warehouse.table("web", "rate"), 1)
    connection_of(warehouse).bucket.put("pins/README", b"hello")
    with pytest.raises(WarehouseError, match="pins/README is no pin"):
        warehouse.collect()


def test_a_table_with_a_damaged_pointer_is_left_alone_and_the_others_are_collected(memory: Any) -> None:
    warehouse = in_bucket(Bucket(ADDRESS, memory))
    for stage in ("rate", "clean"):
        for number in range(2):
            publish(warehouse.table("web", stage), number)
    settle(warehouse)
    connection_of(warehouse).bucket.put("current/web/rate/CURRENT", b"nonsense " * 50)
    with pytest.warns(UserWarning, match=r"web\.rate: nothing was removed"):
        collected = warehouse.collect(keep=1)
    assert [name for name, _ in collected.removed] == ["web.clean"]
    assert len([listed for listed in connection_of(warehouse).bucket.list("versions/web/rate") if listed.key.endswith(".parquet")]) == 2


def publish_new(other: Warehouse) -> Callable[[], None]:
    version = publish(other.table("web", "rate"), 100)
    return lambda: found(other, version, [100])


def publish_the_same_again(other: Warehouse) -> Callable[[], None]:
    table = other.table("web", "rate")
    current = numbers(table.read())
    version = publish(table, *current)
    return lambda: found(other, version, current)


def read_an_old_version(other: Warehouse) -> Callable[[], None]:
    table = other.table("web", "rate")
    try:
        held = table.at(table.versions()[0])
    except TableNotFound:
        return lambda: None  # it was just taken away, and the reader is told
    return lambda: check(numbers(held.read()) in ([0], [1], [2]))


def collect_too(other: Warehouse) -> Callable[[], None]:
    other.collect(keep=1)
    return lambda: None


def found(warehouse: Warehouse, version: str, values: list[int]) -> None:
    check(numbers(warehouse.table("web", "rate").at(version).read()) == values)


def check(true: bool) -> None:
    assert true


@pytest.mark.parametrize("meanwhile", [publish_new, publish_the_same_again, read_an_old_version, collect_too])
def test_collection_takes_nothing_that_counts_or_is_read_whenever_somebody_comes_between(
    meanwhile: Callable[[Warehouse], Callable[[], None]],
) -> None:
    """Before each of its requests in turn, another process does its whole work."""
    written = MemoryStore()
    for number in range(3):
        publish(in_bucket(Bucket(ADDRESS, written)).table("web", "rate"), number)
    for moment in range(1, MOST_REQUESTS):
        memory = copied(written)
        other = in_bucket(Bucket(ADDRESS, memory))
        watched = WatchedBucket(ADDRESS, memory)
        collector = in_bucket(watched, NO_GRACE)
        done: list[Callable[[], None]] = []

        def come_between(number: int, moment: int = moment, done: list[Callable[[], None]] = done, other: Warehouse = other) -> None:
            if number == moment:
                done.append(meanwhile(other))

        watched.before = come_between
        collector.collect(keep=1)
        if not done:
            assert moment > 10, "the collector made requests"
            return
        done[0]()
        assert everything_that_counts_is_whole(memory)
    pytest.fail("the collector never ended")


def test_a_writer_publishes_all_or_nothing_whenever_a_collector_comes_between() -> None:
    """Before each request of the writer in turn, another process collects, and removes a pin that it finds too old."""
    lost, written = 0, MemoryStore()
    for number in range(2):
        publish(in_bucket(Bucket(ADDRESS, written)).table("web", "rate"), number)
    for moment in range(1, MOST_REQUESTS):
        memory = copied(written)
        other = in_bucket(Bucket(ADDRESS, memory))
        watched = WatchedBucket(ADDRESS, memory)
        writer = in_bucket(watched, Times(grace=0, valid=-1, renewed_every=3600))
        done: list[int] = []

        def come_between(number: int, moment: int = moment, done: list[int] = done, other: Warehouse = other) -> None:
            if number == moment:
                other.collect(keep=1)
                done.append(number)

        watched.before = come_between
        try:
            version = publish(writer.table("web", "rate"), 100)
            expected = [100]
        except PinLost:
            lost += 1
            version, expected = None, [1]
        whole = everything_that_counts_is_whole(memory)
        assert list(whole.values())[-1] == expected
        assert version is None or version in whole
        if not done:
            assert lost > 2, "a collector came between the pin and the publication"
            return
    pytest.fail("the writer never ended")
