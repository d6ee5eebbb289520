"""What deployments have for themselves: Dagster wants each asset, job, schedule, sensor and resource once, and a file is written by one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from dataflow_assets.written_files import written_by
from operators.tables.errors import Problem
from sensors.new_shards import PARTITIONS


@dataclass(frozen=True)
class Claim:
    """`kind` is "asset", "job", "schedule or sensor" (which Dagster keeps apart by name alone), "resource", "set of partitions" or "file"."""

    kind: str
    name: str

    def taken(self, file: str) -> Problem:
        """By what is in `file`."""
        if self.kind == "asset":
            what = f'"{self.name.partition("/")[0]}" is deployed already: its asset {self.name} is in {file}'
        elif self.kind == "file":
            return Problem(f"export: {self.name} is written already, as {file} says", suggestion="write to another file")
        else:
            what = f'there is a {self.kind} "{self.name}" already, in {file}, and this deployment would have one of the same name'
        how = "give one of them a `name:` of its own under attributes; keys, job and folder in the warehouse follow it"
        return Problem(what, suggestion=how)


def claims_of(defs: dg.Definitions) -> Iterator[tuple[Claim, Any]]:
    """Each with the object that has it: one object that stands in two places is no clash."""
    for asset in defs.assets or ():
        if isinstance(asset, dg.AssetsDefinition):
            yield from ((Claim("asset", key.to_user_string()), key) for key in asset.keys)
            yield from ((Claim("file", os.path.realpath(path) if "://" not in path else path), path) for path in written_by(asset))
    yield from ((Claim("job", job.name), job) for job in defs.jobs or ())
    yield from ((Claim("schedule or sensor", one.name), one) for one in (*(defs.schedules or ()), *(defs.sensors or ())))
    for sensor in defs.sensors or ():
        if PARTITIONS in sensor.metadata:
            yield Claim("set of partitions", str(sensor.metadata[PARTITIONS].value)), sensor
    yield from ((Claim("resource", name), resource) for name, resource in (defs.resources or {}).items())


def first_clash(defs: dg.Definitions, owned: Mapping[Claim, Any]) -> Claim | None:
    """The first claim that somebody else has (`owned`: claim -> object), or that is made twice."""
    own = dict(owned)
    for claim, by in claims_of(defs):
        if claim in own and (claim.kind in ("asset", "file") or own[claim] is not by):
            return claim
        own[claim] = by
    return None
