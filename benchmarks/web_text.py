"""The pipeline web_text end to end, without a language model: documents a second of each stage, and where the time goes.

    python -m benchmarks.web_text [--documents 100000] [--input FILE] [--one-pass] [--json]

The job runs as Dagster runs it: the source is read and given row ids, each stage writes its table and its rejected rows with reasons to the
warehouse, metadata and asset checks included. With `--one-pass`, cleaning and language keep no table (`checkpoint: false`). Without `--input` it is
given the documents that benchmarks.web_documents describes.

Wall time is that of Dagster's step events; CPU time is that of all threads of the process. Where the time goes is sampled: every few milliseconds a
thread looks at which Python function every other thread is in, and files it under the innermost one that `PLACES` knows; threads that wait count as
nothing. "kernels" are the compiled loops of operators/kernels, but for the language model's; "outside the kernels" is everything else, the compiled
parts of Arrow, DuckDB and Lexbor included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

PIPELINE = "web_text"
SAMPLE_SECONDS = 0.004

PLACES = {
    "/operators/kernels/fasttext": "language model",
    "/operators/kernels/compiled/fasttext": "language model",
    "/operators/kernels/": "kernels",
    "/ftfy/": "FixUnicode",
    "/operators/text/cleaning/broken_text.py": "FixUnicode",
    "/operators/text/cleaning/html_": "HtmlToText",
    "/operators/text/cleaning/": "other refiners (Arrow)",
    "/operators/bases/rewriting.py": "other refiners (Arrow)",
    "/operators/text/language/": "language model",
    "/operators/text/duplicates/": "MinHash outside the kernels",
    "/operators/text/": "filters outside the kernels",
    "/operators/tables/files/": "reading the source",
    "/operators/tables/row_ids.py": "row ids",
    "/operators/engine/promises.py": "promises checked",
    "/operators/engine/": "runner",
    "/operators/core/": "runner",
    "/operators/tables/": "runner",
    "/resources/warehouse/content_hash.py": "content hash",
    "/resources/warehouse/duckdb_draft.py": "warehouse, writing (DuckDB)",
    "/resources/warehouse/duckdb_reader.py": "warehouse, reading (DuckDB)",
    "/resources/warehouse/": "warehouse, publishing",
    "/dataflow_assets/": "asset checks and metadata",
    "/dagster/": "Dagster",
}
"""Part of a file's path -> what its time is reported as; the first that fits."""

WAITING = ("/threading.py", "/queue.py", "/concurrent/futures/", "/selectors.py")


