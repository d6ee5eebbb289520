"""New data starts a run, once, when nobody writes it any more."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sensors.file_states import SOURCE_STATE, files_of, state_of
from sensors.new_data import new_data_sensor
from sensors.new_shards import MOST_RUNS, new_shards_sensor

SOURCE = dg.AssetKey(["demo", "documents"])
PARTITIONS = dg.DynamicPartitionsDefinition(name="demo_documents")


@dg.asset(key=SOURCE)
def read() -> None: ...


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


class Watched:
    """A sensor that is looked at again and again, as Dagster's daemon does, with its cursor."""

    def __init__(self, instance: dg.DagsterInstance, path: str, settle_seconds: float = 0.0) -> None:
        self.instance, self.path, self.cursor = instance, path, ""
        self.sensor = new_data_sensor("demo", dg.define_asset_job("demo", selection=[read]), {SOURCE: path}, settle_seconds)

    def look(self) -> str | None:
        """The key of the run that it asks for, if it does."""
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        result = self.sensor(context)
        self.cursor = context.cursor or ""
        return result.run_key if isinstance(result, dg.RunRequest) else None

    def was_read(self, partition: str | None = None) -> None:
        """A run has read the files, whoever started it."""
        state = state_of(files_of(self.path))
        self.instance.report_runless_asset_event(dg.AssetMaterialization(SOURCE, metadata={SOURCE_STATE: state}, partition=partition))


