"""kill -9 of each kind of process that a run on a cluster has, at random moments: what is found afterwards?

    python -m benchmarks.kill_cluster --moments 30 --seed 1

Each moment runs the same small pipeline: its tables are in a bucket (an S3 server of this machine), its parts are done by workers on two Ray nodes,
its questions go through `dataflow serve` to a server that counts them. In turns are killed

    worker      a process of Ray that does a part
    node        one of the two nodes, with its workers
    driver      the process of the run, at any time
    gateway     the process around the language model, while it has questions under way; it is started again
    publisher   the process of the run at one of its puts: before the store has it, when the store has it and nobody was told, or after

A driver and a publisher are started again, by the same command; so is a run that stopped, since the gateway was away longer than it waits. Told is

- what was killed when;
- whether afterwards the rows are those of a run that nobody disturbed, byte for byte, and no row id is there twice;
- which questions were asked again, and how many answers were in flight;
- whether the versions that there are right after the kill can be read;
- whether processes, files or objects are left. Pins of processes that are gone count as expired, as they do after ten minutes.

Exit status 1 where anything is not as it should be. Ray listens on all interfaces: all of it is done in a network of its own (`unshare`; needs root).
`--without-ray`: workers are processes of this machine, and there are no nodes.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.dataflow_assets.cluster_kills import Outcome, Victim, killed
from tests.dataflow_assets.killed_cluster import LATENCY, undisturbed, world
from tests.dataflow_assets.test_ray import INSIDE

VICTIMS: tuple[Victim, ...] = ("worker", "node", "driver", "gateway", "publisher")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--victims", default="", help="some of them, separated by commas")
    parser.add_argument("--without-ray", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.without_ray and not options.inside:
        command = [*INSIDE, "--kill-child", sys.executable, "-m", "benchmarks.kill_cluster", "--inside", *sys.argv[1:]]
        os.execvp(command[0], command)
    known = [victim for victim in VICTIMS if not (options.without_ray and victim == "node")]
    victims = [victim for victim in known if not options.victims or victim in options.victims.split(",")]
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="kill-cluster-") as folder, world(Path(folder), not options.without_ray) as within:
        expected, _ = undisturbed(within, "alone", "1")
        found, whole = undisturbed(within, "whole", within.workers)
        seconds = whole.published["once"] - whole.began
        print(f"undisturbed: {seconds:.1f} s, {len(whole.puts)} puts, {LATENCY:g} s an answer; ", end="")
        print("the bytes of one process" if found == expected else "OTHER BYTES THAN ONE PROCESS MAKES", flush=True)
        outcomes = []
        for number in range(options.moments):
            victim, share = victims[number % len(victims)], draw.uniform(0.02, 0.98)
            outcomes.append(killed(within, f"moment-{number + 1}", victim, share, draw, whole, expected))
            print(line(number + 1, outcomes[-1]), flush=True)
        left = [path.name for path in within.temporary.glob("dataflow-*")]
    kills = Counter(outcome.victim for outcome in outcomes)
    wrong = sum(bool(outcome.faults) for outcome in outcomes)
    print(
        f"{len(outcomes)} kills ({', '.join(f'{count} {victim}' for victim, count in kills.items())}): {wrong} with a fault, {len(left)} files left"
    )
    raise SystemExit(1 if wrong or left or found != expected else 0)


def line(number: int, outcome: Outcome) -> str:
    again = f"again {outcome.asked_again} of {outcome.in_flight} in flight"
    faults = "; ".join(outcome.faults) or "rows equal, ids unique, nothing left"
    return f"{number:>2}  {outcome.victim:<10}{outcome.when:<58}{outcome.seconds:6.1f} s  {again:<24}{outcome.versions:>2} versions read  {faults}"


if __name__ == "__main__":
    main()
