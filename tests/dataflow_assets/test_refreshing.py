"""Schedules with time zones, automation, freshness, partitions by time, several partitions a run: what defs.yaml says is what Dagster does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from dataflow_assets.component import PipelineComponent
from dataflow_assets.refreshing import automation_of, duration
from operators.tables.errors import ParameterError
from resources.warehouse import Warehouse
from tests.dataflow_assets.sharded_pipelines import EachText
from tests.dataflow_assets.sharded_pipelines import definitions as sharded_definitions
from tests.dataflow_assets.small_pipelines import definitions, documents

PIPELINE = f"{EachText.__module__}:EachText"


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def component(**attributes: Any) -> PipelineComponent:
    return PipelineComponent.resolve_from_dict({"pipeline": "web_text", "source": "installed_documentation", **attributes})


def test_a_schedule_means_the_time_zone_that_it_names() -> None:
    (schedule,) = component(schedule={"cron": "0 3 * * *", "timezone": "Europe/Berlin", "switched_on": True}).definitions().schedules or ()
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "Europe/Berlin")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    (plain,) = component(schedule="0 3 * * *").definitions().schedules or ()
    assert (plain.execution_timezone, plain.default_status) == ("UTC", dg.DefaultScheduleStatus.STOPPED)  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match=r'did you mean "Europe/Berlin"'):
        component(schedule={"cron": "0 3 * * *", "timezone": "Europe/Berlim"})


def test_freshness_is_of_the_results_alone() -> None:
    defs = component(freshness={"within": "36 hours", "warn_after": "1 day"}, export=["out.jsonl"]).definitions()
    policies = {spec.key.path[1]: spec.freshness_policy for asset in defs.assets or () for spec in asset.specs}  # type: ignore[union-attr]
    assert {name for name, policy in policies.items() if policy is not None} == {"worthwhile", "export"}
    assert policies["export"] == dg.FreshnessPolicy.time_window(timedelta(hours=36), timedelta(days=1))
    with pytest.raises(ValidationError, match="is no duration"):
        component(freshness={"within": "soon"})
    with pytest.raises(ValidationError, match="either `within`"):
        component(freshness={"within": "1 day", "deadline": "0 9 * * *"})
    with pytest.raises(ValidationError, match=r'deadline: "0 9 \* \*" is no cron expression'):
        component(freshness={"deadline": "0 9 * *"})
    with pytest.raises(ValidationError, match="lead: 48 hours is longer than from one deadline to the next"):
        component(freshness={"deadline": "0 9 * * *", "lead": "48 hours"})


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"watch": True}, "watch: no source is files"),
        ({"name": "temp"}, 'name: "temp" cannot name a deployment'),
        ({"source": {"path": "pages.jsonl", "limt": 3}}, 'source: a source has no setting "limt"\n(.|\n)*did you mean "limit"'),
        ({"source": {"path": "pages.jsonl", "limit": 0}}, "source.limit: Input should be greater"),
        ({"source": ""}, "source: a source is either a path or a built_in"),
    ],
)
def test_settings_that_come_to_nothing_are_told_by_their_names(attributes: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        component(**attributes).deployment()


@pytest.mark.parametrize(("text", "minutes"), [("90m", 90), ("36 hours", 2160), ("2 days", 2880), ("1.5h", 90), ("1 week", 10080)])
def test_durations_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert duration(text) == timedelta(minutes=minutes)


def test_names_of_automation_are_those_that_are_documented() -> None:
    assert automation_of("eager") == ("eager",)
    assert automation_of(["on_missing", "eager"]) == ("eager", "on_missing")
    assert automation_of(False) == automation_of("off") == ()
    assert automation_of(True) == ("eager", "on_code_change")
    with pytest.raises(ParameterError, match=r'did you mean "on_missing"'):
        automation_of("on_mising")


class Deployed:
    """A deployment whose automation is looked at as Dagster's daemon does."""

    def __init__(self, home: Path, instance: dg.DagsterInstance) -> None:
        self.home, self.instance, self.cursor = home, instance, None

    def defs(self, **attributes: Any) -> dg.Definitions:
        return definitions(str(self.home / "documents.jsonl"), str(self.home / "warehouse"), **attributes)

    def run(self, *stages: str) -> None:
        job = self.defs().resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(instance=self.instance, asset_selection=[dg.AssetKey(["rated", name]) for name in stages]).success

    def asked(self, **attributes: Any) -> set[str]:
        """The stages that are to be made again, of the first three."""
        result = dg.evaluate_automation_conditions(defs=self.defs(**attributes), instance=self.instance, cursor=self.cursor)
        self.cursor = result.cursor  # type: ignore[assignment]
        return {name for name in ("clean", "long_enough") if result.get_num_requested(dg.AssetKey(["rated", name]))}


