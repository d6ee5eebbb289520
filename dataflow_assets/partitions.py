"""A source's files as Dagster partitions: one a file, so that each is materialized, retried and refreshed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import dagster as dg
from pydantic import BaseModel, ConfigDict, Field

from operators.tables.errors import ParameterError, Problem, closest
from resources.sources import SourceSettings, find_shards, shard_settings

SHARD = "{shard}"
"""In the path of an export: the name of the shard, for a file of each."""


class PartitionSettings(BaseModel):
    """Which source comes in shards, and what a shard is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="Name of the source: an argument of the pipeline's forward.")
    by: Literal["file"] = Field("file", description="What a shard is: a file of the folder or pattern that the source names.")


@dataclass(frozen=True)
class Partitions:
    """The shards of a deployed pipeline. They are dynamic partitions: Dagster keeps their names, a sensor or `dataflow partitions` adds them."""

    pipeline: str
    source: str
    settings: SourceSettings

    @property
    def definition(self) -> dg.DynamicPartitionsDefinition:
        return dg.DynamicPartitionsDefinition(name=f"{self.pipeline}_{self.source}")

    def files(self) -> dict[str, str]:
        """Shard -> its file, of those that are there now."""
        try:
            return find_shards(self.settings)
        except FileNotFoundError:
            return {}

    def known(self, instance: dg.DagsterInstance) -> list[str]:
        """The shards that Dagster knows, in the order in which they are gathered."""
        return sorted(instance.get_dynamic_partitions(f"{self.pipeline}_{self.source}"))

    def settings_of(self, shard: str) -> SourceSettings:
        """What reads one shard. Raises ParameterError when its file is gone."""
        return shard_settings(self.settings, shard)


def partitions_of(pipeline: str, given: PartitionSettings | None, sources: Mapping[str, SourceSettings]) -> Partitions | None:
    """Raises ParameterError for a source that is not there or is not files."""
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
    return Partitions(pipeline, given.source, settings)


def export_of_each(paths: Sequence[str], sharded: bool) -> bool:
    """Whether the files to export are those of each shard. Raises ParameterError where the paths do not agree, or there are no shards."""
    each = [SHARD in path for path in paths]
    if any(each) and not sharded:
        raise ParameterError([Problem(f"export: {paths[each.index(True)]}: the result is one table, not in shards", suggestion=f"leave out {SHARD}")])
    if any(each) and not all(each):
        raise ParameterError([Problem(f"export: either all paths have {SHARD}, for files of each shard, or none has")])
    return any(each)
