"""kill -9 of a run's process, of Dagster's daemon or of its whole tree at random moments: started again, how long until nothing is stuck?

`python -m benchmarks.kill_runs --moments 20 --seed 1` prints a line for each moment: what was killed and when, the seconds from starting again until
every run has succeeded, no backfill is under way and no place in a pool is held, and whether the table is that of a run that was not killed.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import dagster as dg

from tests.dataflow_assets.killed_dagster import SHARDS, KilledDagster, Victim, all_done
from tests.resources.llm.fault_server import FaultServer, running

VICTIMS: tuple[Victim, ...] = ("worker", "daemon", "tree")
ROWS = 24
LATENCY = 4.0
"""Of an answer, in seconds: so long works the stage in which most of the kills fall."""
_BEGUN = {dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS}
UNDER_WAY = {"worker": _BEGUN, "daemon": _BEGUN | {dg.DagsterRunStatus.STARTING}, "tree": _BEGUN | {dg.DagsterRunStatus.STARTING}}
HEALED_SECONDS = 90.0
LONGEST = 400.0


def killed_once(victim: Victim, after: float, with_backfill: bool, server: FaultServer) -> tuple[float, bool, int]:
    """Seconds until all is well; whether the result is whole; how many processes were killed. `after` are seconds since the first run was there."""
    with tempfile.TemporaryDirectory(prefix="kill-runs-") as folder:
        killed = KilledDagster(Path(folder), server.address, rows=ROWS)
        try:
            server.faults.latency = LATENCY
            killed.start()
            (killed.backfill if with_backfill else killed.launch)()
            killed.wait(lambda instance: any(run.status in UNDER_WAY[victim] for run in instance.get_runs()), LONGEST)
            time.sleep(after)
            processes = killed.kill(victim)
            server.faults.latency = 0.0
            if victim != "worker":
                killed.start()
            seconds = killed.wait(all_done, LONGEST)
            if with_backfill:
                texts = [row["text"] for row in killed.result_of_shards()]
                whole = sorted(f"text {shard} {number}" for shard in SHARDS for number in range(ROWS // 2))
                return seconds, sorted(map(str, texts)) == whole, processes
            return seconds, [row["text"] for row in killed.result()] == [f"text number {number}" for number in range(ROWS)], processes
        finally:
            killed.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=6.0, help="longest time after the run was taken from the queue, in seconds")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    took: list[float] = []
    wrong = 0
    with running() as server:
        for moment in range(options.moments):
            victim, after, backfill = VICTIMS[moment % len(VICTIMS)], draw.uniform(0, options.most), moment % 4 == 3
            seconds, same, processes = killed_once(victim, after, backfill, server)
            took.append(seconds)
            wrong += not same
            what = "backfill" if backfill else "job"
            print(
                f"{moment + 1:>2}  {victim:<7}{what:<9} {processes} processes killed after {after:5.1f} s: well after {seconds:5.1f} s, "
                f"{'equal' if same else 'DIFFERENT'}",
                flush=True,
            )
    late = sum(seconds > HEALED_SECONDS for seconds in took)
    print(f"{len(took)} moments: longest {max(took):.0f} s, {late} over {HEALED_SECONDS:g} s, {wrong} with another result")
    raise SystemExit(1 if late or wrong else 0)


if __name__ == "__main__":
    main()
