"""A project of a user, as `dg` knows it: a package with a defs folder, made in a folder of a test. Its commands are real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]

PYPROJECT = """
[project]
name = "own-project"
version = "0.1.0"

[tool.dg]
directory_type = "project"

[tool.dg.cli]
suppress_warnings = ["project_and_activated_venv_mismatch"]

[tool.dg.project]
code_location_name = "own_project.definitions"
root_module = "own_project"
defs_module = "own_project.defs"
code_location_target_module = "own_project.definitions"
registry_modules = ["dataflow_assets.component"]
"""

DEFINITIONS = """
from pathlib import Path

import dagster as dg

from dataflow_assets.definitions import with_shared_definitions
from dataflow_assets.loading import load_deployments


@dg.definitions
def defs() -> dg.Definitions:
    return with_shared_definitions(load_deployments(Path(__file__).parent / "defs"))
"""

PIPELINE = '''
from operators import Handle, Pipeline, Sequential
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.rules.whole_text import WordCountFilter


class CalmText(Pipeline):
    """Clean texts and keep those that are long enough."""

    def __init__(self, min_words: int = 2) -> None:
        self.clean = Sequential(NormalizeSpaces())
        self.quality = WordCountFilter(min_words=min_words)

    def forward(self, documents: Handle) -> Handle:
        return self.quality(self.clean(documents))
'''


class OwnProject:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "own_project"
        self.home = folder / "dagster_home"
        (self.package / "defs").mkdir(parents=True)
        self.home.mkdir()
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (self.package / "__init__.py").touch()
        (self.package / "defs" / "__init__.py").touch()
        (self.package / "definitions.py").write_text(DEFINITIONS)
        (self.package / "calm_text.py").write_text(PIPELINE)
        (self.home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
        self.write_rows("reviews", "one  two three", "four five", "short")

    def write_rows(self, name: str, *texts: str) -> Path:
        import json

        path = self.folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        return path

    def deploy(self, folder: str, **attributes: Any) -> Path:
        """defs/FOLDER/defs.yaml of the small pipeline, or of what the attributes say."""
        given = {"pipeline": "own_project.calm_text:CalmText", "source": "reviews.jsonl", **attributes}
        return self.write_yaml(folder, yaml.safe_dump({"type": "dataflow_assets.component.PipelineComponent", "attributes": given}))

    def write_yaml(self, folder: str, text: str) -> Path:
        file = self.package / "defs" / folder / "defs.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)]),
            "DATAFLOW_WAREHOUSE": str(self.folder / "warehouse"),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "PYTHONWARNINGS": "ignore",
            "COLUMNS": "300",
        }

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """`dg ...` or `dagster ...` in a session of its own, so that its whole tree can be killed."""
        program = str(Path(sys.executable).with_name(command[0]))
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """Exit status and everything that the command said."""
        process = self.start(*command, **environment)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def execute(self, job: str, *arguments: str) -> tuple[int, str]:
        return self.run("dagster", "job", "execute", "-m", "own_project.definitions", "-j", job, *arguments)

    def rows(self, deployment: str, stage: str) -> list[str]:
        from resources.warehouse import Warehouse

        return list(Warehouse(self.folder / "warehouse").table(deployment, stage).read(["text"]).column("text").to_pylist())


@contextmanager
def project_of_this_process(folder: Path) -> Iterator[OwnProject]:
    """A project with a deployment, from which this process imports as long as it lasts."""
    project = OwnProject(folder)
    with pytest.MonkeyPatch.context() as here:
        here.syspath_prepend(folder)
        here.chdir(folder)
        project.deploy("reviews")
        yield project
    for name in [name for name in sys.modules if name.partition(".")[0] == "own_project"]:
        del sys.modules[name]
