"""What Dagster keeps of what a table was made from is what was really read, so that nothing stale is said to be fresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from operators import Handle, Pipeline
from operators.text.rules.whole_text import WordCountFilter
from tests.dataflow_assets.sharded_pipelines import definitions, write_shard

DAYS = [f"2026-01-0{day}" for day in range(1, 4)]


class Long(Pipeline):
    """Two filters."""

    def __init__(self, min_words: int = 2) -> None:
        self.some = WordCountFilter(min_words=1)
        self.long = WordCountFilter(min_words=min_words)

    def forward(self, documents: Handle) -> Handle:
        return self.long(self.some(documents))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


def stale(defs: dg.Definitions, instance: dg.DagsterInstance, *names: str, partition: str | None = None) -> list[str]:
    resolver = CachingStaleStatusResolver(instance, defs.resolve_asset_graph(), LoadingContextForTest(instance))
    return [name for name in names if resolver.get_status(dg.AssetKey(["long", name]), partition) == StaleStatus.STALE]


def test_of_partitions_that_a_failed_run_made_code_and_inputs_are_known(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    for day in DAYS:
        write_shard(tmp_path / "data", day, *(["one", "two", "three four"] if day == DAYS[1] else ["one two", "three four"]))

    def daily(**attributes: Any) -> dg.Definitions:
        by_day = {"source": "documents", "by": "day", "start": DAYS[0], "per_run": 3}
        source = str(tmp_path / "data" / "%Y-%m-%d.jsonl")
        return definitions(source, str(tmp_path / "warehouse"), Long, partitions=by_day, keep_rate={"long": [0.9, 1]}, **attributes)

    together = {"dagster/asset_partition_range_start": DAYS[0], "dagster/asset_partition_range_end": DAYS[-1]}
    job = daily().resolve_job_def("long")
    assert not job.execute_in_process(instance=instance, tags=together, raise_on_error=False).success
    assert [stale(daily(), instance, "some", "long", partition=day) for day in DAYS] == [[], [], []]
    changed = daily(parameters={"min_words": 1})
    assert [stale(changed, instance, "some", "long", partition=day) for day in DAYS] == [["long"], [], ["long"]]
    write_shard(tmp_path / "data", DAYS[0], "five six seven")
    above = [dg.AssetKey(["long", name]) for name in ("documents", "some")]
    assert job.execute_in_process(instance=instance, partition_key=DAYS[0], asset_selection=above).success
    assert [stale(daily(), instance, "some", "long", partition=day) for day in DAYS] == [["long"], [], []]


def test_what_was_made_of_a_table_that_dagster_did_not_make_is_stale(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    source, out = write_shard(tmp_path, "texts", "one", "two three", "four five"), tmp_path / "out.jsonl"
    defs = definitions(str(source), str(tmp_path / "warehouse"), Long, partitions=None, export=[str(out)])
    job = defs.resolve_job_def("long")
    names = ("documents", "some", "long", "export")
    assert job.execute_in_process(instance=instance).success
    assert stale(defs, instance, *names) == []
    Long().run(str(write_shard(tmp_path, "fewer", "two three")), warehouse=tmp_path / "warehouse")  # as another Dagster on the warehouse would
    for name in ("long", "export"):
        result = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["long", name])])
        assert result.success
    assert len(out.read_text().splitlines()) == 1
    assert "long" in stale(defs, instance, *names)
    assert job.execute_in_process(instance=instance).success
    assert stale(defs, instance, *names) == []
    assert len(out.read_text().splitlines()) == 2


def test_an_export_of_a_table_that_dagster_did_not_make_is_stale(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    source, out = write_shard(tmp_path, "texts", "one", "two three", "four five"), tmp_path / "out.jsonl"
    defs = definitions(str(source), str(tmp_path / "warehouse"), Long, partitions=None, export=[str(out)])
    job = defs.resolve_job_def("long")
    assert job.execute_in_process(instance=instance).success
    Long().run(str(write_shard(tmp_path, "fewer", "two three")), warehouse=tmp_path / "warehouse")
    assert job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["long", "export"])]).success
    assert stale(defs, instance, "documents", "some", "long", "export") == ["export"]
