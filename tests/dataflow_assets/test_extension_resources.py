"""What an installed package brings is used in Dagster too: its pipeline, its source, its file format, and a resource of a new kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataflow_assets.cli import main

ROOT = Path(__file__).parents[2]
RUN = """
import dagster as dg
from dataflow_assets.component import PipelineComponent
from dataflow_assets.definitions import defs as shared

deployed = PipelineComponent(pipeline="whisper_pipeline", source="whisper_sample", export=["kept.whisper_lines"])
merged = dg.Definitions.merge(shared(), deployed.definitions())
assert merged.resolve_job_def("whisper_pipeline").execute_in_process(instance=dg.DagsterInstance.ephemeral()).success
"""


def test_a_resource_of_an_extension_is_given_in_a_dagster_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "extension", "whisper"]) == 0
    install(tmp_path / "whisper", tmp_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "whisper"), str(tmp_path), str(ROOT)])}
    environment["DATAFLOW_WAREHOUSE"] = str(tmp_path / "warehouse")
    ran = subprocess.run([sys.executable, "-c", RUN], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert (tmp_path / "kept.whisper_lines").read_text().count("\n") == 3


def install(project: Path, folder: Path) -> None:
    """What an installer would write of the package's entry points."""
    import tomllib

    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]["entry-points"]
    points = "".join(f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in names.items()) for group, names in declared.items())
    information = folder / "whisper-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: whisper\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(points)
