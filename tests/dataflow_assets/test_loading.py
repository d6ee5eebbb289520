"""Deployments are loaded once in a process, and again where something of them changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext

from dataflow_assets.loading import load_deployments
from tests.dataflow_assets.own_project import OwnProject

STATEFUL = """
import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext


class Tables(dg.Component):
    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        DefinitionsLoadContext.get().add_to_pending_reconstruction_metadata("tables", "as they were")
        return dg.Definitions()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnProject]:
    project = OwnProject(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    project.deploy("reviews")
    yield project
    monkeypatch.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "own_project"]:
        del sys.modules[name]


def test_what_is_loaded_is_loaded_once(project: OwnProject) -> None:
    assert load(project) is load(project)
    assert gc.isenabled()
    assert not DefinitionsLoadContext.is_set()


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


def load(project: OwnProject) -> dg.Definitions:
    return load_deployments(project.package / "defs")


def asset_keys(defs: dg.Definitions) -> list[str]:
    return [key.to_user_string() for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) for key in asset.keys]


def job_names(defs: dg.Definitions) -> set[str]:
    return {job.name for job in defs.jobs or ()}
