"""The page: funnel, reasons, scores, costs, samples, lineage, and the versions of code and models."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from importlib import metadata

from dataflow_assets.running.stored_pipeline import StoredTable, results_of
from dataflow_assets.showing.benchmark import columns_of, intervals_svg, is_benchmark, lines_of, said_of
from dataflow_assets.showing.judged_by import models_of
from dataflow_assets.showing.page.graph import funnel_svg, graph_svg
from dataflow_assets.showing.page.html import number, table, tag, text
from dataflow_assets.showing.page.stage import stage_section

PACKAGES = ("dataflow-dagster", "dagster", "duckdb", "pyarrow", "pandas", "numba")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd } h3 small { color: #777; font-weight: 400; margin-left: .6rem }
table { border-collapse: collapse; margin: .6rem 0; font-size: 13px } th, td { border: 1px solid #ddd; padding: .25rem .5rem;
text-align: left; min-width: 4em;
vertical-align: top; overflow-wrap: anywhere } th { background: #f6f6f8 } .number { text-align: right; white-space: nowrap }
pre { background: #f6f6f8;
padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere } details { margin: .4rem 0 } summary { cursor: pointer; color: #4f43dd }
.caution { background: #fff4e0; border-left: 4px solid #e39b1b; padding: .5rem .8rem } .small { color: #777; font-size: 12px }
.wide { overflow-x: auto } ins { background: #d9f4df; text-decoration: none } del { background: #fbdcdc } figure { margin: .6rem 0 }
"""


def pipeline_page(pipeline: str, tables: Sequence[StoredTable]) -> str:
    """One HTML document of the tables of a pipeline, in order."""
    made = ", ".join(f"{table.facts['rows']:,} rows in {table.name}" for table in results_of(tables))
    read = sum(table.facts["rows"] for table in tables if not table.inputs)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    by_name = {table.name: table for table in tables}
    body = [
        tag("h1", escape(pipeline)),
        tag("p", escape(f"{made}, made from {read:,}. Written {now}.")),
        *(tag("p", escape(line), class_="caution") for line in cautions(tables)),
        *(_benchmark(table) for table in tables if is_benchmark(table.rows.schema)),
        tag("h2", "How many rows went on"),
        funnel_svg([(table.name, table.facts["rows"]) for table in tables]),
        tag("h2", "How the stages hang together"),
        tag("div", _graph(tables), class_="wide"),
        tag("h2", "What dropped rows"),
        _reasons(tables),
        tag("h2", "What it cost"),
        _costs(tables),
        tag("h2", "Columns"),
        *(_columns(table) for table in results_of(tables)),
        tag("h2", "Stage by stage"),
        *(stage_section(table, by_name) for table in tables),
        tag("h2", "Versions"),
        _versions(tables),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(pipeline)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>\n'


def _benchmark(made: StoredTable) -> str:
    """The results of a benchmark."""
    rows = made.rows.read().to_pylist()
    columns = columns_of(rows)
    lines = table(columns, [[text(value) for value in line] for line in lines_of(rows)], right=columns[1:])
    said = [tag("p", escape(line)) for line in said_of(rows)]
    return "".join([tag("h2", "Results of the benchmark"), *said, tag("div", intervals_svg(rows), class_="wide"), lines])


def cautions(tables: Sequence[StoredTable]) -> list[str]:
    """What has to be known of the models that judged or wrote what is in the tables."""
    found = {model: caution for table in tables for model, caution in models_of(table.facts).items() if caution}
    return [f"Judged or written by {model}: {caution}" for model, caution in found.items()]


def _graph(tables: Sequence[StoredTable]) -> str:
    inputs = {table.name: table.inputs for table in tables}
    return graph_svg(inputs, {table.name: table.kind for table in tables}, {table.name: table.facts["rows"] for table in tables})


def _reasons(tables: Sequence[StoredTable]) -> str:
    counts: Counter[tuple[str, str]] = Counter()
    for one in tables:
        counts.update({(one.name, name): count for name, count in (one.facts.get("rejected_by") or {}).items()})
        if failed := one.facts.get("rows_failed"):
            counts[one.name, "failed"] += failed
    rows = [[escape(stage), text(name, 200), number(count)] for (stage, name), count in counts.most_common(40)]
    return table(["stage", "rule", "rows"], rows, right=["rows"]) if rows else tag("p", "nothing")


def _costs(tables: Sequence[StoredTable]) -> str:
    rows = []
    for one in tables:
        facts = one.facts
        cost = facts.get("cost_usd")
        usage = [facts.get(key) if one.facts.get("usage") else None for key in ("llm_calls", "llm_cached", "tokens_in", "tokens_out")]
        rows.append([escape(one.name), number(facts.get("seconds")), *map(number, usage), "–" if cost is None else f"{cost:,.4f}"])
    columns = ["stage", "seconds", "calls", "cached", "tokens in", "tokens out", "USD"]
    return table(columns, rows, right=columns[1:])


def _columns(result: StoredTable) -> str:
    lineage = result.facts.get("lineage") or {}
    rows = [
        [escape(field.name), escape(str(field.type)), escape(", ".join(f"{parent}.{column}" for parent, column in lineage.get(field.name, ())))]
        for field in result.rows.schema
    ]
    return tag("p", tag("b", escape(result.name))) + table(["column", "type", "made of"], rows)


def _versions(tables: Sequence[StoredTable]) -> str:
    packages = [[name, metadata.version(name)] for name in PACKAGES if _installed(name)]
    rows = [
        [escape(one.name), escape(one.operator), escape(str(one.facts.get("fingerprint") or "–")), escape(str(one.facts["content_hash"])),
         escape(", ".join(models_of(one.facts)))]
        for one in tables
    ]  # fmt: skip
    stages = table(["stage", "operator", "code and parameters", "content", "models"], rows)
    return stages + table(["package", "version"], [["python", platform.python_version()], *packages])


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
