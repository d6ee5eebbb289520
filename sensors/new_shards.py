"""The files of a folder as partitions: a new file is a new one, a changed file runs its own again, one that is gone takes its own along."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from sensors.file_states import state_of, states_when_read

PARTITIONS = "partitions"
"""Metadata of the sensor: the name of what it keeps."""

MOST_RUNS = 100
"""Runs that one look asks for: more would take Dagster's daemon longer than it allows a look."""

Files = Callable[[], Mapping[str, Sequence[str]]]
"""Gives partition -> its files, of those that are there now."""


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
    pipeline: str,
    job: dg.UnresolvedAssetJobDefinition,
    partitions: dg.PartitionsDefinition[str],
    files: Files,
    source: dg.AssetKey,
    settle_seconds: float,
    seconds: int = 30,
) -> dg.SensorDefinition:
    """A sensor that requests a run of `job` for each shard whose files are new or changed, and of no other.

    A shard's run waits until its files were seen twice with the same sizes and times of change, `settle_seconds` apart. Shards that a run has read
    already, whoever started it, are not new. At most `MOST_RUNS` are requested at once, the others with the next looks.
    """

    @dg.sensor(
        name=f"{pipeline}_new_data",
        job=job,
        minimum_interval_seconds=seconds,
        description=f"Runs {pipeline} for each shard of its source that is new or changed, and complete.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        there = files()
        if not there:
            return dg.SkipReason("there is no file")
        now = {name: state for name, paths in there.items() if (state := state_of(paths))}
        asked, seen = _remembered(context.cursor)
        changed = [name for name, state in now.items() if asked.get(name) != state]
        read = states_when_read(context.instance, source, changed) if changed else {}
        asked |= {name: now[name] for name in changed if read.get(name) == now[name]}
        waiting = [name for name in changed if asked.get(name) != now[name]]
        ready = [name for name in waiting if seen.get(name, ("", 0.0))[0] == now[name] and time.time() - seen[name][1] >= settle_seconds][:MOST_RUNS]
        asked = {name: state for name, state in asked.items() if name in now} | {name: now[name] for name in ready}
        # files may come back to a state that a run was asked for before
        runs = [dg.RunRequest(run_key=f"{pipeline}:{name}:{now[name]}:{seen[name][1]}", partition_key=name) for name in ready]
        seen = {name: seen[name] if seen.get(name, ("",))[0] == now[name] else (now[name], time.time()) for name in waiting if name not in ready}
        dynamic = partitions if isinstance(partitions, dg.DynamicPartitionsDefinition) else None
        requests = _partition_requests(context.instance, dynamic, there) if dynamic is not None else []
        cursor = _cursor(asked, seen)
        if not runs and not requests:
            context.update_cursor(cursor)
            return dg.SkipReason(f"{len(seen)} shards changed; they run when their files stay the same" if seen else "nothing changed")
        return dg.SensorResult(run_requests=runs, dynamic_partitions_requests=requests, cursor=cursor)

    return watch


def _remembered(cursor: str | None) -> tuple[dict[str, str], dict[str, tuple[str, float]]]:
    """Shard -> the state that a run was asked for; shard -> another state, and since when it was seen (seconds since the epoch)."""
    if not cursor:
        return {}, {}
    if cursor.startswith("{"):  # of earlier versions: the first of both
        return json.loads(cursor), {}
    asked, seen = json.loads(zlib.decompress(base64.b64decode(cursor)))
    return asked, {name: (state, since) for name, (state, since) in seen.items()}


def _cursor(asked: Mapping[str, str], seen: Mapping[str, tuple[str, float]]) -> str:
    """Packed, for Dagster stores one with every look: 5,000 shards are some 80 KB."""
    return base64.b64encode(zlib.compress(json.dumps([asked, seen]).encode())).decode()


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
    instance: dg.DagsterInstance, partitions: dg.DynamicPartitionsDefinition, there: Mapping[str, Sequence[str]]
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    known = set(instance.get_dynamic_partitions(str(partitions.name)))
    new, gone = [name for name in there if name not in known], sorted(known - set(there))
    return [*([partitions.build_add_request(new)] if new else []), *([partitions.build_delete_request(gone)] if gone else [])]
