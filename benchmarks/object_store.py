"""Many writers of one table on an object store, some of them killed.

    python -m benchmarks.object_store --writers 8 --versions 1000 --kills 40 --collect

Starts an S3 server on this machine (SeaweedFS or moto), or takes the one that --address and the AWS_ variables name. Writers are forked in
rounds, and some are killed with -9 at random moments. Meanwhile this process reads, and collects. At the end:

- lost: versions that a writer was told are published, and that no CURRENT names any more without having been collected. Has to be 0.
- torn: versions that CURRENT names and that cannot be read, or have rows of two writers. Has to be 0.

It prints JSON, and what single operations cost in requests and seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from resources.warehouse import TableNotFound, Warehouse
from resources.warehouse.objects.connection import Connection
from resources.warehouse.objects.opening import open_bucket
from resources.warehouse.objects.place import ObjectPlace
from resources.warehouse.objects.session import Times
from tests.resources.objects.server import BUCKET, MISSING, environment, s3_server
from tests.resources.objects.writers import seed_of, write

ROOT = Path(__file__).parents[1]
VERSIONS_OF_A_ROUND = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--versions", type=int, default=1000, help="how many are published in all, at least")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--collect", action="store_true", help="collect old versions meanwhile, with a grace period of two seconds")
    parser.add_argument("--address", help="an empty prefix of a bucket, such as s3://bucket/test; without it a server is started here")
    arguments = parser.parse_args()
    if arguments.address:
        return told(run(arguments.address, arguments))
    with tempfile.TemporaryDirectory(prefix="object-store-") as folder, s3_server(Path(folder)) as endpoint:
        if endpoint is None:
            print(MISSING, file=sys.stderr)
            return 1
        os.environ.update(environment(endpoint))
        return told(run(f"s3://{BUCKET}/benchmark", arguments))


def told(result: dict[str, Any]) -> int:
    print(json.dumps(result, indent=1))
    return 1 if result["lost"] or result["torn"] or result["failed_writers"] else 0


def run(address: str, arguments: argparse.Namespace) -> dict[str, Any]:
    draw = random.Random(1)
    began = time.monotonic()
    published: dict[str, int] = {}
    collected: set[str] = set()
    seen: dict[str, int] = {}
    torn: list[str] = []
    kills = failed = rounds = 0
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(address, stop, collected, seen, torn, arguments.collect))
    watcher.start()
    while len(published) < arguments.versions and not failed:
        rounds += 1
        left = (arguments.versions - len(published)) / VERSIONS_OF_A_ROUND / arguments.writers
        wanted = round((arguments.kills - kills) / max(left, 1))
        killed, errors = one_round(address, arguments.writers, rounds, min(wanted, arguments.kills - kills, arguments.writers), published, draw)
        kills += killed
        failed += errors
    seconds = time.monotonic() - began
    stop.set()
    watcher.join()
    warehouse = opened(address)
    table = warehouse.table("shared", "table")
    listed = table.versions()
    for version in listed:
        read(table, version, seen, torn)
    lost = [version for version in published if version not in listed and version not in collected]
    wrong = [version for version, seed in published.items() if seen.get(version, seed) != seed]
    return {
        "writers": arguments.writers,
        "published": len(published),
        "published by writers killed before they told": len(set(listed) - set(published)),
        "kills": kills,
        "collected meanwhile": len(collected),
        "read": len(seen),
        "lost": len(lost),
        "torn": len(set(torn)) + len(wrong),
        "failed_writers": failed,
        "in order": listed == sorted(listed),
        "seconds": round(seconds, 1),
        "versions a second": round(len(published) / seconds, 1),
        "pointer_bytes": len(listed) * 65,
        "leftovers removed at the end": warehouse.collect(keep=len(listed) + 1).abandoned_writes,
        "one version": costs(address),
    }


def one_round(address: str, writers: int, number: int, kills: int, published: dict[str, int], draw: random.Random) -> tuple[int, int]:
    """Kills, and writers that failed otherwise."""
    command = [sys.executable, "-m", "tests.resources.objects.writers", address, str(writers), str(VERSIONS_OF_A_ROUND), str(number)]
    killed, left = 0, dict[int, int]()
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}) as started:
        assert started.stdout is not None
        for line in started.stdout:
            pid, *words = line.split()
            if words == ["start"]:
                left[int(pid)] = VERSIONS_OF_A_ROUND
                continue
            published[words[1]] = int(words[0])
            left[int(pid)] -= 1
            alive = [writer for writer, versions in left.items() if versions > 1]
            if killed < kills and alive and draw.random() < 0.05:
                time.sleep(draw.random() * 0.05)
                os.kill(chosen := draw.choice(alive), signal.SIGKILL)
                left[chosen] = 0
                killed += 1
    return killed, started.returncode


def opened(address: str) -> Warehouse:
    """With a short grace period, and a session of its own."""
    warehouse = Warehouse(address)
    warehouse._place = ObjectPlace(Connection(open_bucket(address), Times(grace=2.0)))
    return warehouse


def watch(address: str, stop: threading.Event, collected: set[str], seen: dict[str, int], torn: list[str], collect: bool) -> None:
    """Read what is current all the while, and collect what is old."""
    warehouse = opened(address)
    table = warehouse.table("shared", "table")
    while not stop.is_set():
        try:
            read(table, table.current_version(), seen, torn)
        except TableNotFound:
            time.sleep(0.2)
            continue
        if collect:
            collected |= {version for _, version in warehouse.collect(keep=50).removed}
        time.sleep(0.2)


def read(table: Any, version: str, seen: dict[str, int], torn: list[str]) -> None:
    if version in seen:
        return
    try:
        seen[version] = seed_of(table.at(version).read())
    except TableNotFound:
        return  # collected meanwhile
    except Exception as error:  # whatever it is, it is counted
        torn.append(f"{version}: {error}")


def costs(address: str) -> dict[str, Any]:
    """Seconds of one version of a table that nobody else writes, and of reading it."""
    table = opened(address).table("alone", "table")
    write(table, 0)
    began = time.monotonic()
    for seed in range(1, 11):
        write(table, seed)
    written = time.monotonic()
    for _ in range(10):
        table.read()
    return {"seconds to publish": round((written - began) / 10, 4), "seconds to pin and read": round((time.monotonic() - written) / 10, 4)}


if __name__ == "__main__":
    sys.exit(main())
