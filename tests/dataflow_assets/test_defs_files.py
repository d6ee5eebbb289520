"""What is wrong with a defs.yaml is said with its place and what to do, and the other deployments load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dataflow_assets.definitions import with_shared_definitions
from dataflow_assets.loading import load_deployments
from tests.dataflow_assets.own_project import OwnProject, project_of_this_process

TYPE = "type: dataflow_assets.component.PipelineComponent\n"
GOOD = TYPE + "attributes:\n  pipeline: own_project.calm_text:CalmText\n  source: reviews.jsonl\n  name: other\n"
"""Five lines and more follow."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[OwnProject]:
    with project_of_this_process(tmp_path) as project:
        yield project


def told(project: OwnProject, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of what does not load, where everything is resolved as Dagster does and the good deployment is there."""
    loaded = with_shared_definitions(load_deployments(project.package / "defs"))
    assert {"calm_text", "maintenance"} <= {job.name for job in loaded.get_repository_def().get_all_jobs()}
    return capsys.readouterr().err


FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "the file says nothing"),
    "comment": ("# to do\n", "the file says nothing"),
    "twice": (GOOD + "  name: again\n", "attributes.name stands twice, in lines 5 and 6"),
    "twice, further in": (
        GOOD + "  stages: {quality: {min_words: 1, min_words: 9}}\n",
        "attributes.stages.quality.min_words stands twice, in lines 6 and 6",
    ),
    "latin-1": ((GOOD + "  owners: [é]\n").encode("latin-1"), "the file is not UTF-8: byte"),
    "no list": ("- a\n", "defs.yaml:1: Input should be an object"),
    "variable": (GOOD + '  report: "{{ env.NOT_THERE }}/x"\n', "the environment variable NOT_THERE is not set"),
    "optional variable": (GOOD + '  schedule: "{{ env.NOT_THERE }}"\n', "give a default: env('NOT_THERE', 'default')"),
    "called variable": (GOOD + "  schedule: \"{{ env('NOT_THERE') }}\"\n", "the environment variable NOT_THERE is not set"),
    "word of Dagster": (GOOD.replace("other", "config"), 'name: "config" is a word that Dagster or Python has for itself'),
    "word of Python": (GOOD.replace("other", "import"), 'name: "import" is a word that Dagster or Python has for itself'),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_meant_is_told(project: OwnProject, capsys: pytest.CaptureFixture[str], case: str) -> None:
    text, said = FILES[case]
    project.write_yaml(case, "").write_bytes(text.encode() if isinstance(text, str) else text)  # what was told of one file is not told again
    assert said in told(project, capsys)


def test_a_broken_folder_with_a_name_of_dagsters_own_is_shown_too(project: OwnProject, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("output", "class"):
        project.write_yaml(folder, GOOD + "  bogus: 1\n")
    assert 'there is no attribute "bogus"' in told(project, capsys)


def test_what_yaml_allows_loads(project: OwnProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE", "third")
    project.write_yaml("anchors", GOOD + "  tags: &both {a: b}\n  parameters: {min_words: 2}\n")
    project.write_yaml("variables", GOOD.replace("other", "\"{{ env.THERE }}_{{ env('NOT_THERE', 'x') }}\""))
    project.write_yaml("mark", "\ufeff" + GOOD.replace("other", "marked"))
    assert "does not load" not in told(project, capsys)


def test_a_setting_is_told_once_and_without_the_types_that_it_may_have(project: OwnProject, capsys: pytest.CaptureFixture[str]) -> None:
    attributes = {**yaml.safe_load(GOOD)["attributes"], "schedule": {"cron": "0 3 * * *", "timezone": "Europe/Berln"}, "tags": {"year": 2026}}
    project.write_yaml("odd", yaml.safe_dump({"type": "dataflow_assets.component.PipelineComponent", "attributes": attributes}))
    lines = [line.partition(" at ") for line in told(project, capsys).splitlines() if " at " in line]
    assert sorted(place for place, _, _ in lines) == ["attributes.schedule.timezone", "attributes.tags.year"]
