"""What is found after a process of a run was killed (see cluster_kills): each fault as a sentence."""

from __future__ import annotations

import json
import time
from typing import Any

from resources.warehouse.objects import layout
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.records import MANIFEST
from resources.warehouse.objects.session import PINS
from resources.warehouse.objects.table_objects import tables_of
from tests.dataflow_assets.killed_cluster import PIPELINE, TABLES, Made, Run, opened, title


def versions(address: str, expected: Made) -> tuple[int, list[str]]:
    """How many versions there are, and of which something is wrong."""
    read, faults = 0, []
    with opened(address) as (warehouse, _):
        for name in TABLES:
            table = warehouse.table(PIPELINE, name)
            for version in table.versions():
                try:
                    found = table.at(version)
                    rows, content = found.read().num_rows, found.run_facts()["content_hash"]
                except Exception as error:  # whatever it is, it is told
                    faults.append(f"{name} at {version} cannot be read: {error}")
                    continue
                read += 1
                if content != expected.hashes[name] or rows != found.count_rows():
                    faults.append(f"{name} at {version} has other rows")
    return read, faults


def differences(made: Made, expected: Made) -> list[str]:
    differing = [f"{table} has other rows" for table in TABLES if made.hashes[table] != expected.hashes[table]]
    return differing + ([] if made.result == expected.result else ["the result has other bytes"])


def twice(address: str) -> list[str]:
    with opened(address) as (warehouse, _):
        ids: dict[str, list[Any]] = {name: warehouse.table(PIPELINE, name).read(["row_id"]).column(0).to_pylist() for name in TABLES}
    return [f"{name} has {len(found) - len(set(found))} row ids twice" for name, found in ids.items() if len(set(found)) != len(found)]


def left_running(pids: list[int]) -> list[str]:
    until = time.monotonic() + 20
    while (alive := [pid for pid in pids if title(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    return [f"{len(alive)} processes go on: {title(alive[0])[:80]}"] if alive else []


def left_behind(run: Run) -> list[str]:
    """Files of this machine; and objects that no version needs, after the collection that comes ten minutes after the kill."""
    faults = [f"{path.name} is left" for path in run.world.temporary.glob("dataflow-*")]
    with opened(run.address) as (warehouse, connection):
        bucket = connection.bucket
        for pin in bucket.list(PINS):
            said = bucket.get(pin.key)
            if said is not None and not title(int(json.loads(said.body)["process"])):
                bucket.delete([pin.key])  # as it counts when it was not renewed for ten minutes
        until = time.monotonic() + 10
        while (left := _needless(connection)) and time.monotonic() < until:
            time.sleep(1.1)  # the dates of a store are whole seconds
            warehouse.collect(keep=1)
    return faults + ([f"{len(left)} objects are left, such as {left[0]}"] if left else [])


def _needless(connection: Connection) -> list[str]:
    needed = set()
    for table in tables_of(connection):
        for entry in table.pointer()[0].entries:
            needed |= {f"{table.folder_key(entry)}/{MANIFEST}", *table.manifest(entry.folder).files()}
    return sorted({listed.key for listed in connection.bucket.list(layout.VERSIONS)} - needed)
