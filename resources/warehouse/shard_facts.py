"""What is known of the runs that made the shards of a table, put together as if one run had made them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

SUMS = (
    "rows_in",
    "rows_out",
    "rows_filtered",
    "rows_failed",
    "llm_calls",
    "llm_cached",
    "tokens_in",
    "tokens_out",
    "cost_usd",
    "seconds",
    "rows",
    "rejected_rows",
    "bytes",
)
COUNTS = ("rejected_by", "changed_by", "no_say", "failures", "totals", "scores")
USAGE_SUMS = ("calls", "cached", "failed", "retried", "hedged", "texts", "seconds", "prompt_tokens", "completion_tokens", "cost_usd")


def together(by_shard: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Numbers are added, times span all runs, and `shards` says how many there are; a fact that differs between shards is None."""
    facts = [by_shard[shard] for shard in sorted(by_shard)]
    result: dict[str, Any] = {key: _same([one.get(key) for one in facts]) for key in dict.fromkeys(key for one in facts for key in one)}
    for key in SUMS:
        known = [one[key] for one in facts if one.get(key) is not None]
        result[key] = sum(known) if known else None
    for key in COUNTS:
        result[key] = dict(sum((Counter(one.get(key) or {}) for one in facts), Counter()).most_common())
    result["other_tables"] = _other_tables([one.get("other_tables") or {} for one in facts])
    result["started_at"] = min(one["started_at"] for one in facts)
    result["finished_at"] = max(one["finished_at"] for one in facts)
    result["content_hash"] = hashlib.blake2b("\0".join(one["content_hash"] for one in facts).encode(), digest_size=16).hexdigest()
    result["inputs"] = _inputs(by_shard)
    result["models"] = sorted({model for one in facts for model in one.get("models") or ()})
    result["judged_by"] = {model: caution for one in facts for model, caution in (one.get("judged_by") or {}).items()}
    result["usage"] = _usage([one.get("usage") or {} for one in facts])
    return {**result, "shards": len(facts)}


def _same(values: Sequence[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else None


def _inputs(by_shard: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Table that was read -> shard -> version."""
    inputs: dict[str, dict[str, Any]] = {}
    for shard in sorted(by_shard):
        for parent, version in (by_shard[shard].get("inputs") or {}).items():
            inputs.setdefault(parent, {})[shard] = version
    return inputs


def _other_tables(by_run: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """By the name of the table: rows that came in, and of how many something came."""
    totals: dict[str, Counter[str]] = {}
    for run in by_run:
        for name, counted in run.items():
            totals.setdefault(name, Counter()).update(counted)
    return {name: dict(total) for name, total in totals.items()}


def _usage(by_run: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """By resource; counts and costs are added, latencies are left out."""
    usage: dict[str, dict[str, Any]] = {}
    for run in by_run:
        for resource, used in run.items():
            total = usage.setdefault(resource, dict.fromkeys(USAGE_SUMS))
            for key in USAGE_SUMS:
                if used.get(key) is not None:
                    total[key] = (total[key] or 0) + used[key]
    return usage
