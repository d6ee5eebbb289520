"""How much memory many prompts take: 200,000 of 1 KB through one session, streamed, with cache and ledger on.

    python -m benchmarks.llm_memory [--prompts 200000] [--in-flight 256] [--stage]

With --stage they are the rows of a stage instead: read from one DuckDB table, rated with a structured answer, written to another.

Prints the peak of this process (the server is another one); the prompts are made as they are asked for, as rows come from a table.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.llm_client import server
from operators.asking.answers import Completion
from operators.asking.requests import Request
from resources.llm import LLMSettings, open_serving

FILLER = "all work and no play " * 48


async def ask(address: str, folder: Path, prompts: int, in_flight: int) -> int:
    answered = 0
    serving = open_serving(LLMSettings(base_url=address, model="m", max_in_flight=in_flight, cache_path=folder / "answers.sqlite"))
    async with serving.session() as session:
        async for answer in session.stream(Request.of(text(index)) for index in range(prompts)):
            answered += isinstance(answer, Completion)
    return answered


def run_as_stage(address: str, folder: Path, prompts: int, in_flight: int) -> int:
    import pyarrow as pa

    from dataflow_assets.running.stages import load_source, run_stage
    from operators.pipeline.handle import Handle
    from operators.pipeline.pipeline import Pipeline
    from operators.tables.files import FileStorage
    from operators.text.raters.educational_value import EducationalValueEvaluator
    from resources.warehouse import Warehouse

    class Rated(Pipeline):
        """Rate texts."""

        expects = {"text": str}

        def __init__(self) -> None:
            self.rate = EducationalValueEvaluator()

        def forward(self, documents: Handle) -> Handle:
            return self.rate(documents)

    source = FileStorage(folder / "documents.parquet")
    source.write(
        pa.RecordBatch.from_pydict({"text": [text(index) for index in range(start, min(start + 2000, prompts))]}) for start in range(0, prompts, 2000)
    )
    serving = open_serving(LLMSettings(base_url=address, model="m", max_in_flight=in_flight, cache_path=folder / "answers.sqlite"))
    warehouse, plan = Warehouse(folder / "warehouse"), Rated().compile()
    load_source(warehouse, plan.name, "documents", source)
    return run_stage(warehouse, plan, "rate", {"llm": serving}).report.rows_out


def text(index: int) -> str:
    return f"{index} {FILLER}"[:1024]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=200_000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--stage", action="store_true")
    options = parser.parse_args()
    given = (options.prompts, options.in_flight)
    with server(0.0) as address, tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        answered = run_as_stage(address, Path(folder), *given) if options.stage else asyncio.run(ask(address, Path(folder), *given))
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{answered:,} of {options.prompts:,} answered in {seconds:.0f} s ({answered / seconds:,.0f}/s); peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
