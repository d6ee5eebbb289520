"""What `dataflow plan` tells of a pipeline, beside what a run takes: CPU seconds, peak memory, bytes of tables.

    python -m benchmarks.plan [--documents 10000 100000] [--mixed 1000] [--input FILE] [--sample 4000] [--json]

Of each number of documents (those of benchmarks.web_documents; or all of --input) the pipeline web_text without a rater is planned from a sample of
them and then run, each as a command in a process of its own with one worker. CPU seconds are those of the process and of all that it started; memory
is the most that it had at a time; tables are the files of all stages and the results.

The same work takes other CPU time when others use the machine: a loop of ten milliseconds is timed every second beside both commands. "At one pace"
is what was told times what that loop took during the run over what it took during the plan.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dataflow_assets.running.cold_run import DATAFLOW, ColdRun, run_measured

PIPELINE = "web_text"
SETTINGS = ("--set", "rate=false")
LOOP = 400_000
PAUSE_SECONDS = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--mixed", type=int, metavar="N", help="documents of N characters, made of pieces: as many as are asked for")
    parser.add_argument("--input", type=Path, help="a file of JSON lines with the column text, instead of the documents made here")
    parser.add_argument("--sample", type=int, default=4000)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for count in options.documents if options.input is None else [0]:
            source = options.input or Path(folder) / f"{count}.jsonl"
            if options.input is None:
                mixed = ["--mixed", str(options.mixed)] if options.mixed else []
                subprocess.run([sys.executable, "-m", "benchmarks.web_documents", str(source), "--documents", str(count), *mixed], check=True)
            found.append(compared(source, options.sample, Path(folder)))
            if not options.json:
                print(told(found[-1]), flush=True)
            if options.input is None:
                source.unlink()
    if options.json:
        json.dump(found, sys.stdout, indent=2)


def compared(source: Path, sample: int, folder: Path) -> dict[str, Any]:
    with source.open("rb") as lines:
        documents = sum(1 for _ in lines)
    with paced() as pace:
        given = ["--input", str(source), "--rows", str(documents), "--cores", "1", "--sample", str(sample), "--json"]
        _, said = command(["plan", PIPELINE, *given], folder)
        pace_of_plan = pace()
    plan = json.loads(said[said.index("{") :])
    with tempfile.TemporaryDirectory(dir=folder) as place, paced() as pace:
        tables, result = Path(place) / "warehouse", Path(place) / "kept.parquet"
        arguments = ["run", PIPELINE, "--input", str(source), "--output", str(result), "--warehouse", str(tables), "--workers", "1"]
        run, _ = command(arguments, folder)
        pace_of_run = pace()
        tables_bytes = sum(file.stat().st_size for file in [*(tables / PIPELINE).rglob("*"), result] if file.is_file())
    return {
        "documents": documents,
        "megabytes": source.stat().st_size / 1e6,
        "sample": plan["sampled_rows"],
        "cpu_seconds": {"told": plan["core_hours"] * 3600, "measured": run.cpu_seconds},
        "cpu_seconds_at_one_pace": {"told": plan["core_hours"] * 3600 * pace_of_run / pace_of_plan, "measured": run.cpu_seconds},
        "peak_bytes": {"told": plan["memory_bytes"], "measured": run.peak_bytes},
        "table_bytes": {"told": plan["disk_bytes"], "measured": tables_bytes},
        "loop_milliseconds": {"plan": pace_of_plan * 1e3, "run": pace_of_run * 1e3},
        "stages": {stage["stage"]: stage["core_hours"] * 3600 for stage in plan["stages"]},
    }


def command(arguments: list[str], folder: Path) -> tuple[ColdRun, str]:
    said = folder / "said"
    return run_measured([*DATAFLOW, *arguments, *SETTINGS], said), said.read_text("utf-8")


@contextmanager
def paced() -> Iterator[Callable[[], float]]:
    """Gives the mean CPU seconds of the loop, since then."""
    taken: list[float] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(PAUSE_SECONDS):
            before = time.thread_time()
            sum(range(LOOP))
            taken.append(time.thread_time() - before)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield lambda: sum(taken) / len(taken)
    finally:
        done.set()
        thread.join()


def told(found: dict[str, Any]) -> str:
    of_run = f"{found['documents']:,} documents, {found['megabytes']:,.0f} MB; told from {found['sample']:,}"
    lines = [f"{of_run}; the loop took {found['loop_milliseconds']['plan']:.1f} ms, then {found['loop_milliseconds']['run']:.1f} ms"]
    for name, unit in (("cpu_seconds", 1.0), ("cpu_seconds_at_one_pace", 1.0), ("peak_bytes", 1e6), ("table_bytes", 1e6)):
        figures = found[name]
        shown = name if unit == 1.0 else name.replace("bytes", "MB")
        error = figures["told"] / figures["measured"] - 1
        lines.append(f"  {shown:24} told {figures['told'] / unit:10,.1f}   measured {figures['measured'] / unit:10,.1f}   {error:+7.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
