"""docs/reference-pipelines.md: what it names is there, and the pipelines compile with what they are deployed with."""

from __future__ import annotations

import re

import pytest

from dataflow_assets.pipelines import all_pipelines
from operators.core import registry
from operators.core.resources import openable_needs
from tests.pages import text_of

ROWS = [line.split("|")[1:4] for line in text_of("reference-pipelines.md").splitlines() if line.startswith("| `")]
HERE = {name for _, here, _ in ROWS for name in re.findall(r"`(\w+)`", here)}
PIPELINES = sorted(name for name in HERE if name.islower())


def test_all_files_of_the_reference_are_there_once() -> None:
    files = [file.strip(" `") for file, _, _ in ROWS]
    assert len(files) == len(set(files)) == 49
    assert all(re.findall(r"`(\w+)`", here) for _, here, _ in ROWS)


def test_what_is_named_is_there() -> None:
    known = set(all_pipelines()) | {cls.__name__ for cls in registry.all_operators()}
    assert {name for row in ROWS for name in re.findall(r"`([A-Z]\w+)`", row[2])} | HERE <= known


@pytest.mark.parametrize("name", PIPELINES)
def test_each_pipeline_compiles(name: str) -> None:
    pipeline = all_pipelines()[name]()
    needs = {resource for operator in pipeline.operators().values() for resource in operator.resource_names().values()}
    assert pipeline.compile(resources={*openable_needs(), *needs}).stages
