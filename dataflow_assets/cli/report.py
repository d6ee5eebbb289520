"""dataflow report: what the last run of a pipeline did, stage by stage, and where to look next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json, program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow_assets.cli.stored_stages import StoredStage

EXAMPLES = examples(
    "dataflow report web_text",
    "dataflow report web_text --html web_text.html",
    "dataflow report benchmark --markdown",
    "dataflow report web_text --json",
)


def report(
    pipeline: Annotated[str, typer.Argument(help="The name of a pipeline whose tables are in the warehouse.")],
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page that stands alone, with samples and scores.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Only the results of a benchmark, as Markdown.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what each stage of a pipeline did when its table was last made: rows, time, calls of language models and their tokens."""
    from dataflow_assets.cli.stage_table import StageRow, stage_table
    from dataflow_assets.cli.stored_stages import StoredPipelines
    from dataflow_assets.showing.judged_by import judged_by_lines

    if html is not None:
        _write_page(html, pipeline, warehouse)
        return
    if markdown:
        _print_markdown(pipeline, warehouse)
        return
    with StoredPipelines.open(warehouse, only=pipeline) as stored:
        stages = [stage for stage in stored.pipelines[pipeline] if stage.is_of_the_pipeline]
        others = [stage for stage in stored.pipelines[pipeline] if not stage.is_of_the_pipeline]
        if not stages:
            raise fail(
                f"{stored.root} has tables under the name {pipeline}, but no run of a pipeline made one: {', '.join(one.name for one in others)}."
            )
        if json:
            print_json([{"stage": stage.name, **stage.facts} for stage in stages])
            return
        console = output()
        console.print(stage_table(StageRow.of(stage.name, stage.facts) for stage in stages))
        for line in _summary(stages):
            console.print(line, markup=False)
        if others:
            named = ", ".join(f"{stage.name} ({stage.facts['rows']:,} rows)" for stage in others)
            console.print(f"beside the pipeline, and in none of its numbers: {named}", markup=False)
        for line in dict.fromkeys(line for stage in stages for line in judged_by_lines(stage.facts)):
            console.print(f"judged by {line}", style="yellow", markup=False)
        console.print("\nwhere to go next", style="bold")
        for command, what in _next_steps(pipeline, stages, warehouse):
            console.print(f"  {command}    ", end="", markup=False, soft_wrap=True)
            console.print(what, style="dim", markup=False, soft_wrap=True)


def _write_page(file: Path, pipeline: str, warehouse: str | None) -> None:
    from dataflow_assets.cli.stored_stages import open_warehouse
    from dataflow_assets.running.stored_pipeline import stored_tables
    from dataflow_assets.showing.page import pipeline_page
    from dataflow_assets.showing.report_files import is_report
    from operators.tables.files.errors import explained
    from operators.tables.files.streams import atomic_file

    if file.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"--html takes the name of a page, such as {pipeline}.html, not {file}")
    if file.is_file() and not is_report(file):
        raise fail(f"{file}: no report wrote it, and this one would replace it. Name another file.")
    page = pipeline_page(pipeline, stored_tables(open_warehouse(warehouse), pipeline))
    with explained(file, "written"):
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(str(file), overwrite=True) as written:
            written.write(page.encode())
    output().print(f"{file} ({len(page) / 1000:,.0f} KB)", markup=False)


def _print_markdown(pipeline: str, warehouse: str | None) -> None:
    from dataflow_assets.cli.stored_stages import open_warehouse
    from dataflow_assets.running.stored_pipeline import stored_tables
    from dataflow_assets.showing.benchmark import benchmark_markdown, is_benchmark

    results = [table for table in stored_tables(open_warehouse(warehouse), pipeline) if is_benchmark(table.rows.schema)]
    if not results:
        raise fail(f"{pipeline} has no table of a benchmark, as BenchmarkSummary makes it: `dataflow report {pipeline}` shows what it has")
    for table in results:
        print(benchmark_markdown(table.rows.read().to_pylist()))


def _summary(stages: Sequence[StoredStage]) -> list[str]:
    reasons: dict[str, int] = {}
    for stage in stages:
        for name, count in (stage.facts.get("rejected_by") or {}).items():
            reasons[name] = reasons.get(name, 0) + count
    most = sorted(reasons.items(), key=lambda item: -item[1])[:5]
    read = sum(stage.facts["rows"] for stage in stages if not stage.inputs)
    last = _last(stages)
    lines = [f"{last.facts['rows']:,} rows in {last.pipeline}.{last.name}, made from {read:,}"]
    lines += [f"most rows were dropped by {', '.join(f'{name} ({count:,})' for name, count in most)}"] if most else []
    costs = [stage.facts["cost_usd"] for stage in stages if stage.facts.get("cost_usd") is not None]
    return [*lines, *([f"cost {sum(costs):,.4f} USD"] if costs else [])]


def _last(stages: Sequence[StoredStage]) -> StoredStage:
    """The stage whose table no other reads; of several, the last."""
    read = {parent for stage in stages for parent in stage.inputs}
    return [stage for stage in stages if stage.name not in read][-1]


def _next_steps(pipeline: str, stages: Sequence[StoredStage], warehouse: str | None) -> list[tuple[str, str]]:
    option = f" --warehouse {warehouse}" if warehouse else ""
    dataflow = program()
    last = _last(stages)
    steps = [(f"{dataflow} sql 'from {pipeline}.{last.name} limit 10'{option}", "look at the result")]
    dropped = next((row_id for stage in stages if (row_id := stage.first_rejected_id())), None)
    if dropped:
        steps.append((f"{dataflow} trace {dropped}{option}", "the story of a row that was dropped"))
    if Path("workspace.yaml").exists():
        steps.append(("make ui", "lineage, checks and history in the browser"))
    return steps
