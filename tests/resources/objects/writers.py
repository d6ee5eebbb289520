"""Processes that write versions to a table on an object store, for the tests and benchmarks/object_store.py.

`python -m tests.resources.objects.writers ADDRESS WRITERS VERSIONS [ROUND]`: forks so many children, each of which publishes so many versions and
prints `pid seed version` after each. A line `pid start` comes first. The exit status says how many failed that were not killed.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

import pyarrow as pa

from resources.warehouse import Warehouse, WarehouseStorage

ROWS = 300
SEEDS_OF_A_WRITER = 1_000_000

for module in ("duckdb", "numpy", "pandas", "obstore", "pyarrow.dataset", "resources.warehouse.objects.place"):  # once, before the forks
    importlib.import_module(module)


def table_at(address: str) -> WarehouseStorage:
    return Warehouse(address).table("shared", "table")


def write(table: WarehouseStorage, seed: int) -> str:
    """A version whose rows all carry its seed, and know how many they are."""
    batch = pa.record_batch({"seed": [seed] * ROWS, "total": [2 * ROWS] * ROWS, "text": [f"text of {seed} " * 10] * ROWS})
    with table.writer_version(batch.schema) as version:
        version.write(batch)
        version.write(batch)
        version.run["seed"] = seed
    return version.version


def seed_of(table: pa.Table) -> int:
    """The seed that all rows carry. Raises AssertionError for a table that is mixed or cut."""
    (seed,) = set(table.column("seed").to_pylist())
    assert table.num_rows == 2 * ROWS
    assert set(table.column("total").to_pylist()) == {2 * ROWS}
    assert set(table.column("text").to_pylist()) == {f"text of {seed} " * 10}
    return int(seed)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def publish_many(address: str, writer: int, versions: int, turn: int) -> None:
    say(os.getpid(), "start")
    table = table_at(address)
    for number in range(versions):
        seed = writer * SEEDS_OF_A_WRITER + turn * 1000 + number
        say(os.getpid(), seed, write(table, seed))


def main(address: str, writers: int, versions: int, turn: int = 0) -> int:
    """The number of children that failed, but for those that were killed."""
    children = []
    for writer in range(writers):
        children.append(os.fork())
        if children[-1] == 0:
            try:
                publish_many(address, writer, versions, turn)
                os._exit(0)
            finally:
                import traceback

                traceback.print_exc()
                os._exit(1)
    ends = [os.waitpid(child, 0)[1] for child in children]
    return sum(end != 0 and not (os.WIFSIGNALED(end) and os.WTERMSIG(end) == signal.SIGKILL) for end in ends)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
