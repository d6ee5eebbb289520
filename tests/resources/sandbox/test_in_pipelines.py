"""Operators that run code, in runs of every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dataflow_assets.component import PipelineComponent
from dataflow_assets.definitions import defs
from operators.tables.errors import StageFailed
from resources.sandbox import SandboxSettings, open_sandbox
from tests.resources.sandbox.conftest import ROOT, environment_of_child
from tests.resources.sandbox.proving_pipeline import PassingCode, ProvingPipeline

ROWS = [
    {"code": "def f(n): return n + 1", "tests": "assert f(1) == 2"},
    {"code": "def f(n): return n", "tests": "assert f(1) == 2"},
    {"code": "import os\ndef f(n): os._exit(0)", "tests": "assert f(1) == 2"},
    {"code": "def f(n):\n    while True: pass", "tests": "assert f(1) == 2"},
    {"code": "def f(n", "tests": "assert f(1) == 2"},
]
REASONS = ["failed", "failed", "timeout", "syntax_error"]


def test_an_operator_is_given_the_sandbox_and_keeps_what_passes() -> None:
    result = PassingCode(max_seconds=1).run(ROWS, resources={"sandbox": open_sandbox(SandboxSettings(programs_at_once=2))})
    assert result.table.column("code").to_pylist() == [ROWS[0]["code"]]
    assert [reason.split(":")[0] for reason in result.rejected.column("rejected_reason").to_pylist()] == REASONS
    assert result.report.usage["sandbox"].calls == 5


def test_without_a_sandbox_the_operator_says_what_it_needs() -> None:
    with pytest.raises(StageFailed, match="sandbox"):
        PassingCode(sandbox="mine").run(ROWS, resources={"other": None})


def test_a_pipeline_opens_its_sandbox() -> None:
    result = ProvingPipeline().run(ROWS[:2])
    assert result.table.num_rows == 1


def test_in_dagster_the_sandbox_is_a_resource(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS[:2]))
    deployed = PipelineComponent(pipeline=f"{ProvingPipeline.__module__}:ProvingPipeline", source=str(source), export=[str(tmp_path / "kept.jsonl")])
    merged = dg.Definitions.merge(defs(), deployed.definitions())
    assert merged.resolve_job_def("proving_pipeline").execute_in_process(instance=dg.DagsterInstance.ephemeral()).success
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 1


def test_compiling_says_what_is_missing_before_anything_is_paid() -> None:
    script = "from tests.resources.sandbox.proving_pipeline import *\nProvingPipeline().run([{'code': 'a', 'tests': 'b'}])"
    environment = environment_of_child(PATH="/nowhere")
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    assert "proving_pipeline.passing" in done.stderr
    assert 'needs the resource "sandbox"' in done.stderr
    assert "apt-get install bubblewrap" in done.stderr
