"""Deployments are loaded once in a process, and again where something of them changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext

import dataflow_assets
import operators.core.packages
from dataflow_assets.definitions import with_shared_definitions
from dataflow_assets.loading import VALIDATING, load_deployments
from tests.dataflow_assets.own_project import OwnProject, project_of_this_process
from tests.test_packaging import normalized, pins

STATEFUL = """
import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext


class Tables(dg.Component):
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        DefinitionsLoadContext.get().add_to_pending_reconstruction_metadata("tables", "as they were")
        return dg.Definitions()
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[OwnProject]:
    with project_of_this_process(tmp_path) as project:
        yield project


def test_what_is_loaded_is_loaded_once(project: OwnProject) -> None:
    assert load(project) is load(project)
    assert gc.isenabled()
    assert not DefinitionsLoadContext.is_set()


def test_the_shipped_deployments_need_no_package_that_an_installation_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A red pipeline must not be what a new user sees first."""
    belonging = pins("default.txt")

    def found(package: str) -> Any:
        distributions = packages_distributions().get(package, [])
        return find_spec(package) if any(normalized(one) in belonging for one in distributions) else None

    monkeypatch.setattr(operators.core.packages, "importlib", SimpleNamespace(util=SimpleNamespace(find_spec=found)))
    monkeypatch.setenv(VALIDATING, "1")
    assert job_names(load_deployments(Path(dataflow_assets.__path__[0]) / "defs")) >= {"web_text", "math_reasoning", "code_instruct"}


def test_an_installed_package_has_no_project_file(project: OwnProject) -> None:
    (project.folder / "pyproject.toml").unlink()
    assert job_names(load(project)) == {"calm_text"}
    project.deploy("wrong", pipeline="no_such_pipeline")
    assert job_names(load(project)) == {"calm_text", "wrong"}


def test_a_new_file_is_loaded(project: OwnProject) -> None:
    assert job_names(load(project)) == {"calm_text"}
    project.deploy("pages", name="pages")
    assert job_names(load(project)) == {"calm_text", "pages"}


def test_a_changed_environment_is_seen(project: OwnProject, monkeypatch: pytest.MonkeyPatch) -> None:
    project.deploy("reviews", name="{{ env.NAME_OF_REVIEWS }}")
    monkeypatch.setenv("NAME_OF_REVIEWS", "first")
    assert job_names(load(project)) == {"first"}
    monkeypatch.setenv("NAME_OF_REVIEWS", "second")
    assert job_names(load(project)) == {"second"}


def test_what_does_not_load_is_tried_again(project: OwnProject) -> None:
    pipeline = project.package / "calm_text.py"
    text = pipeline.read_text()
    pipeline.write_text("nothing = 1\n")
    assert "quality" not in str(asset_keys(load(project)))
    pipeline.write_text(text)
    sys.modules.pop("own_project.calm_text")
    assert "quality" in str(asset_keys(load(project))), "no file below defs/ changed, and it is looked at all the same"


def test_a_component_that_keeps_state_with_dagster_is_asked_each_time(project: OwnProject) -> None:
    (project.package / "tables.py").write_text(STATEFUL)
    project.write_yaml("tables", "type: own_project.tables.Tables\n")
    assert load(project) is not load(project)


TWO = [
    ("a job", {"name": "maintenance"}, {}, 'a job "maintenance" already, in the definitions that all pipelines share'),
    ("jobs", {"name": "pages", "partitions": {"source": "documents", "by": "file"}, "source": "*.jsonl", "pipeline": "own_project.gathered:Once"},
     {"name": "pages_gathered"}, 'a job "pages_gathered" already, in own_project/defs/a_first/defs.yaml'),
    ("resources", {"name": "a", "llms": {"b_judge": {"model": "x"}}}, {"name": "a_b", "llms": {"judge": {"model": "x"}}}, 'a resource "a_b_judge"'),
    ("a shared resource", {"name": "io", "llms": {"manager": {"model": "x"}}}, {}, 'a resource "io_manager" already, in the definitions that all'),
    ("a file", {"name": "a", "export": ["out/x.jsonl"]}, {"name": "b", "export": ["out/../out/x.jsonl"]}, "out/x.jsonl is written already, as own_"),
    ("a report", {"name": "a", "report": "out"}, {"name": "b", "report": "out/"}, "report.html is written already"),
]  # fmt: skip
GATHERED = """
from operators import Handle, Pipeline
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import WordCountFilter


class Once(Pipeline):
    def __init__(self) -> None:
        self.long = WordCountFilter(min_words=1)
        self.once = ExactDedup()

    def forward(self, documents: Handle) -> Handle:
        return self.once(self.long(documents).gathered())
"""


@pytest.mark.parametrize(("first", "second", "said"), [case[1:] for case in TWO], ids=[case[0] for case in TWO])
def test_what_two_would_have_under_one_name_is_told_of_one_file_and_the_rest_runs(
    project: OwnProject, capsys: pytest.CaptureFixture[str], first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    (project.package / "gathered.py").write_text(GATHERED)
    project.deploy("a_first", **first)
    if second:
        project.deploy("b_second", **second)
    loaded = with_shared_definitions(load(project))
    assert loaded.resolve_job_def("calm_text")
    assert loaded.resolve_job_def("b_second" if second else "a_first").description.startswith("own_project/defs/")  # type: ignore[union-attr]
    told = capsys.readouterr().err
    assert f"own_project/defs/{'b_second' if second else 'a_first'}/defs.yaml does not load" in told
    assert said in told


def test_deployments_beside_each_other_that_share_nothing_load(project: OwnProject, capsys: pytest.CaptureFixture[str]) -> None:
    judged = {"judge": {"model": "x"}}
    project.deploy("a", name="a", export=["out/a.jsonl"], llms=judged, schedule="0 3 * * *", watch=True, automation=True)
    project.deploy("b", name="b", export=["out/b.jsonl"], llms=judged, schedule="0 3 * * *", watch=True, automation=True)
    project.deploy("c", name="c", source="out/a.jsonl", report="out")
    assert {"a", "b", "c", "calm_text", "maintenance"} <= job_names(with_shared_definitions(load(project)))
    assert "does not load" not in capsys.readouterr().err


def test_two_broken_folders_of_one_name_are_both_shown(project: OwnProject) -> None:
    for place in ("one/pages", "two/pages", "maintenance", "größe 1"):
        project.write_yaml(place, "type: [")
    loaded = with_shared_definitions(load(project))
    assert {"pages", "pages_broken", "maintenance_broken", "gr_e_1"} <= job_names(loaded)
    assert loaded.get_repository_def()


def load(project: OwnProject) -> dg.Definitions:
    return load_deployments(project.package / "defs")


def asset_keys(defs: dg.Definitions) -> list[str]:
    return [key.to_user_string() for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) for key in asset.keys]


def job_names(defs: dg.Definitions) -> set[str]:
    return {job.name for job in defs.jobs or ()}
