"""Every parameter of every stage is run config; a run that changes one is marked, and an ordinary run later is stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from dataflow_assets.stage_config import changed_operator, config_schema
from operators.core import registry
from operators.core.sequential import Sequential, parts_of
from operators.text.messages.each_turn import EachTurn
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse
from tests.dataflow_assets.own_project import OwnProject
from tests.dataflow_assets.small_pipelines import definitions, documents

KEYS = {name: dg.AssetKey(["rated", name]) for name in ("documents", "clean", "long_enough")}


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    documents(tmp_path / "documents.jsonl", "one  two three", "four five", "short")
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def deployed(home: Path, **attributes: Any) -> dg.Definitions:
    return definitions(str(home / "documents.jsonl"), str(home / "warehouse"), **attributes)


def run(home: Path, instance: dg.DagsterInstance, stages: list[str], config: dict[str, Any] | None = None) -> dg.ExecuteInProcessResult:
    job = deployed(home).resolve_implicit_global_asset_job_def()
    keys = [KEYS[name] for name in stages]
    ops = {"ops": {f"rated__{stage}": {"config": given} for stage, given in (config or {}).items()}}
    return job.execute_in_process(instance=instance, asset_selection=keys, run_config=ops, raise_on_error=False)


def stale(home: Path, instance: dg.DagsterInstance, **attributes: Any) -> set[str]:
    resolver = CachingStaleStatusResolver(instance, deployed(home, **attributes).resolve_asset_graph(), LoadingContextForTest(instance))
    return {name for name, key in KEYS.items() if resolver.get_status(key) == StaleStatus.STALE}


def metadata_of(result: dg.ExecuteInProcessResult, stage: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == KEYS[stage]]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_every_parameter_of_every_operator_has_its_value_as_default_and_changing_none_changes_nothing() -> None:
    examples = list(registry.examples())
    assert len(examples) > 50
    for operator in examples:
        name = operator.name
        schema = config_schema(operator)
        parts = parts_of(operator)
        own = set(type(operator).model_fields) - {"columns", "checkpoint", *(["parts"] if parts else [])}
        assert set(schema) == own | {part.name for part in parts}, name
        defaults = {field: one.default_value for field, one in schema.items() if one.default_provided}
        changed, differences = changed_operator(operator, defaults)
        assert (changed.fingerprint(), differences) == (operator.fingerprint(), ()), name


def test_a_prompt_keeps_what_is_not_changed_of_it() -> None:
    operator = EducationalValueEvaluator(prompt={"user": "Rate {{ text }}"})
    changed, (difference,) = changed_operator(operator, {"prompt": {"system": "You are strict.", "user": "Rate {{ text }}"}})
    assert isinstance(changed, EducationalValueEvaluator)
    assert (changed.prompt.system, changed.prompt.user) == ("You are strict.", "Rate {{ text }}")
    assert (difference.parameter, difference.value) == ("prompt.system", "You are strict.")


def test_what_if_is_one_field_and_a_later_ordinary_run_is_stale(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    assert run(tmp_path, instance, list(KEYS)).success
    assert stale(tmp_path, instance) == set()
    tried = run(tmp_path, instance, ["long_enough"], {"long_enough": {"min_words": 3}})
    assert tried.success
    shown = metadata_of(tried, "long_enough")
    assert shown["dagster/row_count"] == 1
    assert "| min_words | 2 | 3 |" in shown["changed in the launchpad"]
    assert stale(tmp_path, instance) == {"long_enough"}
    facts = Warehouse(tmp_path / "warehouse").table("rated", "long_enough").run_facts()
    plan = {name: node.code_version for name, node in ((name, deployed(tmp_path).resolve_asset_graph().get(key)) for name, key in KEYS.items())}
    assert facts["fingerprint"] != plan["long_enough"]
    # the same value in defs.yaml is the same code: then that table is up to date
    assert stale(tmp_path, instance, stages={"long_enough": {"min_words": 3}}) == set()
    again = run(tmp_path, instance, ["long_enough"])
    assert metadata_of(again, "long_enough")["dagster/row_count"] == 2
    assert "changed in the launchpad" not in metadata_of(again, "long_enough")
    assert stale(tmp_path, instance) == set()


def test_a_source_that_was_read_in_part_is_stale_too(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    assert run(tmp_path, instance, ["documents"], {"documents": {"limit": 1}}).success
    assert stale(tmp_path, instance) == {"documents"}
    assert run(tmp_path, instance, ["documents"]).success
    assert stale(tmp_path, instance) == set()


def test_a_part_of_a_sequential_is_set_below_its_name_and_a_wrong_value_is_told(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    assert run(tmp_path, instance, ["documents", "clean"], {"clean": {"NormalizeSpaces": {"join_lines": True}}}).success
    assert stale(tmp_path, instance) == {"clean"}
    failed = run(tmp_path, instance, ["long_enough"], {"long_enough": {"min_words": -1}})
    error = next(event for event in failed.all_events if event.is_step_failure).step_failure_data
    assert error.user_failure_data is not None
    assert "min_words=-1 of WordCountFilter" in str(error.user_failure_data.description)
    assert "rated__long_enough" in str(error.user_failure_data.metadata["remedy"].value)


def test_a_filter_in_two_places_of_a_sequential_is_changed_only_where_a_value_is_given() -> None:
    twice = Sequential(WordCountFilter(min_words=1), WordCountFilter(min_words=5, max_words=9))
    schema = config_schema(twice)
    assert not any(field.default_provided for field in schema["WordCountFilter"].config_type.fields.values())
    changed, differences = changed_operator(twice, {"WordCountFilter": {"min_words": 3}})
    assert [part.model_dump()["min_words"] for part in changed.parts] == [3, 3]  # type: ignore[attr-defined]
    assert {one.parameter for one in differences} == {"WordCountFilter.min_words"}


def test_parts_of_what_is_done_to_each_turn_are_set_below_their_names_like_those_of_a_sequential() -> None:
    turns = EachTurn(WordCountFilter(min_words=1), roles=("assistant",))
    schema = config_schema(turns)
    assert schema["WordCountFilter"].config_type.fields["min_words"].default_value == 1
    assert schema["roles"].default_value == ["assistant"]
    changed, differences = changed_operator(turns, {"WordCountFilter": {"min_words": 3}, "roles": ["user"]})
    assert changed == EachTurn(WordCountFilter(min_words=3), roles=("user",))
    assert {one.parameter for one in differences} == {"WordCountFilter.min_words", "roles"}


def test_the_command_line_takes_the_same_config(tmp_path: Path) -> None:
    project = OwnProject(tmp_path)
    project.deploy("calm")
    (tmp_path / "what_if.yaml").write_text(yaml.safe_dump({"ops": {"calm_text__quality": {"config": {"min_words": 3}}}}))
    status, said = project.execute("calm_text", "-c", "what_if.yaml")
    assert status == 0, said
    assert project.rows("calm_text", "quality") == ["one two three"]
