"""Partitions by time: which paths tell them apart, where weeks begin, and the hour that comes twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dataflow_assets.partitions import PartitionSettings, TimePartitions, partitions_of
from operators.tables.errors import ParameterError
from resources.sources import SourceSettings
from tests.dataflow_assets.sharded_pipelines import write_shard


def by(unit: str, path: str | Path, start: str = "2026-01-01", timezone: str = "UTC") -> TimePartitions:
    given = PartitionSettings(source="documents", by=unit, start=start, timezone=timezone)  # type: ignore[arg-type]
    made = partitions_of("pages", given, {"documents": SourceSettings(path=str(path))})
    assert isinstance(made, TimePartitions)
    return made


@pytest.mark.parametrize(
    ("unit", "path", "said"),
    [
        ("day", "data/%Y-%m-%d-%H.jsonl", "names a part of one"),
        ("day", "data/%Y/%m/%d/%H%M/*.jsonl", "names a part of one"),
        ("hour", "data/%Y-%m-%d-%H%M.jsonl", "names a part of one"),
        ("month", "data/%Y-%m-%d.jsonl", "names a part of one"),
        ("month", "data/%Y-%m-W%V.jsonl", "names a part of one"),
        ("week", "data/%Y-%m-%d-%H.jsonl", "names a part of one"),
        ("day", "data/%d.jsonl", "is the same for 2026-01-01 00:00 and 2026-02-01 00:00"),
        ("day", "data/%m-%d.jsonl", "is the same for 2026-01-01 00:00 and 2027-01-01 00:00"),
        ("day", "data/%A.jsonl", "is the same for"),
        ("day", "data/all.jsonl", "is the same for"),
        ("hour", "data/%Y-%m-%d.jsonl", "is the same for"),
        ("hour", "data/%m-%d-%H.jsonl", "is the same for"),
        ("hour", "data/%Y-%m-%d-%I.jsonl", "is the same for"),
        ("week", "data/W%V.jsonl", "is the same for"),
        ("week", "data/%Y-%m.jsonl", "is the same for"),
        ("month", "data/%b.jsonl", "is the same for"),
    ],
)
def test_a_path_that_names_less_or_more_than_the_partition_is_refused(unit: str, path: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        by(unit, path)


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        ("day", "data/%Y-%m-%d.jsonl"),
        ("day", "data/%Y/%m/%d/*.jsonl"),
        ("day", "data/%Y-%m-%d-*.jsonl"),
        ("day", "data/%Y-%j.jsonl"),
        ("day", "data/%y%m%d.jsonl"),
        ("day", "data/%Y/%B/%d %a.jsonl"),
        ("hour", "data/%Y-%m-%d/%H/*.jsonl"),
        ("hour", "data/%Y-%m-%d-%I%p.jsonl"),
        ("hour", "data/%Y-%m-%d-%H%z.jsonl"),
        ("week", "data/%G-W%V/*.jsonl"),
        ("week", "data/%Y-%m-%d.jsonl"),
        ("month", "data/%Y-%m.jsonl"),
        ("month", "data/%Y/%b/**/*.jsonl"),
        ("month", "data/%Y-%m-01.jsonl"),
    ],
)
def test_a_path_that_names_each_partition_once_is_taken(unit: str, path: str) -> None:
    assert by(unit, path).settings.path == path


@pytest.mark.parametrize(("start", "weekday"), [("2026-01-04", "Sunday"), ("2026-01-05", "Monday"), ("2026-01-01", "Thursday")])
def test_a_week_begins_on_the_day_of_the_week_of_start(start: str, weekday: str) -> None:
    keys = by("week", "data/%Y-%m-%d.jsonl", start).definition.get_partition_keys(current_time=datetime(2026, 3, 1))
    assert keys[0] == start
    assert {f"{datetime.fromisoformat(key):%A}" for key in keys} == {weekday}


@pytest.mark.parametrize("start", ["2026-01-05", "2026-01-04", "2026-01-01"])
def test_a_week_that_its_path_names_may_begin_on_any_day(tmp_path: Path, start: str) -> None:
    for week in ("2026-W01", "2026-W02", "2026-W03"):
        write_shard(tmp_path / week, "some", "text")
    weeks = by("week", tmp_path / "%G-W%V" / "*.jsonl", start)
    assert weeks.settings_of(start).path.startswith(str(tmp_path / "2026-W0"))


def test_a_week_whose_other_days_have_files_is_not_read_in_part(tmp_path: Path) -> None:
    weeks = by("week", tmp_path / "%Y-%m-%d.jsonl", "2026-01-05")
    write_shard(tmp_path, "2026-01-05", "one")
    write_shard(tmp_path, "2026-01-12", "two")
    assert weeks.settings_of("2026-01-05").path == str(tmp_path / "2026-01-05.jsonl")
    write_shard(tmp_path, "2026-01-07", "a day of the first week")
    with pytest.raises(ParameterError, match=r"2026-01-07\.jsonl: is of the week of"):
        weeks.settings_of("2026-01-05")
    assert weeks.settings_of("2026-01-12")


FIRST, AGAIN = "2025-10-26-02:00", "2025-10-26-02:00+0100"


def test_the_hour_that_comes_twice_is_read_once(tmp_path: Path) -> None:
    hours = by("hour", tmp_path / "%Y-%m-%d-%H.jsonl", "2025-10-26", "Europe/Berlin")
    for hour in ("01", "02", "03"):
        write_shard(tmp_path, f"2025-10-26-{hour}", "a text")
    assert list(hours.files()) == ["2025-10-26-01:00", FIRST, "2025-10-26-03:00"]
    assert hours.settings_of("2025-10-26-03:00").path.endswith("-03.jsonl")
    with pytest.raises(ParameterError, match="the clock was set back"):
        hours.settings_of(AGAIN)
    berlin = ZoneInfo("Europe/Berlin")
    assert hours.last_over(datetime(2025, 10, 26, 3, 0, tzinfo=berlin)) == [FIRST]
    assert hours.last_over(datetime(2025, 10, 26, 4, 0, tzinfo=berlin)) == ["2025-10-26-03:00"]


def test_both_hours_are_read_where_the_path_tells_them_apart(tmp_path: Path) -> None:
    hours = by("hour", tmp_path / "%Y-%m-%d-%H%z.jsonl", "2025-10-26", "Europe/Berlin")
    for hour in ("02+0200", "02+0100"):
        write_shard(tmp_path, f"2025-10-26-{hour}", "a text")
    assert list(hours.files()) == [FIRST, AGAIN]
    assert hours.settings_of(AGAIN).path.endswith("-02+0100.jsonl")
