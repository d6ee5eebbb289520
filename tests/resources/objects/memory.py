"""A warehouse on a store in memory, which keeps all conditions: for what a server has no part in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from resources.warehouse import Warehouse, WarehouseStorage
from resources.warehouse.objects.bucket import Bucket, Patience
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.place import CONNECTIONS, ObjectPlace
from resources.warehouse.objects.session import Times
from resources.warehouse.objects.table_objects import TableObjects

OPENED: list[Connection] = []
"""By the test that runs; they are ended with it."""
ADDRESS = "s3://bucket/tables"
NO_GRACE = Times(grace=0.0)
SCHEMA = pa.schema([("n", pa.int64())])
REJECTED = pa.schema([("n", pa.int64()), ("reason", pa.string())])
IMPATIENT = Patience(request_seconds=5, connect_seconds=2, retries=2, tries=2, most_seconds=10)


class WatchedBucket(Bucket):
    """Calls `before` ahead of every request, with its number, and does nothing else by itself."""

    def __init__(self, address: str, store: Any) -> None:
        super().__init__(address, store)
        self.requests = 0
        self.before: Callable[[int], None] = lambda number: None

    def _bounded(self, what: str, key: str, act: Callable[[], Any], tries: int | None = None) -> Any:
        self.requests += 1
        self.before(self.requests)
        return super()._bounded(what, key, act, tries)


def in_bucket(bucket: Bucket, times: Times = NO_GRACE) -> Warehouse:
    """A warehouse as another process would open it: with a session of its own."""
    warehouse = Warehouse(".")
    warehouse.root = bucket.address
    OPENED.append(Connection(bucket, times))
    warehouse._place = ObjectPlace(OPENED[-1])
    return warehouse


def store_of(warehouse: Warehouse, pipeline: str = "web", stage: str = "rate", shard: str | None = None) -> TableObjects:
    store = warehouse._place.store(pipeline, stage, shard)
    assert isinstance(store, TableObjects)
    return store


def connection_of(warehouse: Warehouse) -> Connection:
    place = warehouse._place
    assert isinstance(place, ObjectPlace)
    return place._connection


def end_sessions() -> None:
    opened = [*OPENED, *CONNECTIONS.values()]
    OPENED.clear(), CONNECTIONS.clear()
    for connection in opened:
        if connection._session is not None:
            connection._session.end()


def publish(table: WarehouseStorage, *values: int) -> str:
    with table.writer_version(SCHEMA, rejected_schema=REJECTED) as version:
        version.write(pa.record_batch([pa.array(values, pa.int64())], schema=SCHEMA))
    return version.version


def numbers(table: pa.Table) -> list[int]:
    return [int(value) for value in table.column("n").to_pylist()]
