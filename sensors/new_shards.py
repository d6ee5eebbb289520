"""The files of a folder as partitions: a new file is a new one, a changed file runs its own again, one that is gone takes its own along."""

from __future__ import annotations

import glob
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dagster as dg

from sensors.new_data import files_state

PARTITIONS = "partitions"
"""Metadata of the sensor: the name of what it keeps."""

Files = Callable[[], Mapping[str, str]]
"""Gives partition -> file, of the files that are there now."""


def partitions_sensor(pipeline: str, partitions: dg.DynamicPartitionsDefinition, files: Files, seconds: int = 30) -> dg.SensorDefinition:
    """A sensor that keeps the partitions equal to the files and runs nothing. It is on from the start."""

    @dg.sensor(
        name=f"{pipeline}_partitions",
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        metadata={PARTITIONS: str(partitions.name)},
        description=f"Keeps the partitions of {pipeline} equal to the files of its source. Starts no run.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        there = files()
        if not there:  # rather a disk that is missing than a wish
            return dg.SkipReason("there is no file")
        requests = _partition_requests(context.instance, partitions, there)
        if not requests:
            return dg.SkipReason(f"all {len(there)} files are partitions")
        return dg.SensorResult(dynamic_partitions_requests=requests)

    return watch


def new_shards_sensor(
    pipeline: str, job: dg.UnresolvedAssetJobDefinition, partitions: dg.DynamicPartitionsDefinition, files: Files, seconds: int = 30
) -> dg.SensorDefinition:
    """A sensor that requests a run of `job` for each file that is new or changed, and of no other."""

    @dg.sensor(
        name=f"{pipeline}_new_data",
        job=job,
        minimum_interval_seconds=seconds,
        description=f"Runs {pipeline} for each file of its source that is new or changed.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        there = files()
        if not there:
            return dg.SkipReason("there is no file")
        before: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        now = {name: state for name, file in there.items() if (state := files_state([glob.escape(file)])) is not None}
        changed = {name: state for name, state in now.items() if before.get(name) != state}
        requests = _partition_requests(context.instance, partitions, there)
        if not changed and not requests:
            return dg.SkipReason("nothing changed")
        runs = [dg.RunRequest(run_key=f"{pipeline}:{name}:{state}", partition_key=name) for name, state in changed.items()]
        return dg.SensorResult(run_requests=runs, dynamic_partitions_requests=requests, cursor=json.dumps(now))

    return watch


@dataclass(frozen=True)
class PartitionChanges:
    """What a look at the files changed, and which partitions there are now, by name."""

    known: list[str]
    added: list[str]
    removed: list[str]


def apply_requests(sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> PartitionChanges:
    """Let a `partitions_sensor` look, and do what it asks for: what Dagster's daemon does, where none runs."""
    with dg.build_sensor_context(instance) as context:
        result = sensor(context)
    requests = (result.dynamic_partitions_requests or ()) if isinstance(result, dg.SensorResult) else ()
    added: list[str] = []
    removed: list[str] = []
    for request in requests:
        if isinstance(request, dg.AddDynamicPartitionsRequest):
            instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
            added += request.partition_keys
        else:
            for key in request.partition_keys:
                instance.delete_dynamic_partition(request.partitions_def_name, key)
            removed += request.partition_keys
    name = str(sensor.metadata[PARTITIONS].value)
    return PartitionChanges(sorted(instance.get_dynamic_partitions(name)), added, removed)


def _partition_requests(
    instance: dg.DagsterInstance, partitions: dg.DynamicPartitionsDefinition, there: Mapping[str, str]
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    known = set(instance.get_dynamic_partitions(str(partitions.name)))
    new, gone = [name for name in there if name not in known], sorted(known - set(there))
    return [*([partitions.build_add_request(new)] if new else []), *([partitions.build_delete_request(gone)] if gone else [])]
