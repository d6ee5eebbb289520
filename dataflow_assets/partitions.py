"""A source in shards as Dagster partitions: one a file, or one a stretch of time, so that each is materialized, retried and refreshed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

import dagster as dg
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dataflow_assets.partition_times import days_of_week, problem_of_path
from operators.tables.errors import ParameterError, Problem, closest
from operators.tables.files.paths import find_files
from resources.sources import SourceSettings, find_shards, shard_settings

SHARD = "{shard}"
"""In the path of an export: the name of the shard, for a file of each."""

_TIMES = {
    "hour": dg.HourlyPartitionsDefinition,
    "day": dg.DailyPartitionsDefinition,
    "week": dg.WeeklyPartitionsDefinition,
    "month": dg.MonthlyPartitionsDefinition,
}
_FORMATS = {"hour": "%Y-%m-%d-%H:%M", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m-%d"}


class PartitionSettings(BaseModel):
    """Which source comes in shards, and what a shard is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="Name of the source: an argument of the pipeline's forward.")
    by: Literal["file", "hour", "day", "week", "month"] = Field(
        "file", description="What a shard is: a file of the source, or the files of an hour, day, week or month, whose time stands in their path."
    )
    start: str | None = Field(
        None, description='The first partition by time: "2026-01-01", or "2026-01-01T06:00" for hours. A week begins on its day of the week.'
    )
    timezone: str = Field("UTC", description="Time zone of partitions by time, such as Europe/Berlin.")
    per_run: int = Field(1, description="Most partitions that one run of a backfill takes.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f'there is no time zone "{name}". {closest(name, available_timezones())}'.strip())
        return name

    @field_validator("start", mode="before")
    @classmethod
    def _date_as_text(cls, given: Any) -> Any:
        """YAML reads 2026-01-01 without quotes as a date."""
        return given.isoformat() if isinstance(given, date) else given

    @field_validator("start")
    @classmethod
    def _is_a_time(cls, given: str | None) -> str | None:
        if given is not None:
            datetime.fromisoformat(given)
        return given

    @field_validator("per_run")
    @classmethod
    def _at_least_one(cls, given: int) -> int:
        if given < 1:
            raise ValueError(f"per_run is {given}: a run takes one partition or more")
        return given

    @model_validator(mode="after")
    def _start_of_time(self) -> PartitionSettings:
        if (self.by == "file") != (self.start is None):
            raise ValueError("`start` is the first partition by time: give it with hour, day, week or month, and not with file")
        return self


@dataclass(frozen=True)
class FilePartitions:
    """The shards of a deployed pipeline. They are dynamic partitions: Dagster keeps their names, a sensor or `dataflow partitions` adds them."""

    pipeline: str
    source: str
    settings: SourceSettings
    per_run: int = 1

    @property
    def definition(self) -> dg.DynamicPartitionsDefinition:
        return dg.DynamicPartitionsDefinition(name=f"{self.pipeline}_{self.source}")

    def files(self) -> dict[str, list[str]]:
        """Shard -> its file, of those that are there now."""
        try:
            return {shard: [file] for shard, file in find_shards(self.settings).items()}
        except FileNotFoundError:
            return {}

    def known(self, instance: dg.DagsterInstance) -> list[str]:
        """The shards that Dagster knows, in the order in which they are gathered."""
        return sorted(instance.get_dynamic_partitions(f"{self.pipeline}_{self.source}"))

    def settings_of(self, shard: str) -> SourceSettings:
        """What reads one shard. Raises ParameterError when its file is gone."""
        return shard_settings(self.settings, shard)


@dataclass(frozen=True)
class TimePartitions:
    """Partitions by time: the path of the source has the time in it (`data/%Y-%m-%d/*.jsonl`), and a partition reads the files of its own."""

    pipeline: str
    source: str
    settings: SourceSettings
    by: str
    start: str
    timezone: str = "UTC"
    per_run: int = 1

    @property
    def definition(self) -> dg.TimeWindowPartitionsDefinition:
        start = datetime.fromisoformat(self.start)
        kind: Any = _TIMES[self.by]
        # a week begins on the day of the week of `start`; Dagster counts them from Sunday
        offset = {"day_offset": start.isoweekday() % 7} if self.by == "week" else {}
        made: dg.TimeWindowPartitionsDefinition = kind(
            start_date=start.strftime(_FORMATS[self.by]), timezone=self.timezone, fmt=_FORMATS[self.by], **offset
        )
        return made

    @property
    def first(self) -> str:
        """The first partition."""
        return self.definition.start.strftime(_FORMATS[self.by])

    def files(self) -> dict[str, list[str]]:
        """Partition -> its files, of those that are over and have files now."""
        return {shard: files for shard in self.definition.get_partition_keys() if (files := self._files(shard))}

    def known(self, _: dg.DagsterInstance) -> list[str]:
        """The partitions that are gathered: those that have files. A day without data is no gap."""
        return list(self.files())

    def last_over(self, at: datetime) -> list[str]:
        """The partition that was over last at this time; none before the first."""
        keys = [key for key in self.definition.get_partition_keys(current_time=at)[-2:] if not self._is_read_before(key)]
        return keys[-1:]

    def settings_of(self, shard: str) -> SourceSettings:
        """What reads one partition. Raises ParameterError where it has no file, or reads a part of a week only."""
        if self._is_read_before(shard):
            what = f"{self._path(shard)}: the clock was set back, and the partition before {shard} reads this file"
            raise ParameterError([Problem(what, suggestion="write %z into the path where both hours have files of their own")])
        if self.by == "week" and (others := [path for path in days_of_week(self._begin(shard), self.settings.path) if _found(path)]):
            what = f"{others[0]}: is of the week of {self._path(shard)}, and a partition by week reads the files of its first day alone"
            raise ParameterError([Problem(what, suggestion="take partitions by day, or name the week in the path: data/%G-W%V/*.jsonl")])
        if not self._files(shard):
            raise ParameterError([Problem(f"{self._path(shard)}: no file of the partition {shard} is there")])
        return self.settings.model_copy(update={"path": self._path(shard)})

    def _begin(self, shard: str) -> datetime:
        zone = ZoneInfo(self.timezone)
        try:
            return datetime.strptime(shard, _FORMATS[self.by]).replace(tzinfo=zone)
        except ValueError:  # the second of two hours of one name, when the clock is set back, has its offset behind it
            return datetime.strptime(shard, _FORMATS[self.by] + "%z").astimezone(zone)

    def _path(self, shard: str) -> str:
        return self._begin(shard).strftime(self.settings.path)

    def _is_read_before(self, shard: str) -> bool:
        """Whether it is the second of two hours of one name, and the path does not tell them apart: the first of them reads the file."""
        begin = self._begin(shard)
        return bool(begin.fold) and begin.replace(fold=0).strftime(self.settings.path) == begin.strftime(self.settings.path)

    def _files(self, shard: str) -> list[str]:
        return [] if self._is_read_before(shard) else _found(self._path(shard))


def _found(path: str) -> list[str]:
    try:
        return list(find_files(path))
    except FileNotFoundError:
        return []


Partitions: TypeAlias = FilePartitions | TimePartitions


def partitions_of(pipeline: str, given: PartitionSettings | None, sources: Mapping[str, SourceSettings]) -> Partitions | None:
    """Raises ParameterError for a source that is not there, is not files, or has not the time of a partition, and no finer one, in its path
    where partitions go by time.
    """
    if given is None:
        return None
    if given.source not in sources:
        listed = ("sources", ", ".join(sources))
        raise ParameterError(
            [Problem(f'partitions: {pipeline} has no source "{given.source}"', details=(listed,), suggestion=closest(given.source, sources))]
        )
    settings = sources[given.source]
    if not settings.path:
        raise ParameterError([Problem(f"partitions: the source {given.source} is {settings.built_in}, and only files come in shards")])
    if given.start is None:
        return FilePartitions(pipeline, given.source, settings, given.per_run)
    partitions = TimePartitions(pipeline, given.source, settings, given.by, given.start, given.timezone, given.per_run)
    if problem := problem_of_path(settings.path, given.by, datetime.fromisoformat(given.start)):
        raise ParameterError([problem])
    return partitions


def export_of_each(paths: Sequence[str], sharded: bool) -> bool:
    """Whether the files to export are those of each shard. Raises ParameterError where the paths do not agree, or there are no shards."""
    each = [SHARD in path for path in paths]
    if any(each) and not sharded:
        raise ParameterError([Problem(f"export: {paths[each.index(True)]}: the result is one table, not in shards", suggestion=f"leave out {SHARD}")])
    if any(each) and not all(each):
        raise ParameterError([Problem(f"export: either all paths have {SHARD}, for files of each shard, or none has")])
    return any(each)
