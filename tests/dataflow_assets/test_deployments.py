"""Several deployments beside each other, one of them broken, by the commands that a user types."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click
import dagster as dg
import pytest
from pydantic import ValidationError

from dataflow_assets.broken_deployment import BrokenDeployment, broken_definitions
from dataflow_assets.component import PipelineComponent
from dataflow_assets.scaffolding import PipelineParams, PipelineScaffolder
from operators.tables.errors import Problem
from tests.dataflow_assets.own_project import OwnProject


@pytest.fixture
def project(tmp_path: Path) -> OwnProject:
    return OwnProject(tmp_path)


def test_a_pipeline_is_deployed_twice_under_two_names_and_groups(project: OwnProject) -> None:
    project.write_rows("pages", "six seven", "x")
    project.deploy("reviews", name="calm_reviews")
    file = project.deploy("pages", name="calm_pages", source="pages.jsonl", export=["out/pages.jsonl"])
    file.write_text(file.read_text() + 'post_processing:\n  assets:\n    - target: "*"\n      attributes: {group_name: marketing}\n')
    for name in ("calm_reviews", "calm_pages"):
        status, said = project.execute(name)
        assert status == 0, said
    assert project.rows("calm_reviews", "quality") == ["one two three", "four five"]
    assert project.rows("calm_pages", "quality") == ["six seven"], "the job has its assets, whatever group they are in"
    assert (project.folder / "out" / "pages.jsonl").is_file()


BROKEN = {
    "not YAML": "type: [",
    "no such component": "type: dataflow_assets.component.NoSuchComponent\n",
    "no such pipeline": "type: dataflow_assets.component.PipelineComponent\nattributes: {pipeline: web_txt, source: a.jsonl}\n",
    "no attribute": "type: dataflow_assets.component.PipelineComponent\nattributes: {pipeline: web_text, source: a.jsonl, schedul: '0 3 * * *'}\n",
    "a wrong stage": "type: dataflow_assets.component.PipelineComponent\n"
    "attributes: {pipeline: web_text, source: a.jsonl, stages: {qualty: {max_failed: 0.1}}}\n",
    "a wrong cron": "type: dataflow_assets.component.PipelineComponent\nattributes: {pipeline: web_text, source: a.jsonl, schedule: every day}\n",
}
SAID = {
    "no such pipeline": 'did you mean "web_text"?',
    "no attribute": 'there is no attribute "schedul". did you mean "schedule"?',
    "a wrong stage": 'did you mean "quality"?',
    "a wrong cron": "every day",
}


def test_broken_deployments_are_shown_as_failed_pipelines_and_the_others_run(project: OwnProject) -> None:
    project.deploy("a_first")
    project.deploy("b_second", source="other.jsonl")
    for number, text in enumerate(BROKEN.values()):
        project.write_yaml(f"broken_{number}", text)
    (project.package / "defs" / "own_assets.py").write_text("raise RuntimeError('a mistake of my own')\n")
    status, said = project.execute("calm_text")
    assert status == 0, said
    assert project.rows("calm_text", "quality") == ["one two three", "four five"]
    assert "own_project/defs/b_second/defs.yaml does not load" in said
    assert '"calm_text" is deployed already: its asset calm_text/' in said
    assert "is in own_project/defs/a_first/defs.yaml" in said
    assert "give one of them a `name:`" in said
    for number, name in enumerate(BROKEN):
        assert f"own_project/defs/broken_{number}/defs.yaml does not load" in said
        assert SAID.get(name, "") in said
    assert "a mistake of my own" in said

    status, said = project.execute("broken_3")
    assert status == 1
    assert 'there is no attribute "schedul". did you mean "schedule"?' in said.split("does_not_load", 1)[1]

    status, listed = project.run("dg", "list", "defs", "--json")
    assert status == 0, listed
    assert '"calm_text/quality"' in listed
    assert '"broken_0/does_not_load"' in listed

    status, said = project.run("dg", "check", "defs", "--no-check-yaml")
    assert status == 1, "a check is there to fail"
    assert 'did you mean "schedule"?' in said


def test_a_broken_deployment_is_run_once_for_each_error_so_that_it_is_seen_failed() -> None:
    def asked(problem: str) -> tuple[str | None, str]:
        definitions = broken_definitions(BrokenDeployment("mine", "defs/mine/defs.yaml", (Problem(problem),)), taken=())
        sensor = definitions.resolve_sensor_def("mine_does_not_load")
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
        with dg.instance_for_test() as instance, dg.build_sensor_context(instance=instance) as context:
            [request] = sensor.evaluate_tick(context).run_requests or ()
        return request.run_key, sensor.job_name or ""

    assert asked("no such stage") == asked("no such stage")
    assert asked("no such stage") != asked("no such column")
    assert asked("no such stage")[1] == "mine"


def test_dg_launches_checks_and_lists_and_scaffolds_what_loads(project: OwnProject) -> None:
    component = "dataflow_assets.component.PipelineComponent"
    pipeline = "own_project.calm_text:CalmText"
    status, said = project.run("dg", "scaffold", "defs", component, "scaffolded", "--pipeline", pipeline, "--source", "reviews.jsonl")
    assert status == 0, said
    status, said = project.run("dg", "launch", "--job", "calm_text")
    assert status == 0, said
    assert project.rows("calm_text", "quality") == ["one two three", "four five"]


def scaffold(folder: Path, **params: str) -> None:
    request: Any = dg.ScaffoldRequest(f"{PipelineComponent.__module__}.PipelineComponent", folder, "yaml", None, PipelineParams(**params))
    PipelineScaffolder().scaffold(request)


def test_the_scaffolder_writes_nothing_that_would_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(click.ClickException, match=r'did you mean "web_text"'):
        scaffold(tmp_path, pipeline="web_txt", source="a.jsonl")
    with pytest.raises(click.ClickException, match=r"--source is not given, and there is no terminal to ask in"):
        scaffold(tmp_path, pipeline="web_text")
    assert not list(tmp_path.glob("*"))


def test_every_attribute_is_described_and_an_unknown_one_is_refused_with_the_closest() -> None:
    model = PipelineComponent.get_model_cls()
    assert model is not None
    schema = model.model_json_schema()
    assert [name for name, field in schema["properties"].items() if not field.get("description")] == []
    assert schema["additionalProperties"] is False
    for wrong, right in {"schedul": "schedule", "sorce": "source", "owner": "owners", "parameter": "parameters"}.items():
        with pytest.raises(ValidationError, match=f'there is no attribute "{wrong}". did you mean "{right}"'):
            model.model_validate({"pipeline": "web_text", "source": "a.jsonl", wrong: "x"})