def test_a_run_is_requested_once_when_files_appear_change_or_go(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    watched = Watched(instance, str(tmp_path / "*.jsonl"))
    assert watched.look() is None
    keys = []
    for change in ("a", "changed"):
        (tmp_path / "a.jsonl").write_text(json.dumps({"text": change}) + "\n")
        assert watched.look() is None, "seen once: somebody may still be writing"
        keys.append(watched.look())
        assert watched.look() is None
    assert len(set(keys)) == 2
    assert None not in keys
    (tmp_path / "a.jsonl").unlink()
    assert watched.look() is None


def put(file: Path, text: str, second: int) -> None:
    """As `cp -p` or rsync do: with the time that the file had."""
    file.write_text(text)
    os.utime(file, (second, second))


def test_a_file_that_is_put_back_starts_a_run_of_its_own(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    watched, keys = Watched(instance, str(tmp_path / "*.jsonl")), []
    for second in (1, 2, 1):
        put(tmp_path / "a.jsonl", f'{{"text": "{second}"}}\n', second)
        assert watched.look() is None
        keys.append(watched.look())
        watched.was_read()
    assert None not in keys
    assert len(set(keys)) == 3, "Dagster starts no second run of one key"


def test_a_run_that_says_nothing_of_the_files_has_not_read_them(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    watched = Watched(instance, str(tmp_path / "*.jsonl"))
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n')
    what_if = dg.AssetMaterialization(SOURCE)
    instance.report_runless_asset_event(what_if)
    assert watched.look() is None
    assert watched.look() is not None
    watched.was_read()
    instance.report_runless_asset_event(what_if)
    after = Watched(instance, str(tmp_path / "*.jsonl"))
    assert [after.look() for _ in range(3)] == [None] * 3, "they were read before the what-if, and did not change"


def test_a_file_that_grows_is_not_read_before_it_has_settled(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    watched = Watched(instance, str(tmp_path / "*.jsonl"))
    with (tmp_path / "a.jsonl").open("w") as file:
        for number in range(5):
            file.write(json.dumps({"text": number}) + "\n")
            file.flush()
            assert watched.look() is None
    assert watched.look() is not None


def test_settling_takes_the_time_that_it_is_given(tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, now = Watched(instance, str(tmp_path), settle_seconds=10), time.time()
    (tmp_path / "a.jsonl").write_text("{}\n")
    asked = []
    for seconds in (0, 5, 9, 11):
        monkeypatch.setattr(time, "time", lambda at=now + seconds: at)
        asked.append(watched.look() is not None)
    assert asked == [False, False, False, True]


@pytest.mark.parametrize("name", ["b.jsonl.part", "b.jsonl.tmp", "b.jsonl.crdownload", ".b.jsonl.Xy3", "b.jsonl~", "_b.jsonl"])
def test_files_that_are_still_written_by_their_name_start_nothing_and_are_not_read(tmp_path: Path, instance: dg.DagsterInstance, name: str) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    watched = Watched(instance, str(tmp_path))
    watched.look()
    assert watched.look() is not None
    (tmp_path / name).write_text('{"text": "ha')
    assert [watched.look(), watched.look()] == [None, None]
    assert files_of(str(tmp_path)) == [str(tmp_path / "a.jsonl")]
    assert all(not file.endswith(("part", "tmp", "crdownload", "~")) for file in files_of(str(tmp_path / "*")))


def test_a_sensor_that_is_switched_on_does_not_run_what_was_read_already(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    watched = Watched(instance, str(tmp_path))
    watched.was_read()
    assert [watched.look(), watched.look(), watched.look()] == [None, None, None]
    (tmp_path / "b.jsonl").write_text("{}\n")
    watched.look()
    watched.was_read()  # by hand, before the sensor asked
    assert [watched.look(), watched.look()] == [None, None]


class WatchedShards:
    def __init__(self, instance: dg.DagsterInstance, files: dict[str, list[str]]) -> None:
        self.instance, self.files, self.cursor = instance, files, ""
        self.keys: list[str | None] = []
        job: Any = dg.define_asset_job("demo", selection=[read], partitions_def=PARTITIONS)
        self.sensor = new_shards_sensor("demo", job, PARTITIONS, lambda: self.files, SOURCE, settle_seconds=0.0)

    def look(self) -> list[str]:
        """The partitions for which it asks runs."""
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        result = self.sensor(context)
        if isinstance(result, dg.SkipReason):
            self.cursor = context.cursor or ""
            return []
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor or ""
        for request in result.dynamic_partitions_requests or ():
            assert isinstance(request, dg.AddDynamicPartitionsRequest)
            self.instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
        self.keys += [request.run_key for request in result.run_requests or ()]
        return [str(request.partition_key) for request in result.run_requests or ()]


def test_thousands_of_files_run_once_each_some_at_a_time(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    files = {f"pages-{number:05}": [str(tmp_path / f"pages-{number:05}.jsonl")] for number in range(3000)}
    for (path,) in files.values():
        Path(path).write_text("{}\n")
    watched = WatchedShards(instance, files)
    asked = []
    while some := watched.look() or (not asked and watched.look()):
        assert len(some) <= MOST_RUNS
        asked += some
    assert sorted(asked) == sorted(files)
    assert len(watched.cursor) < 100_000
    Path(files["pages-00007"][0]).write_text('{"text": "new"}\n')
    assert [watched.look(), watched.look(), watched.look()] == [[], ["pages-00007"], []]


def test_shards_that_were_read_do_not_run_when_the_sensor_is_switched_on(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    files = {name: [str(tmp_path / f"{name}.jsonl")] for name in ("a", "b", "c")}
    for (path,) in files.values():
        Path(path).write_text("{}\n")
    for name in ("a", "c"):
        metadata = {SOURCE_STATE: state_of(files[name])}
        instance.report_runless_asset_event(dg.AssetMaterialization(SOURCE, metadata=metadata, partition=name))
    watched = WatchedShards(instance, files)
    assert [watched.look(), watched.look(), watched.look()] == [[], ["b"], []]


def test_the_file_of_a_shard_that_is_put_back_starts_a_run_of_its_own(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    watched = WatchedShards(instance, {"a": [str(tmp_path / "a.jsonl")]})
    for second in (1, 2, 1):
        put(tmp_path / "a.jsonl", f'{{"text": "{second}"}}\n', second)
        assert [watched.look(), watched.look(), watched.look()] == [[], ["a"], []]
        metadata = {SOURCE_STATE: state_of(watched.files["a"])}
        instance.report_runless_asset_event(dg.AssetMaterialization(SOURCE, metadata=metadata, partition="a"))
    assert len(set(watched.keys)) == 3
