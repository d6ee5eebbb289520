"""Processes that the tests of the warehouse start, watch and kill.

`serve ROOT`: for each seed on standard input, fork a child that writes a version and print its pid; after the next line, its exit status.
Importing DuckDB and pandas takes a second, so the parent imports everything once.
`both ROOT PROCESSES ROUNDS`: fork so many children, each of which writes, reads and collects, and prints what it saw.
"""

from __future__ import annotations

import importlib
import os
import sys

import pyarrow as pa

from resources.warehouse import TableNotFound, Warehouse, WarehouseStorage

BATCHES, ROWS = 6, 400

for module in ("duckdb", "numpy", "pandas"):  # pyarrow loads pandas when it makes its first array
    importlib.import_module(module)


def write(table: WarehouseStorage, seed: int) -> None:
    """A version whose rows all carry its seed, and know how many they are."""
    batch = pa.record_batch({"seed": [seed] * ROWS, "total": [BATCHES * ROWS] * ROWS, "text": [f"text of {seed} " * 20] * ROWS})
    with table.writer_version(batch.schema) as version:
        for _ in range(BATCHES):
            version.write(batch)
        version.run["seed"] = seed


def seed_of(table: pa.Table) -> int:
    """The seed that all rows carry. Raises AssertionError for a table that is mixed or cut."""
    (seed,) = set(table.column("seed").to_pylist())
    (total,) = set(table.column("total").to_pylist())
    assert table.num_rows == total
    assert set(table.column("text").to_pylist()) == {f"text of {seed} " * 20}
    return int(seed)


def write_and_read(root: str, number: int, rounds: int) -> tuple[int, int]:
    """Write to two tables, read and collect them all the while; how many versions were read, and how many of them differed."""
    warehouse = Warehouse(root)
    tables = [warehouse.table("shared", name) for name in ("one", "two")]
    read, seen = 0, set()
    for turn in range(rounds):
        write(tables[(number + turn) % 2], number * 1000 + turn)
        for table in tables:
            try:
                seen.add(seed_of(table.read()))
                read += 1
            except TableNotFound:
                continue
        warehouse.collect(keep=1)
    return read, len(seen)


def serve(root: str) -> None:
    for line in sys.stdin:
        seed = int(line)
        child = os.fork()
        if child == 0:
            write(Warehouse(root).table("killed", "table"), seed)
            os._exit(0)
        print(child, flush=True)
        sys.stdin.readline()  # until then a child that ended keeps its pid, so that no other process can be killed in its place
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


def run_at_once(root: str, processes: int, rounds: int) -> int:
    """The number of children that failed."""
    children = []
    for number in range(processes):
        children.append(os.fork())
        if children[-1] == 0:
            sys.stdout.write("{} {}\n".format(*write_and_read(root, number, rounds)))
            sys.stdout.flush()
            os._exit(0)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(run_at_once(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
