"""Stages of the text pipelines with one process and with worker processes: wall and CPU seconds, and whether they wrote equal tables.

    python -m benchmarks.workers [--documents 40000] [--workers 1 2] [--runs 2] [--json]

Documents are those of benchmarks.installed_texts, repeated where there are too few. Each run is a stage as `dataflow run` runs it, from one table of
the warehouse to the next, on as many cores as it has workers: one process has one core, which its threads share. "start" is the time until workers
that are started before the first stage are ready. CPU time is that of this process, and that of the workers, their start included. The runs
alternate, and the least wall time of each is reported, since other work can only add to it. "x" is how many times as fast as the first number of
workers; N cores that are used to the full give N.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.installed_texts import pages, real_texts
from dataflow_assets.running.stages import load_source, run_stage
from dataflow_assets.running.workers import Workers
from operators.core.sequential import Sequential
from operators.kernels import warm_up
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.storage import MemoryStorage
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.rules import rule_sets
from resources.warehouse import Warehouse

CORES = os.sched_getaffinity(0)


class Texts(Pipeline):
    """Each stage reads the documents themselves, so that none has less to do."""

    expects = {"text": str}

    def __init__(self) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(), NormalizeSpaces())
        self.rules = Sequential(*rule_sets.gopher_quality(), *rule_sets.gopher_repetition(), *rule_sets.c4_quality())
        self.exact = ExactDedup()
        self.near = MinHashDedup()

    def forward(self, documents: Handle) -> Sequence[Handle]:
        return self.clean(documents), self.rules(documents), self.exact(documents), self.near(documents)


def documents(count: int) -> MemoryStorage:
    texts = [page for text in real_texts() for page in pages(text)]
    return MemoryStorage(pa.table({"text": pa.array(itertools.islice(itertools.cycle(texts), count), pa.string())}))


def cpu_seconds() -> tuple[float, float]:
    """Of this process, and of the workers that have ended."""
    spent = os.times()
    return spent.user + spent.system, spent.children_user + spent.children_system


def measure(warehouse: Warehouse, plan: Any, count: int) -> dict[str, Any]:
    """Wall seconds and content of each stage, and CPU seconds of all, with so many workers on so many cores."""
    os.sched_setaffinity(0, sorted(CORES)[:count])
    here, of_workers = cpu_seconds()
    stages = {}
    with Workers(count) as workers:
        began = time.perf_counter()
        workers.take(plan["exact"].operator, [])
        start = time.perf_counter() - began
        for stage in plan.stages:
            began = time.perf_counter()
            result = run_stage(warehouse, plan, stage.name, {}, workers=workers)
            stages[stage.name] = {"seconds": time.perf_counter() - began, "content": result.content_hash, "rejected": result.report.rejected}
    here_after, of_workers_after = cpu_seconds()
    return {"start": start, "stages": stages, "cpu": here_after - here, "cpu_of_workers": of_workers_after - of_workers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=40_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    warm_up()
    plan = Texts().compile()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        table = load_source(warehouse, plan.name, "documents", documents(arguments.documents)).table
        megabytes = table.count_bytes() / 1e6
        runs = [(count, measure(warehouse, plan, count)) for _ in range(arguments.runs) for count in arguments.workers]
    report: dict[str, Any] = {"documents": arguments.documents, "megabytes": round(megabytes), "load": os.getloadavg(), "workers": {}}
    for count in arguments.workers:
        of_count = [run for workers, run in runs if workers == count]
        seconds = {stage.name: round(min(run["stages"][stage.name]["seconds"] for run in of_count), 2) for stage in plan.stages}
        report["workers"][count] = {
            "start": round(min(run["start"] for run in of_count), 2),
            "seconds": seconds,
            "cpu": round(min(run["cpu"] for run in of_count), 2),
            "cpu_of_workers": round(min(run["cpu_of_workers"] for run in of_count), 2),
        }
    report["equal"] = {stage.name: len({run["stages"][stage.name]["content"] for _, run in runs}) == 1 for stage in plan.stages}
    print(json.dumps(report) if arguments.json else table_of(report))


def table_of(report: dict[str, Any]) -> str:
    first = next(iter(report["workers"].values()))["seconds"]
    lines = [f"{report['documents']:,} documents, {report['megabytes']} MB, load {report['load'][0]:.1f}"]
    for count, found in report["workers"].items():
        of_all = {**found["seconds"], "all": sum(found["seconds"].values())}
        one = {**first, "all": sum(first.values())}
        stages = "  ".join(f"{stage} {seconds:.2f} s ({one[stage] / seconds:.2f}x)" for stage, seconds in of_all.items())
        spent = f"CPU {found['cpu']:.1f} s here, {found['cpu_of_workers']:.1f} s in workers"
        lines.append(f"{count} workers: start {found['start']:.2f} s, {spent}; {stages}")
    return "\n".join([*lines, f"equal tables: {report['equal']}"])


if __name__ == "__main__":
    main()
