"""What a run takes beside its rows: one of a sample, as `dataflow run` does it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from operators.pipeline.plan import Plan
from operators.tables.errors import StageFailed
from operators.tables.files import FileStorage
from operators.tables.storage import Storage

DATAFLOW = (sys.executable, "-c", "import sys; from dataflow_assets.cli import main; sys.exit(main())")
"""The command `dataflow`, with this Python."""
_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system tells the most memory that a process had."""


@dataclass(frozen=True)
class ColdRun:
    """CPU seconds of the process and of those that it started, and the most bytes that one of them had in memory."""

    cpu_seconds: float
    peak_bytes: float


def cold_run(plan: Plan, sample: Storage, pipeline: str, settings: Sequence[str]) -> ColdRun:
    """Start, load models and compiled kernels, run all stages on the sample and write the results to Parquet. Answers of models come from the cache.

    `pipeline` and `settings` are the arguments PIPELINE and --set of the command that `plan` was made by.

    Raises:
        StageFailed: the run failed; with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="dataflow-plan-") as folder:
        (source,) = plan.sources
        FileStorage(f"{folder}/sample.parquet").write(sample.read())
        outputs = [argument for name in plan.outputs for argument in ("--output", f"{name}={folder}/{name}.parquet")]
        given = [argument for setting in settings for argument in ("--set", setting)]
        arguments = ["run", pipeline, "--input", f"{source}={folder}/sample.parquet", *outputs, *given, "--workers", "1"]
        return run_measured([*DATAFLOW, *arguments], Path(folder) / "said")


def run_measured(command: Sequence[str], said: Path) -> ColdRun:
    """Run a command to its end. What it says goes to the file `said`. Raises StageFailed where it fails."""
    with said.open("wb") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = said.read_text("utf-8", errors="replace").strip()[-2000:]
        raise StageFailed(f"the run of the sample in a process of its own ended with {process.returncode}. It said: {last}")
    return ColdRun(used.ru_utime + used.ru_stime, used.ru_maxrss * _UNIT)