def test_each_automation_asks_when_it_says(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    documents(tmp_path / "documents.jsonl", "one  two", "three four")
    missing = Deployed(tmp_path, instance)
    assert missing.asked(automation="on_missing") == set(), "nothing can be made before the source was read"
    missing.run("documents")
    assert missing.asked(automation="on_missing") == {"clean", "long_enough"}
    missing.run("clean", "long_enough")
    assert missing.asked(automation="on_missing") == set()

    code = Deployed(tmp_path, instance)
    assert code.asked(automation="on_code_change") == set()
    assert code.asked(automation="on_code_change", stages={"long_enough": {"min_words": 1}}) == {"long_enough"}
    assert code.asked(automation="on_code_change", stages={"long_enough": {"min_words": 1}}) == set()

    eager = Deployed(tmp_path, instance)
    assert eager.asked(automation="eager") == set()
    eager.run("documents")
    assert eager.asked(automation="eager") == {"clean", "long_enough"}


def test_automation_is_on_from_the_start(tmp_path: Path) -> None:
    documents(tmp_path / "documents.jsonl", "one two")
    on = definitions(str(tmp_path / "documents.jsonl"), str(tmp_path), automation="eager")
    (sensor,) = [sensor for sensor in on.sensors or () if isinstance(sensor, dg.AutomationConditionSensorDefinition)]
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    off = definitions(str(tmp_path / "documents.jsonl"), str(tmp_path), automation="off")
    assert not [sensor for sensor in off.sensors or () if isinstance(sensor, dg.AutomationConditionSensorDefinition)]


def daily(home: Path, **partitions: Any) -> dg.Definitions:
    given = {"source": "documents", "by": "day", "start": "2026-01-01", **partitions}
    return sharded_definitions(str(home / "data" / "%Y-%m-%d" / "*.jsonl"), str(home / "warehouse"), pipeline=EachText, partitions=given)


def write_day(home: Path, day: str, *texts: str) -> None:
    (home / "data" / day).mkdir(parents=True, exist_ok=True)
    (home / "data" / day / "part.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


def test_each_day_is_a_partition_that_reads_its_own_files(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    write_day(tmp_path, "2026-01-01", "one two", "three four")
    write_day(tmp_path, "2026-01-03", "five six")
    job = daily(tmp_path).resolve_job_def("each_text")
    for day in ("2026-01-01", "2026-01-03"):
        assert job.execute_in_process(instance=instance, partition_key=day).success
    warehouse = Warehouse(tmp_path / "warehouse")
    assert warehouse.table("each_text", "clean", "2026-01-01").count_rows() == 2
    assert warehouse.table("each_text", "clean", "2026-01-03").count_rows() == 1
    failed = job.execute_in_process(instance=instance, partition_key="2026-01-02", raise_on_error=False)
    told = next(event for event in failed.all_events if event.is_step_failure).step_failure_data.user_failure_data
    assert told is not None
    assert "no file of the partition 2026-01-02 is there" in str(told.description)


def test_the_schedule_of_partitions_by_time_runs_the_last_that_is_over(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    given = {"source": "documents", "by": "day", "start": "2026-01-01", "timezone": "Europe/Berlin"}
    schedule = {"cron": "0 3 * * *", "timezone": "Europe/Berlin"}
    defs = sharded_definitions(str(tmp_path / "%Y-%m-%d.jsonl"), str(tmp_path), pipeline=EachText, partitions=given, schedule=schedule)
    at = datetime(2026, 2, 10, 2, tzinfo=UTC)  # 3 o'clock in Berlin
    context = dg.build_schedule_context(instance, repository_def=defs.get_repository_def(), scheduled_execution_time=at)
    requests = defs.resolve_schedule_def("each_text_schedule").evaluate_tick(context).run_requests or ()
    assert [request.partition_key for request in requests] == ["2026-02-09"]


def test_a_path_without_the_time_in_it_is_refused(tmp_path: Path) -> None:
    given = {"source": "documents", "by": "day", "start": "2026-01-01"}
    with pytest.raises(ParameterError, match=r"(?s)the path .*all\.jsonl is the same.*%Y-%m-%d"):
        sharded_definitions(str(tmp_path / "all.jsonl"), str(tmp_path), pipeline=EachText, partitions=given)
    with pytest.raises(ValidationError, match="`start` is the first partition by time"):
        component(partitions={"source": "documents", "by": "day"})


def test_a_backfill_takes_several_partitions_a_run(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    days = [f"2026-01-0{day}" for day in range(1, 6)]
    for number, day in enumerate(days):
        write_day(tmp_path, day, *[f"text number {place}" for place in range(number + 1)])
    defs = daily(tmp_path, per_run=5)
    policies = {asset.backfill_policy for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition)}
    assert policies == {dg.BackfillPolicy.multi_run(5)}
    tags = {"dagster/asset_partition_range_start": days[0], "dagster/asset_partition_range_end": days[-1]}
    result = defs.resolve_job_def("each_text").execute_in_process(instance=instance, tags=tags)
    assert result.success
    made = {
        (event.asset_key.path[1], event.partition): event.materialization.metadata["dagster/row_count"].value
        for event in result.get_asset_materialization_events()
        if event.asset_key.path[1] == "clean"
    }
    assert made == {("clean", day): number + 1 for number, day in enumerate(days)}
    partitions = {check.metadata["partitions"].value for check in result.get_asset_check_evaluations() if check.asset_key.path[1] == "clean"}
    assert partitions == {5}
    for number, day in enumerate(days):
        assert Warehouse(tmp_path / "warehouse").table("each_text", "clean", day).count_rows() == number + 1