@dataclass
class Sampler:
    """Looks at the process from a thread of its own."""

    places: list[tuple[float, str]] = field(default_factory=list)
    cpu: list[tuple[float, float]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Sampler:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        own = threading.get_ident()
        while not self._stop.wait(SAMPLE_SECONDS):
            now = time.time()
            self.cpu.append((now, time.process_time()))
            for thread, frame in sys._current_frames().items():
                if thread != own and not frame.f_code.co_filename.endswith(WAITING) and "/concurrent/futures/" not in frame.f_code.co_filename:
                    self.places.append((now, place_of(frame)))

    def cpu_between(self, start: float, end: float) -> float:
        times = [at for at, _ in self.cpu]
        first, last = (min(bisect_left(times, moment), len(times) - 1) for moment in (start, end))
        return self.cpu[last][1] - self.cpu[first][1]

    def places_between(self, start: float, end: float) -> dict[str, float]:
        """Shares, largest first."""
        counts = Counter(place for at, place in self.places if start <= at <= end)
        return {place: count / counts.total() for place, count in counts.most_common()}


def place_of(frame: FrameType | None) -> str:
    while frame is not None:
        file = frame.f_code.co_filename
        for part, place in PLACES.items():
            if part in file:
                return place
        frame = frame.f_back
    return "the rest"


def run_job(source: Path, warehouse: Path, one_pass: bool) -> dict[str, Any]:
    """Materialize every asset of the pipeline in this process; what each stage did and cost."""
    import dagster as dg

    from dataflow_assets.component import PipelineComponent
    from dataflow_assets.resources import WarehouseResource
    from operators.kernels import warm_up
    from resources.warehouse import Warehouse

    stages = {"clean": {"checkpoint": False}, "language": {"checkpoint": False}} if one_pass else {}
    component = PipelineComponent(pipeline=PIPELINE, source=str(source), parameters={"rate": False}, stages=stages)
    defs = dg.Definitions.merge(component.definitions(), dg.Definitions(resources={"warehouse": WarehouseResource(root=str(warehouse))}))
    job = defs.resolve_job_def(PIPELINE)
    warm_up()
    before = peak_megabytes()
    (home := warehouse.parent / "dagster").mkdir()
    with Sampler() as sampler, dg.DagsterInstance.local_temp(str(home)) as instance:
        started, cpu = time.perf_counter(), time.process_time()
        result = job.execute_in_process(instance=instance)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        logged = [(entry.dagster_event, entry.timestamp) for entry in instance.all_logs(result.run_id) if entry.dagster_event]
    kinds = (dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS)
    times = {kind: {str(event.step_key): at for event, at in logged if event.event_type is kind} for kind in kinds}
    told = []
    for step, start in sorted(times[kinds[0]].items(), key=lambda item: item[1]):
        end = times[kinds[1]][step]
        facts = Warehouse(warehouse).table(PIPELINE, step.removeprefix(f"{PIPELINE}__")).run_facts()
        places = sampler.places_between(start, end)
        told.append(
            {
                "stage": step.removeprefix(f"{PIPELINE}__"),
                "rows_in": facts["rows_in"],
                "rows_out": facts["rows_out"],
                "seconds": end - start,
                "cpu_seconds": sampler.cpu_between(start, end),
                "documents_per_second": facts["rows_in"] / (end - start),
                "outside_kernels": 1 - places.get("kernels", 0.0),
                "places": places,
                "content_hash": facts["content_hash"],
            }
        )
    documents = told[0]["rows_in"]
    places = sampler.places_between(0, float("inf"))
    return {
        "documents": documents,
        "megabytes": source.stat().st_size / 1e6,
        "seconds": wall,
        "cpu_seconds": cpu,
        "documents_per_second": documents / wall,
        "outside_kernels": 1 - places.get("kernels", 0.0),
        "places": places,
        "peak_mb_before": before,
        "peak_mb": peak_megabytes(),
        "stages": told,
    }


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = "{documents:,} documents, {megabytes:,.0f} MB: {documents_per_second:,.0f} a second".format(**results)
    stages = Table("stage", "rows in", "rows out", "seconds", "CPU seconds", "documents / s", "outside the kernels", "most of it", title=title)
    for row in results["stages"]:
        most = ", ".join(f"{place} {share:.0%}" for place, share in list(row["places"].items())[:3])
        figures = (f"{row['rows_in']:,}", f"{row['rows_out']:,}", f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f}")
        stages.add_row(row["stage"], *figures, f"{row['documents_per_second']:,.0f}", f"{row['outside_kernels']:.0%}", most)
    stages.add_row("all", "", "", f"{results['seconds']:.1f}", f"{results['cpu_seconds']:.1f}", f"{results['documents_per_second']:,.0f}")
    console.print(stages)
    places = Table("where the time goes", "share")
    for place, share in results["places"].items():
        places.add_row(place, f"{share:.1%}")
    console.print(places)
    console.print("{outside_kernels:.0%} outside the kernels; peak memory {peak_mb:,.0f} MB ({peak_mb_before:,.0f} before)".format(**results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--input", type=Path, help="a file with the column text, instead of the documents made here")
    parser.add_argument("--one-pass", action="store_true", help="cleaning and language without tables of their own")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    with tempfile.TemporaryDirectory() as folder:
        source = options.input or Path(folder) / "documents.jsonl"
        if options.input is None:  # in a process of its own, whose memory is not counted
            command = [sys.executable, "-m", "benchmarks.web_documents", str(source), "--documents", str(options.documents)]
            subprocess.run(command, check=True)
        results = run_job(source, Path(folder) / "warehouse", options.one_pass)
    if options.json:
        json.dump(results, sys.stdout, indent=2)
    else:
        report(results)


if __name__ == "__main__":
    main()
