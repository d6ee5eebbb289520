"""One stage on the page: what it did, with rows, scores, parameters and prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import pyarrow as pa

from dataflow_assets.running.stored_pipeline import StoredTable
from dataflow_assets.showing.histogram import Histogram
from dataflow_assets.showing.page.html import folded, number, table, tag, text
from dataflow_assets.showing.samples import changed_texts
from dataflow_assets.showing.word_diff import word_diff
from operators.tables.types import PARENT_IDS, ROW_ID

SAMPLES = 5
MOST_REASONS = 15


def stage_section(stage: StoredTable, tables: Mapping[str, StoredTable]) -> str:
    """`tables` are all of the pipeline, by name."""
    facts = stage.facts
    parts = [tag("h3", escape(stage.name), tag("small", escape(f"{stage.operator} · {stage.kind}")), id=f"stage-{stage.name}")]
    parts.append(tag("p", _summary(facts)))
    for title, key in (("rows rejected by", "rejected_by"), ("rows rewritten by", "changed_by"), ("rows failed with", "failures")):
        if counts := facts.get(key):
            shown = list(counts.items())[:MOST_REASONS]
            parts.append(table([title, "rows"], [[text(name, 200), number(count)] for name, count in shown], right=["rows"]))
    for name in _made_numbers(stage):
        histogram = Histogram.of(stage.rows.read([name]).column(name))
        parts.append(tag("figure", tag("figcaption", escape(name)), histogram.svg(), tag("p", escape(histogram.told()), class_="small")))
    parts += [folded("samples", _samples(stage)), *_changes(stage, tables)]
    if in_force := facts.get("in_force"):
        parts += [folded("parameters and prompts in force", "".join(_part(part) for part in in_force))]
    return tag("section", *parts)


def _summary(facts: Mapping[str, Any]) -> str:
    rows_in, rows_out = facts.get("rows_in"), facts.get("rows_out")
    share = f" ({rows_out / rows_in:.1%})" if rows_in and rows_out is not None and rows_in != rows_out else ""
    seconds = facts.get("seconds")
    said = [f"{number(rows_in)} rows in, {number(rows_out)} out{share}", f"{seconds:,.1f} s" if seconds is not None else ""]
    if facts.get("llm_calls") or facts.get("llm_cached"):
        tokens = (facts.get("tokens_in") or 0) + (facts.get("tokens_out") or 0)
        said.append(f"{number(facts.get('llm_calls'))} calls of a model, {number(facts.get('llm_cached'))} from the cache, {tokens:,} tokens")
    if facts.get("cost_usd") is not None:
        said.append(f"${facts['cost_usd']:,.4f}")
    said.append(f"version {facts.get('finished_at', '')[:19].replace('T', ' ')} UTC, code {facts.get('fingerprint') or '–'}")
    return escape("; ".join(part for part in said if part))


def _made_numbers(stage: StoredTable) -> list[str]:
    made = {column for part in stage.facts.get("in_force") or () for column in part["makes"].values()}
    if stage.kind == "refine":
        return []
    schema = stage.rows.schema
    return [name for name in schema.names if name in made and _is_number(schema.field(name).type)]


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_))


def _samples(stage: StoredTable) -> str:
    names = [name for name in stage.rows.schema.names if name not in (ROW_ID, PARENT_IDS)][:6]
    kept: list[dict[str, Any]] = (
        next((batch.to_pylist() for batch in stage.rows.batches([ROW_ID, *names], size=SAMPLES)), [])[:SAMPLES] if names else []
    )
    parts = [tag("h4", "rows that went on"), table(names, [[text(row[name]) for name in names] for row in kept])]
    rejected = stage.rejected
    if rejected.count_rows() and "rejected_reason" in rejected.schema.names:
        known = [name for name in names if name in rejected.schema.names][:3]
        aside: list[dict[str, Any]] = next((batch.to_pylist() for batch in rejected.batches(["rejected_reason", *known], size=SAMPLES)), [])[:SAMPLES]
        rows = [[text(row["rejected_reason"]), *(text(row[name]) for name in known)] for row in aside]
        parts += [tag("h4", "rows that were rejected, and why"), table(["reason", *known], rows)]
    return "".join(parts)


def _changes(stage: StoredTable, tables: Mapping[str, StoredTable]) -> list[str]:
    """Before and after of what refiners changed, word by word."""
    before = tables.get(stage.inputs[0]) if stage.inputs else None
    made = {column for part in stage.facts.get("in_force") or () for column in (*part["makes"].values(), *part["reads"].values())}
    if not stage.facts.get("changed_by") or before is None:
        return []
    schema = stage.rows.schema
    columns = [name for name in schema.names if name in made and pa.types.is_string(schema.field(name).type)]
    rows = [
        [text(row_id[:8]), text(column), word_diff(old, new, escape, lambda gone: tag("del", escape(gone)), lambda put: tag("ins", escape(put)))]
        for row_id, column, old, new in changed_texts(before.rows, stage.rows, columns)
    ]
    return [folded("before and after", table(["row", "column", "text"], rows))] if rows else []


def _part(part: Mapping[str, Any]) -> str:
    rows = [
        [escape(name), tag("code", text(json.dumps(value, ensure_ascii=False))), "" if name in part["defaults"] else "set"]
        for name, value in part["parameters"].items()
    ]
    parts = [tag("h4", escape(part["operator"])), table(["parameter", "value", ""], rows)]
    for name, prompt in part["prompts"].items():
        for role in ("system", "user"):
            parts.append(tag("p", tag("b", escape(f"{name}, {role}")), tag("pre", escape(prompt[role]))))
    return "".join(parts)
