"""What a run did to one table, or to several partitions of it, as Dagster's events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from dataflow_assets.provenance import provenance_tags

CODE_VERSION = "dagster/code_version"


@dataclass(frozen=True)
class Made:
    """A table that was made, or one partition of it."""

    shard: str | None
    metadata: Mapping[str, Any]
    content_hash: str
    checks: Sequence[dg.AssetCheckResult]


def shards_of(context: dg.AssetExecutionContext, sharded: bool) -> Sequence[str | None]:
    """The partitions that this run makes: several in a backfill whose policy says so. [None] for a table without partitions."""
    return list(context.partition_keys) if sharded else [None]


def told(context: dg.AssetExecutionContext, made: Sequence[Made], code_version: str, read: Mapping[str, str] = {}) -> Iterator[Any]:
    """One materialization a partition, with its own metadata; the checks of all together.

    `code_version` is that of what really ran: where it differs from the asset's, Dagster shows the asset as stale. `read` are tags that say what was
    really read.
    """
    tags = {CODE_VERSION: code_version, **read}
    if len(made) == 1:
        yield dg.MaterializeResult(metadata=made[0].metadata, data_version=dg.DataVersion(made[0].content_hash), tags=tags)
        yield from made[0].checks
        return
    for one in made:
        context.add_asset_metadata(one.metadata, asset_key=context.asset_key, partition_key=one.shard)
    # Dagster keeps one data version for all partitions of a run
    together = hashlib.sha256("".join(one.content_hash for one in made).encode()).hexdigest()[:16]
    yield dg.MaterializeResult(data_version=dg.DataVersion(together), tags=tags)
    yield from _checks_together(made)


def told_in_part(
    context: dg.AssetExecutionContext, made: Sequence[Made], code_version: str, refused: Mapping[str | None, Sequence[dg.AssetCheckResult]]
) -> Iterator[dg.AssetCheckResult]:
    """Of a step that is about to fail: a materialization for each partition that was published, and the checks of all. `refused` is what was not."""
    for one in made:
        tags = provenance_tags(context, one.content_hash, code_version)
        context.log_event(dg.AssetMaterialization(context.asset_key, metadata=one.metadata, partition=one.shard, tags=tags))
    all_checks = [*made, *(Made(shard, {}, "", checks) for shard, checks in refused.items())]
    yield from all_checks[0].checks if len(all_checks) == 1 else _checks_together(all_checks)


def _checks_together(made: Sequence[Made]) -> Iterator[dg.AssetCheckResult]:
    """Passed where every partition passes; of one that does not, what is wrong there."""
    by_name: dict[str, list[tuple[str, dg.AssetCheckResult]]] = {}
    for one in made:
        for check in one.checks:
            by_name.setdefault(str(check.check_name), []).append((str(one.shard), check))
    for name, checks in by_name.items():
        shown = next(((shard, check) for shard, check in checks if not check.passed), checks[0])
        failing = [shard for shard, check in checks if not check.passed]
        metadata: dict[str, Any] = {**shown[1].metadata, "partitions": len(checks), "shown partition": shown[0]}
        metadata["failing partitions"] = ", ".join(failing) or "none"
        yield dg.AssetCheckResult(
            check_name=name, passed=not failing, severity=shown[1].severity, metadata=metadata, description=shown[1].description
        )
