"""docs/writing-operators.md and docs/writing-pipelines.md, followed by a new user: every file to create, every example, every command."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from resources import models

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REVIEWS = (
    "Great!!! Buy!!! Now!!!",
    "The soup was warm and the waiter was kind to our children all evening, so we stayed until they closed the kitchen and swept the floor.",
    None,
)
START = """
import sys
import dataflow_assets.pipelines, operators.text.rules
from dataflow_assets.cli import main

operators.text.rules.__path__.append("operators_text")
dataflow_assets.pipelines.__path__.append("pipelines")
"""
"""The folders of the repository, with what the user adds to them."""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[str]:
    """The `dataflow` commands; the others (pytest, dagster, make, and what needs a deployment) take longer, and are those of the README."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    found = [line.partition("#")[0].removeprefix("$ dataflow ").strip() for line in lines if line.startswith("$ dataflow ")]
    return [command for command in found if not command.startswith("partitions ")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("operators_text", "pipelines"):
        (tmp_path / folder).mkdir()
    for name, column in (("reviews.jsonl", "review"), ("my.jsonl", "text")):
        (tmp_path / name).write_text("".join(json.dumps({column: text}) + "\n" for text in REVIEWS))
    (tmp_path / "operators_text" / "shouting.py").write_text(blocks("writing-operators.md", "python")[0])
    return tmp_path


def follow(project: Path, code: str) -> str:
    """What the code prints, in a process of its own: what it defines is gone afterwards."""
    unset = ("DATAFLOW_LLM_BASE_URL", "DATAFLOW_LLM_MODEL", "DATAFLOW_LLM_PROVIDER", "DATAFLOW_WAREHOUSE")
    environment = {**{name: value for name, value in os.environ.items() if name not in unset}, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", START + code], cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def as_commands(page: str) -> str:
    return "".join(f"assert main({command.split()!r}) == 0, {command!r}\n" for command in commands(page))


def test_the_examples_of_writing_operators_run_as_they_stand(project: Path) -> None:
    _, run, *others = blocks("writing-operators.md", "python")
    asks = models.list()[0].present or "DATAFLOW_REQUIRE_MODELS" in os.environ
    if not asks:
        others = [block for block in others if "open_serving" not in block]
    printed = follow(project, as_commands("writing-operators.md") + run + "\n".join(others))
    assert "ShoutingFilter" in printed
    assert "3 1 Counter({'ShoutingFilter': 2})" in printed
    assert [json.loads(line)["review"] for line in (project / "calm.jsonl").read_text().splitlines()] == [REVIEWS[1]]
    if asks:
        assert 0 <= json.loads((project / "rated.jsonl").read_text())["politeness"] <= 5


def test_the_example_of_writing_pipelines_is_found_compiled_and_run(project: Path) -> None:
    pipeline, branches, in_shards = blocks("writing-pipelines.md", "python")
    (project / "pipelines" / "calm_text.py").write_text(pipeline)
    (project / "pipelines" / "pages.py").write_text(in_shards)
    (project / "data" / "pages").mkdir(parents=True)
    for shard in ("pages-000", "pages-001"):
        with gzip.open(project / "data" / "pages" / f"{shard}.jsonl.gz", "wt") as file:
            file.write((project / "my.jsonl").read_text())
    (project / "branches.py").write_text(branches)
    code = as_commands("writing-pipelines.md") + 'assert main("run branches.py:ShortAndLong --input my.jsonl --output all.jsonl".split()) == 0\n'
    assert len(commands("writing-pipelines.md")) >= 5
    assert "2 stages, no problems." in follow(project, code)
    assert (project / "calm.parquet").stat().st_size > 0
    assert (project / "loud.jsonl").read_text().count("exclamation marks") == 0, "too few words is said first"
    assert len((project / "all.jsonl").read_text().splitlines()) == 2
    assert pq.read_table(project / "pages.parquet").column("text").to_pylist() == [REVIEWS[1]], "both shards have it"


def test_a_mistake_in_a_file_of_the_folder_is_told_with_its_place(project: Path) -> None:
    (project / "pipelines" / "calm_text.py").write_text("from operators import Pipeline\n\nclass CalmText(Pipeline)\n")
    printed = follow(project, 'assert main(["compile", "web_text"]) == 0\nsys.stderr = sys.stdout\nassert main(["compile", "calm_text"]) == 1\n')
    assert "dataflow_assets.pipelines.calm_text cannot be imported: " in printed
    assert "calm_text.py:3" in printed


def test_the_settings_of_a_deployment_that_the_page_names_are_those_there_are() -> None:
    from dataflow_assets.component import PipelineComponent

    page = (DOCS / "writing-pipelines.md").read_text(encoding="utf-8")
    [table] = re.findall(r"\| setting \|.*?\n\n", page, re.DOTALL)
    named = {name for row in re.findall(r"^\| (`[^|]*)\|", table, re.MULTILINE) for name in re.findall(r"`(\w+)", row)}
    assert named | {"pipeline", "parameters"} == set(PipelineComponent.__annotations__)
